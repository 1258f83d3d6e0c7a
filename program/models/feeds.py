"""The address at which somebody's own calendar program reads their two weeks."""

import secrets
from datetime import datetime, time
from typing import Self

from django.db import models

from accounts.models import User
from program.models.invitations import hashed


class CalendarFeedQuerySet(models.QuerySet["CalendarFeed"]):
    def owned_by(self, user: User) -> Self:
        return self.filter(user=user)

    def of_token(self, token: str) -> Self:
        return self.filter(token_hash=hashed(token), user__is_active=True)

    def open(self, user: User, *, at: time, shows_words: bool, now: datetime) -> str:
        """A new address, whose token is kept nowhere; the one before it finds nothing any more."""
        token = secrets.token_urlsafe(32)
        made = {"token_hash": hashed(token), "made_at": now, "at": at, "shows_words": shows_words}
        self.update_or_create(user=user, defaults=made)
        return token


class CalendarFeed(models.Model):
    """Off while there is none. Only the hash of its token is kept: the address is shown once."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="calendar_feed")
    token_hash = models.CharField(max_length=64, unique=True)
    # When the hour of practice begins, by the clock of the person.
    at = models.TimeField()
    # Whether it holds the goal and the lines of requests; whoever keeps the calendar reads them.
    shows_words = models.BooleanField(default=False)
    made_at = models.DateTimeField()

    objects = CalendarFeedQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Calendar of {self.user}"

    def change(self, *, at: time, shows_words: bool) -> None:
        """The address stays."""
        self.at, self.shows_words = at, shows_words
        self.save(update_fields=["at", "shows_words"])
