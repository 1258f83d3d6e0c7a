"""The ten steps: nine that a person marks, and a tenth that their requests decide."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

from django.db import models, transaction
from django.db.models import Count, Prefetch, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from program import calendar
from program.curriculum import DAYS, REQUESTS_PER_WEEK, STEPS
from program.models.enrollments import Enrollment
from program.models.entries import DailyEntry
from program.models.people import Person
from program.models.replies import Reply

REQUESTS_STEP = len(STEPS)
MARKED_STEPS = range(1, REQUESTS_STEP)

# Placed entries as DailyEntryQuerySet.counts() gives them.
Counts = Mapping[date, Mapping[str, int]]


class StepNoteConflictError(Exception):
    """The note was saved meanwhile, most likely by the same person in another tab."""

    def __init__(self, stored: "StepProgress") -> None:
        super().__init__()
        self.stored = stored


class StepProgressQuerySet(models.QuerySet["StepProgress"]):
    def owned_by(self, user: User) -> Self:
        return self.filter(enrollment__participant=user)

    def of(self, enrollment: Enrollment) -> Self:
        return self.filter(enrollment=enrollment)

    def with_evidence(self) -> Self:
        """Prefetch the attached entries that are not removed, for `attached`, newest first."""
        entries = DailyEntry.objects.filter(removed_at__isnull=True).order_by("-day", "-pk")
        return self.prefetch_related(Prefetch("evidence", entries, to_attr="attached"))

    def by_number(self) -> dict[int, "StepProgress"]:
        """The first nine, 1 to 9; those without a row as unsaved ones that are not begun."""
        rows = {step.number: step for step in self}
        return {number: rows.get(number) or _without_row(number) for number in MARKED_STEPS}

    def mark(
        self, *, enrollment: Enrollment, number: int, state: str, now: datetime
    ) -> "StepProgress":
        """Make the step what it should be; a repeat changes nothing."""
        with transaction.atomic():
            step = self._locked(enrollment, number, now)
            if step.state != state:
                step.state = StepProgress.State(state)
                step.in_place_at = now if step.is_in_place else None
                step.updated_at = now
                step.save(update_fields=["state", "in_place_at", "updated_at"])
        return step

    def save_note(
        self, *, enrollment: Enrollment, number: int, text: str, based_on: int, now: datetime
    ) -> "StepProgress":
        """Store `text` as the version after `based_on` (0: there was none).

        Raises StepNoteConflictError with what is stored when that is neither `based_on` nor this
        text.
        """
        with transaction.atomic():
            step = self._locked(enrollment, number, now)
            if step.note == text:
                return step
            if step.version != based_on:
                raise StepNoteConflictError(step)
            if not step.note:
                # The first words, or the first after none: a later edit leaves the state alone.
                step.begin()
            step.note, step.version, step.updated_at = text, based_on + 1, now
            step.save(update_fields=["note", "version", "state", "updated_at"])
        return step

    def attach(
        self, *, enrollment: Enrollment, number: int, entry: DailyEntry, wanted: bool, now: datetime
    ) -> "StepProgress":
        """Make the entry evidence of the step, or no longer (`wanted`)."""
        with transaction.atomic():
            step = self._locked(enrollment, number, now)
            if wanted:
                step.evidence.add(entry)
                step.begin()
            else:
                step.evidence.remove(entry)
            step.updated_at = now
            step.save(update_fields=["state", "updated_at"])
        return step

    def _locked(self, enrollment: Enrollment, number: int, now: datetime) -> "StepProgress":
        rows = self.select_for_update(of=("self",))
        step, _created = rows.get_or_create(
            enrollment=enrollment, number=number, defaults={"updated_at": now}
        )
        return step


class StepProgress(models.Model):
    """How far one of the first nine steps is; the tenth is counted from the requests.

    A step without a row is not begun.
    """

    class State(models.TextChoices):
        NOT_BEGUN = "not_begun", _("Not begun")
        BEGUN = "begun", _("Begun")
        IN_PLACE = "in_place", _("In place")

    NOTE_MAX_LENGTH = 2000

    enrollment = models.ForeignKey(Enrollment, on_delete=models.CASCADE, related_name="steps")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=9, choices=State, default=State.NOT_BEGUN)
    note = models.TextField(max_length=NOTE_MAX_LENGTH, blank=True)
    # Of the note: 0 before the first.
    version = models.PositiveIntegerField(default=0)
    in_place_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField()
    evidence = models.ManyToManyField(DailyEntry, related_name="steps", blank=True)

    objects = StepProgressQuerySet.as_manager()

    attached: list[DailyEntry]  # by with_evidence()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrollment", "number"], name="step_one_row_each"),
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=9), name="step_one_to_nine"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["not_begun", "begun", "in_place"]), name="step_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"Step {self.number}: {self.get_state_display()}"

    @property
    def is_begun(self) -> bool:
        return self.state == self.State.BEGUN

    @property
    def is_in_place(self) -> bool:
        return self.state == self.State.IN_PLACE

    def begin(self) -> None:
        """Not saved yet; a step that is further stays so."""
        if self.state == self.State.NOT_BEGUN:
            self.state = self.State.BEGUN


def _without_row(number: int) -> StepProgress:
    step = StepProgress(number=number)
    step.attached = []
    return step


def attachable(enrollment: Enrollment, limit: int | None) -> list[DailyEntry]:
    """The entries that say something in words, newest first; `limit` of them at most."""
    entries = DailyEntry.objects.of(enrollment).filter(
        Q(line__gt="") | Q(answer__gt=""), removed_at__isnull=True
    )
    return list(entries.order_by("-day", "-pk")[:limit])


@dataclass(frozen=True)
class LiveEvidence:
    """What the two weeks themselves say about steps 2, 6, 7, 8 and 9."""

    NEWEST = 2

    shares: int
    evangelists: list[Person]
    needs_met: int
    needs_open: int
    ideas: int
    newest_ideas: list[DailyEntry]
    # Left on their public page, read and kept.
    left_ideas: int
    hands_raised: int
    acts: int
    newest_acts: list[DailyEntry]

    @classmethod
    def of(cls, enrollment: Enrollment, counts: Counts) -> Self:
        entries = DailyEntry.objects.of(enrollment).placed().order_by("-day", "-pk")
        ideas = entries.filter(practice=DailyEntry.Practice.SHARE, answer__gt="")
        acts = entries.filter(practice=DailyEntry.Practice.ACT, line__gt="")
        people = Person.objects.owned_by(enrollment.participant).kept().by_name()
        totals = enrollment.needs.kept().aggregate(
            Count("pk"), met=Count("pk", filter=Q(answered_at__isnull=False))
        )
        left = Reply.objects.of_weeks(enrollment).read().by_kind()
        return cls(
            shares=_total(counts, DailyEntry.Practice.SHARE),
            evangelists=list(people.filter(is_evangelist=True)),
            needs_met=totals["met"],
            needs_open=totals["pk__count"] - totals["met"],
            ideas=ideas.count(),
            newest_ideas=list(ideas[: cls.NEWEST]),
            left_ideas=left.get(Reply.Kind.IDEA, 0),
            hands_raised=left.get(Reply.Kind.COUNT_ME_IN, 0),
            acts=_total(counts, DailyEntry.Practice.ACT),
            newest_acts=list(acts[: cls.NEWEST]),
        )


def _total(counts: Counts, practice: str) -> int:
    return sum(of_day.get(practice, 0) for of_day in counts.values())


@dataclass(frozen=True)
class RequestWeek:
    """Days 1 to 7 or 8 to 14, and the requests placed in them."""

    number: int
    made: int
    is_ahead: bool

    @property
    def has_enough(self) -> bool:
        return self.made >= REQUESTS_PER_WEEK


def requests_in_week(dates: Sequence[date], number: int, counts: Counts) -> int:
    """The requests placed in the program week that day `number` (1-14) lies in."""
    days = [dates[position - 1] for position in calendar.program_week(number)]
    return sum(counts.get(day, {}).get(DailyEntry.Practice.REQUEST, 0) for day in days)


def request_weeks(dates: Sequence[date], counts: Counts, today: date) -> list[RequestWeek]:
    starts = range(1, DAYS + 1, calendar.DAYS_PER_WEEK)
    return [
        RequestWeek(week, requests_in_week(dates, start, counts), dates[start - 1] > today)
        for week, start in enumerate(starts, 1)
    ]


def requests_state(weeks: Sequence[RequestWeek]) -> StepProgress.State:
    """The tenth step: in place when every week that is over or running has its five."""
    come = [week for week in weeks if not week.is_ahead]
    if come and all(week.has_enough for week in come):
        return StepProgress.State.IN_PLACE
    if any(week.made for week in come):
        return StepProgress.State.BEGUN
    return StepProgress.State.NOT_BEGUN


def suggested(
    day_number: int, in_place: Collection[int], week_requests: int = REQUESTS_PER_WEEK
) -> int | None:
    """The step for day `day_number` (1-14): one not in place yet, another one every day.

    The tenth takes its turn only when `week_requests`, those of the running program week, are
    behind an even pace on the days that are over. None when nothing is left to suggest.
    """
    days_over = day_number - calendar.program_week(day_number)[0]
    is_behind = week_requests * calendar.DAYS_PER_WEEK < days_over * REQUESTS_PER_WEEK
    steps = [number for number in MARKED_STEPS if number not in in_place]
    if is_behind:
        steps.append(REQUESTS_STEP)
    if not steps:
        return None
    return steps[(day_number - 1) % len(steps)]
