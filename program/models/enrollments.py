import uuid
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models, transaction
from django.db.models import Exists, F, Max, OuterRef, Q, Subquery
from django.db.models.functions import JSONObject
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from program import calendar
from program.models.goals import Goal, GoalConflictError
from program.models.pauses import Pause
from program.models.scopes import seen_by

if TYPE_CHECKING:
    from program.models.cohorts import Cohort


class EnrollmentQuerySet(models.QuerySet["Enrollment"]):
    def owned_by(self, user: User) -> Self:
        return self.filter(participant=user)

    def coached_by(self, user: User) -> Self:
        """Those that a standing consent shows to this coach, with its `scope`."""
        return self.filter(seen_by(user)).annotate(scope=F("consents__scope"))

    def in_cohort(self, cohort: "Cohort") -> Self:
        return self.filter(pk__in=cohort.members().values("enrollment"))

    def numbered(self, pk: int) -> Self:
        return self.filter(pk=pk)

    def current(self) -> Self:
        """The one that has not been ended: /today/ and the days speak of it, past day 14 too."""
        return self.filter(ended_at__isnull=True)

    def ended(self) -> Self:
        return self.filter(ended_at__isnull=False)

    def on_their_days(self, today: date) -> Self:
        """Begun, and not past day 14 by that date; a pause counts as if it came last."""
        first = calendar.in_days(today, -(calendar.last_date(today) - today).days)
        paused = Pause.objects.filter(enrollment=OuterRef("pk"), ends_on__gte=first)
        return self.filter(Q(starts_on__gte=first) | Exists(paused), starts_on__lte=today)

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-pk")

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
    scope: str  # by coached_by()
    # By with_beside() of models/days.py
    names: list[dict[str, Any]]
    steps_in_place: list[int]
    due: list[dict[str, str]]
    notes: list[dict[str, Any]]
    day_nudges: list[dict[str, Any]]
    day_reflection: dict[str, Any] | None

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
        cls,
        *,
        participant: User,
        starts_on: date,
        now: datetime,
        carries_requests: bool = False,
        **words: str,
    ) -> "Enrollment":
        """Start somebody's two weeks with `words` (Goal.WORDS) as the first version of the goal.

        Two weeks that are over make room; raises IntegrityError when there are some that are not.
        """
        with transaction.atomic():
            earlier = cls.objects.owned_by(participant).current().first()
            if earlier and earlier.program_day(now) == calendar.Phase.AFTER:
                earlier.end(now)
            enrollment = cls.objects.create(
                participant=participant, starts_on=starts_on, created_at=now
            )
            enrollment.goals.create(**words, created_at=now)
            enrollment.move_reminders(now)
            if earlier and carries_requests:
                earlier._carry_requests_into(enrollment)
        return enrollment

    def restart(self, *, now: datetime, starts_on: date | None = None) -> "Enrollment":
        """End these two weeks and begin again, today or on `starts_on`, with the goal as it is
        worded now.

        Of two tabs the second finds them ended, and gets the ones that the first began.
        """
        with transaction.atomic():
            if self.lock().ended_at:
                return type(self).objects.owned_by(self.participant).current().get()
            goal = self.goals.newest_first()[0]
            self.end(now)
            enrollment = type(self).begin(
                participant=self.participant,
                starts_on=starts_on or self.today(now),
                now=now,
                **{name: getattr(goal, name) for name in Goal.WORDS},
            )
            self._carry_requests_into(enrollment)
        return enrollment

    def _carry_requests_into(self, later: "Enrollment") -> None:
        """Those still waiting, also from two weeks before these, stand in the later ledger too."""
        self.entries.waiting().update(carried_into=later)
        self.carried_entries.waiting().update(carried_into=later)

    def lock(self) -> "Enrollment":
        """Wait until nobody else changes these two weeks; returns them as they are stored."""
        return type(self).objects.select_for_update(no_key=True).get(pk=self.pk)

    def rewrite_goal(self, goal: Goal, *, based_on: int, now: datetime) -> Goal:
        """Keep `goal` as the newest version; words that changed nothing make no new one.

        Raises GoalConflictError when the newest version is neither `based_on` (a pk) nor these
        words.
        """
        with transaction.atomic():
            self.lock()
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
        self.move_reminders(now)

    def start_on(self, day: date, *, now: datetime) -> None:
        """Move two weeks that have not begun, and hold nothing yet, to another first day."""
        self.starts_on = day
        self.save(update_fields=["starts_on"])
        self.move_reminders(now)

    def move_reminders(self, now: datetime) -> None:
        """They follow the fourteen dates, as these are stored by now."""
        self.participant.mail_choices.reschedule(now)

    def last_used_day(self) -> date | None:
        """The latest day that holds an entry, even a removed one, or a reflection."""
        used = (
            model.aggregate(last=Max("day"))["last"] for model in (self.entries, self.reflections)
        )
        return max((day for day in used if day), default=None)

    @cached_property
    def dates(self) -> tuple[date, ...]:
        return calendar.program_dates(self.starts_on, self._pause_spans())

    @property
    def later_dates(self) -> tuple[date, ...]:
        """When their owner can be asked what came of them since."""
        return calendar.later_dates(self.dates[-1])

    def dates_with(self, pause: Pause) -> tuple[date, ...]:
        """The fourteen as they would be with `pause`, which may be one of theirs, changed."""
        if pause.starts_on == self.starts_on:
            return calendar.program_dates(calendar.day_after(pause.ends_on))
        spans = [span for span in self._pause_spans() if span[0] != pause.starts_on]
        return calendar.program_dates(self.starts_on, [*spans, (pause.starts_on, pause.ends_on)])

    def back_on(self, pause: Pause) -> date:
        """The first of the fourteen after `pause`, which may be of another tab a moment ago."""
        return next(day for day in self.dates_with(pause) if day > pause.ends_on)

    def _pause_spans(self) -> list[tuple[date, date]]:
        return [
            (date.fromisoformat(pause["first"]), date.fromisoformat(pause["last"]))
            for pause in self.paused
        ]

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

    def days_come(self, now: datetime) -> int:
        """How many of the fourteen have begun, 0 to 14; of two weeks that were ended, by then."""
        today = self.today(min(now, self.ended_at or now))
        return sum(day <= today for day in self.dates)

    def number_of(self, day: date) -> int | None:
        """1 to 14; None for a day that is none of the fourteen, also in a pause."""
        return self.dates.index(day) + 1 if day in self.dates else None

    def stone_id(self, day: date, practice: str, place: int) -> uuid.UUID:
        """The id that the entry of this place will have: two tabs and two devices agree on it."""
        return uuid.uuid5(self.public_id, f"{day.isoformat()}/{practice}/{place}")
