import uuid
from datetime import date, datetime
from functools import cached_property
from typing import Self

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models, transaction
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import JSONObject
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from program import calendar
from program.models.goals import Goal, GoalConflictError
from program.models.pauses import Pause


class EnrollmentQuerySet(models.QuerySet["Enrollment"]):
    def owned_by(self, user: User) -> Self:
        return self.filter(participant=user)

    def current(self) -> Self:
        """The one that has not been ended: /today/ and the days speak of it, past day 14 too."""
        return self.filter(ended_at__isnull=True)

    def with_goal(self) -> Self:
        """Annotate `goal`, the newest version as a dict of Goal.WORDS, within the query."""
        newest = Goal.objects.filter(enrollment=OuterRef("pk")).newest_first()
        words = JSONObject(**{name: name for name in Goal.WORDS})
        return self.annotate(goal=Subquery(newest.values(words=words)[:1]))

    def with_pauses(self) -> Self:
        """Annotate `paused`, the (first, last) days of each pause, within the query."""
        pauses = Pause.objects.filter(enrollment=OuterRef("pk")).order_by("starts_on")
        days = JSONObject(first="starts_on", last="ends_on")
        return self.annotate(paused=ArraySubquery(pauses.values(days=days)))


class Enrollment(models.Model):
    """One person's fourteen dated days on one goal."""

    participant = models.ForeignKey(User, on_delete=models.CASCADE, related_name="enrollments")
    # Names this row where others can see it and seeds the ids of its stones; pks stay inside.
    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    starts_on = models.DateField(_("starts on"))
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = EnrollmentQuerySet.as_manager()

    goal: dict[str, str]  # by with_goal()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["participant"],
                condition=Q(ended_at__isnull=True),
                name="enrollment_one_current_per_participant",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.participant}, from {self.starts_on}"

    @classmethod
    def begin(
        cls, *, participant: User, starts_on: date, now: datetime, **words: str
    ) -> "Enrollment":
        """Start somebody's two weeks with `words` (Goal.WORDS) as the first version of the goal.

        Two weeks that are over make room; raises IntegrityError when there are some that are not.
        """
        with transaction.atomic():
            for current in cls.objects.owned_by(participant).current():
                if current.program_day(now) == calendar.Phase.AFTER:
                    current.end(now)
            enrollment = cls.objects.create(
                participant=participant, starts_on=starts_on, created_at=now
            )
            enrollment.goals.create(**words, created_at=now)
        return enrollment

    def rewrite_goal(self, goal: Goal, *, based_on: int, now: datetime) -> Goal:
        """Keep `goal` as the newest version; words that changed nothing make no new one.

        Raises GoalConflictError when the newest version is neither `based_on` (a pk) nor these
        words.
        """
        with transaction.atomic():
            # The lock makes two rewrites take turns.
            type(self).objects.select_for_update().get(pk=self.pk)
            newest = self.goals.newest_first()[0]
            if newest.says_the_same(goal):
                return newest
            if newest.pk != based_on:
                raise GoalConflictError
            goal.pk, goal.enrollment, goal.created_at = None, self, now
            goal.save()
        return goal

    def end(self, now: datetime) -> None:
        self.ended_at = now
        self.save(update_fields=["ended_at"])

    def start_on(self, day: date) -> None:
        """Move two weeks that have not begun, and hold nothing yet, to another first day."""
        self.starts_on = day
        self.save(update_fields=["starts_on"])

    @cached_property
    def dates(self) -> tuple[date, ...]:
        spans = [
            (date.fromisoformat(pause["first"]), date.fromisoformat(pause["last"]))
            for pause in self.paused
        ]
        return calendar.program_dates(self.starts_on, spans)

    @cached_property
    def paused(self) -> list[dict[str, str]]:
        """{"first": …, "last": …} in ISO of each pause; with_pauses() saves the query."""
        return [
            {"first": pause.starts_on.isoformat(), "last": pause.ends_on.isoformat()}
            for pause in self.pauses.order_by("starts_on")
        ]

    def today(self, now: datetime) -> date:
        """The date it is for the participant, by their zone and day-end hour."""
        return calendar.local_date(now, self.participant.zone, self.participant.day_end_hour)

    def program_day(self, now: datetime) -> int | calendar.Phase:
        return calendar.program_day(self.dates, self.today(now))

    def stone_id(self, day: date, practice: str, place: int) -> uuid.UUID:
        """The id that the entry of this place will have: two tabs and two devices agree on it."""
        return uuid.uuid5(self.public_id, f"{day.isoformat()}/{practice}/{place}")
