"""Accounts that nobody logs in to any more, and the letter that comes before they are deleted."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from accounts.models.users import User

# From the letter to the end of the account.
NOTICE = timedelta(hours=30 * 24)
# Whoever signs up confirms their address within so long, or it was not theirs.
UNCONFIRMED = timedelta(hours=7 * 24)


def unused_since(instant: datetime) -> "models.QuerySet[User]":
    """Nobody has logged in to these; who runs the site is none of them."""
    seen = Coalesce("last_login", "date_joined")
    return User.objects.filter(is_staff=False).alias(seen=seen).filter(seen__lt=instant)


def never_confirmed(now: datetime) -> "models.QuerySet[User]":
    """Those who have given an address long ago, and never shown that it is theirs."""
    unused = unused_since(now - UNCONFIRMED).filter(last_login=None, emailaddress__verified=False)
    return unused.exclude(emailaddress__verified=True).distinct()


class UnusedNoticeQuerySet(models.QuerySet["UnusedNotice"]):
    def ask(self, user: User, now: datetime) -> bool:
        """Whether a letter is due: there was none since they last logged in."""
        last = user.last_login or user.date_joined
        notice, is_new = self.get_or_create(user=user, defaults={"asked_at": now})
        if is_new or notice.asked_at > last:
            return is_new
        notice.asked_at, notice.written_at = now, None
        notice.save(update_fields=["asked_at", "written_at"])
        return True

    def run_out(self, now: datetime) -> Self:
        """Of letters that have left NOTICE ago, to people who have not logged in since."""
        last = Coalesce("user__last_login", "user__date_joined")
        return self.filter(Q(written_at__lte=now - NOTICE), user__is_staff=False, asked_at__gt=last)

    def written(self, user: User, now: datetime) -> None:
        """The letter is with the worker who sends it; a later try counts anew."""
        self.filter(user=user).update(written_at=now)


class UnusedNotice(models.Model):
    """That somebody was told of the end of their account, unless they log in."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="unused_notice")
    asked_at = models.DateTimeField()
    # Null until a worker has it in hand: without mail, nobody's account ends.
    written_at = models.DateTimeField(null=True, blank=True)

    objects = UnusedNoticeQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Notice of {self.asked_at}"
