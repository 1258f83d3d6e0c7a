"""The end of two weeks: what they came to, and what their owner says of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from program.curriculum import STONES_PER_PRACTICE
from program.models.enrollments import Enrollment
from program.models.entries import DailyEntry


@dataclass(frozen=True)
class Totals:
    """What was put down on the fourteen days; every count includes the extras."""

    stones: int
    shares: int
    actions: int
    requests: int
    # {DailyEntry.Outcome or DailyEntry.Size: how many}; the empty size was never said.
    by_outcome: dict[str, int]
    by_size: dict[str, int]

    @classmethod
    def of(cls, entries: Sequence[DailyEntry], dates: Sequence[date]) -> Self:
        placed = [entry for entry in entries if entry.is_placed and entry.day in set(dates)]
        of_day = Counter((entry.day, entry.practice) for entry in placed)
        of_practice = Counter(entry.practice for entry in placed)
        requests = [entry for entry in placed if entry.practice == DailyEntry.Practice.REQUEST]
        return cls(
            stones=sum(min(STONES_PER_PRACTICE, count) for count in of_day.values()),
            shares=of_practice[DailyEntry.Practice.SHARE],
            actions=of_practice[DailyEntry.Practice.ACT],
            requests=len(requests),
            by_outcome=dict(Counter(entry.outcome for entry in requests)),
            by_size=dict(Counter(entry.size for entry in requests)),
        )

    @property
    def granted(self) -> int:
        return self.by_outcome.get(DailyEntry.Outcome.GRANTED, 0)


class FinishConflictError(Exception):
    """It was saved meanwhile, most likely by the same person in another tab."""

    def __init__(self, stored: "Finish") -> None:
        super().__init__()
        self.stored = stored


class FinishQuerySet(models.QuerySet["Finish"]):
    def owned_by(self, user: User) -> Self:
        return self.filter(enrollment__participant=user)

    def of(self, enrollment: Enrollment) -> Self:
        return self.filter(enrollment=enrollment)

    def save_words(self, finish: "Finish", *, based_on: int, now: datetime) -> "Finish":
        """Store what `finish` says as the version after `based_on` (0: there was none).

        Raises FinishConflictError with what is stored when that is neither `based_on` nor the same.
        """
        with transaction.atomic():
            stored, created = self.select_for_update().get_or_create(
                enrollment=finish.enrollment,
                defaults={**finish.said(), "version": 1, "updated_at": now},
            )
            if created or stored.said() == finish.said():
                return stored
            if stored.version != based_on:
                raise FinishConflictError(stored)
            finish.pk, finish.version, finish.updated_at = stored.pk, based_on + 1, now
            finish.save(force_update=True)
        return finish


class Finish(models.Model):
    """What somebody says at the end of their two weeks: where they are, and looking back."""

    class Whereabouts(models.TextChoices):
        THERE = "there", _("There")
        IN_SIGHT = "in_sight", _("In sight")
        ELSEWHERE = "elsewhere", _("Somewhere else")

    # The texts a person fills in, all of them optional.
    WORDS = ("gave_way", "glad_of", "keep_doing")
    # What can be said of them a good while after.
    LATER_WORDS = ("came_of_requests", "late_breakthrough")
    TEXT_MAX_LENGTH = 4000

    enrollment = models.OneToOneField(Enrollment, on_delete=models.CASCADE, related_name="finish")
    whereabouts = models.CharField(max_length=9, choices=Whereabouts, blank=True)
    gave_way = models.TextField(max_length=TEXT_MAX_LENGTH, blank=True)
    glad_of = models.TextField(max_length=TEXT_MAX_LENGTH, blank=True)
    keep_doing = models.TextField(max_length=TEXT_MAX_LENGTH, blank=True)
    came_of_requests = models.TextField(max_length=TEXT_MAX_LENGTH, blank=True)
    late_breakthrough = models.TextField(max_length=TEXT_MAX_LENGTH, blank=True)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField()

    objects = FinishQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(whereabouts__in=["", "there", "in_sight", "elsewhere"]),
                name="finish_whereabouts_known",
            ),
        ]

    def __str__(self) -> str:
        return f"Finish of {self.enrollment}"

    def words(self) -> list[str]:
        return [getattr(self, name) for name in self.WORDS]

    def later_words(self) -> list[str]:
        return [getattr(self, name) for name in self.LATER_WORDS]

    def said(self) -> dict[str, str]:
        return {
            name: getattr(self, name) for name in ("whereabouts", *self.WORDS, *self.LATER_WORDS)
        }
