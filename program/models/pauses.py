from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q

from accounts.models import User


class PauseQuerySet(models.QuerySet["Pause"]):
    def owned_by(self, user: User) -> Self:
        return self.filter(enrollment__participant=user)

    def around(self, day: date) -> Self:
        return self.filter(starts_on__lte=day, ends_on__gte=day)


class Pause(models.Model):
    """Days that are none of the fourteen: those still ahead move behind them.

    A pause holds no entry: it begins, today at the earliest, on a day that holds nothing yet.
    """

    enrollment = models.ForeignKey(
        "program.Enrollment", on_delete=models.CASCADE, related_name="pauses"
    )
    starts_on = models.DateField()
    ends_on = models.DateField()
    created_at = models.DateTimeField()

    objects = PauseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="pause_ends_after_it_starts"
            ),
            models.UniqueConstraint(
                fields=["enrollment", "starts_on"], name="pause_one_from_each_day"
            ),
        ]

    def __str__(self) -> str:
        return f"Pause from {self.starts_on} to {self.ends_on}"
