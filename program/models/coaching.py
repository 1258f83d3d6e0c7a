"""What a coach writes: notes on a day or an entry, nudges, and notes for their own eyes."""

import uuid
from datetime import date, datetime
from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Prefetch, Q

from accounts.models import User
from program.models.cohorts import Cohort, CohortMembership
from program.models.enrollments import Enrollment
from program.models.entries import DailyEntry
from program.models.scopes import WITH_ENTRIES, seen_by
from program.models.versioned import save_version


class EncouragementIdTakenError(Exception):
    """The coach wrote something else with this id, or removed what they wrote."""


class NudgeNotAllowedError(Exception):
    """They take no nudges, or it is none of their fourteen days."""


class NudgedTodayError(Exception):
    """One a day: somebody has sent it."""


def without_answer[Rows: models.QuerySet[Any]](
    rows: Rows, *, cohort: Cohort, since: date, written_at: str
) -> Rows:
    """Of entries or reflections, those of the cohort's days `since` one after which no coach wrote
    on that day; with their enrollment, pauses and participant, in two queries."""
    later = Encouragement.objects.kept().filter(
        enrollment=OuterRef("enrollment"),
        day=OuterRef("day"),
        created_at__gte=OuterRef(written_at),
    )
    weeks = Enrollment.objects.with_pauses().select_related("participant")
    of_cohort = rows.filter(enrollment__in=cohort.members().values("enrollment"), day__gte=since)
    return of_cohort.filter(~Exists(later)).prefetch_related(Prefetch("enrollment", weeks))


class EncouragementQuerySet(models.QuerySet["Encouragement"]):
    def owned_by(self, user: User) -> Self:
        """Those that were written to the participant."""
        return self.filter(enrollment__participant=user)

    def written_by(self, coach: User) -> Self:
        """The coach's own, of whom they see now."""
        return self.filter(seen_by(coach, path="enrollment__"), coach=coach)

    def coached_by(self, coach: User) -> Self:
        """Their own; those of the others, which may say what somebody wrote, with the words."""
        with_words = Q(enrollment__consents__scope__in=WITH_ENTRIES)
        return self.filter(seen_by(coach, path="enrollment__"), Q(coach=coach) | with_words)

    def of(self, enrollment: Enrollment) -> Self:
        return self.filter(enrollment=enrollment)

    def kept(self) -> Self:
        return self.filter(removed_at__isnull=True)

    def oldest_first(self) -> Self:
        return self.order_by("created_at", "pk")

    def with_coach(self) -> Self:
        return self.select_related("coach")

    def leave(
        self,
        *,
        coach: User,
        enrollment: Enrollment,
        client_id: uuid.UUID,
        day: date,
        text: str,
        entry: DailyEntry | None = None,
        now: datetime,
    ) -> "Encouragement":
        """The coach's note on a day; a form sent twice leaves one.

        Raises EncouragementIdTakenError when the id stands for other words.
        """
        said = {"enrollment_id": enrollment.pk, "day": day, "text": text}
        stored, is_new = self.get_or_create(
            coach=coach,
            client_id=client_id,
            defaults={**said, "entry": entry, "created_at": now},
        )
        if not is_new and (
            stored.removed_at or any(getattr(stored, name) != value for name, value in said.items())
        ):
            raise EncouragementIdTakenError
        return stored

    def mark_read(self, client_id: uuid.UUID, now: datetime) -> None:
        """What was read before keeps its hour."""
        self.filter(client_id=client_id, read_at__isnull=True).update(read_at=now)


class Encouragement(models.Model):
    """A coach's note on a day, or on one entry of it; the participant sees it there."""

    TEXT_MAX_LENGTH = 2000

    enrollment = models.ForeignKey(
        Enrollment, on_delete=models.CASCADE, related_name="encouragements"
    )
    coach = models.ForeignKey(User, on_delete=models.CASCADE, related_name="encouragements")
    # Made by the page, so that a form sent twice is one note.
    client_id = models.UUIDField(default=uuid.uuid4)
    day = models.DateField()
    entry = models.ForeignKey(
        DailyEntry, null=True, blank=True, on_delete=models.SET_NULL, related_name="encouragements"
    )
    text = models.TextField(max_length=TEXT_MAX_LENGTH)
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)
    # When the participant first saw it.
    read_at = models.DateTimeField(null=True, blank=True)

    objects = EncouragementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["coach", "client_id"], name="encouragement_natural_key")
        ]

    def __str__(self) -> str:
        return f"{self.coach} on {self.day}"

    def remove(self, now: datetime) -> None:
        self.removed_at = now
        self.save(update_fields=["removed_at"])

    def restore(self) -> None:
        self.removed_at = None
        self.save(update_fields=["removed_at"])


class NudgeQuerySet(models.QuerySet["Nudge"]):
    def owned_by(self, user: User) -> Self:
        """Those that were sent to the participant."""
        return self.filter(enrollment__participant=user)

    def of(self, enrollment: Enrollment) -> Self:
        return self.filter(enrollment=enrollment)

    def send(
        self, *, coach: User, membership: CohortMembership, text: str, now: datetime
    ) -> "Nudge":
        """A nudge for the participant's own today; the same one sent twice is one.

        Raises NudgeNotAllowedError, or NudgedTodayError when any coach sent another.
        """
        enrollment = membership.enrollment
        today = enrollment.today(now)
        if not membership.allows_nudges or enrollment.ended_at or today not in enrollment.dates:
            raise NudgeNotAllowedError
        stored, is_new = self.get_or_create(
            enrollment=enrollment,
            on=today,
            defaults={"coach": coach, "text": text, "created_at": now},
        )
        if not is_new and (stored.coach_id, stored.text) != (coach.pk, text):
            raise NudgedTodayError
        return stored

    def send_to_all(
        self,
        *,
        coach: User,
        cohort: Cohort,
        days: dict[int, date],
        text: str,
        now: datetime,
    ) -> int:
        """To those of `days` ({pk of an enrollment: its own today}) who allow it and had none on
        that day; returns to how many."""
        allowed = cohort.members().filter(
            allows_nudges=True, enrollment__in=days, enrollment__ended_at=None
        )
        rows = [
            Nudge(enrollment_id=pk, coach=coach, on=days[pk], text=text, created_at=now)
            for pk in allowed.order_by("pk").values_list("enrollment", flat=True)
        ]
        Nudge.objects.bulk_create(rows, ignore_conflicts=True)
        return Nudge.objects.filter(
            coach=coach, text=text, created_at=now, enrollment__in=days
        ).count()

    def may_be_sent(self, cohort: Cohort, enrollment: Enrollment, now: datetime) -> bool:
        """Whether they allow it, are on one of their fourteen days, and had none on it."""
        today = enrollment.today(now)
        if enrollment.ended_at or today not in enrollment.dates:
            return False
        nudged = self.of(enrollment).filter(on=today)
        members = cohort.members().filter(enrollment=enrollment, allows_nudges=True)
        return members.filter(~Exists(nudged)).exists()

    def mark_read(self, day: date, now: datetime) -> None:
        """What was read before keeps its hour."""
        self.filter(on=day, read_at__isnull=True).update(read_at=now)


class Nudge(models.Model):
    """A short word to somebody who is quiet; one a day each, whoever of the coaches sends it."""

    TEXT_MAX_LENGTH = 280

    enrollment = models.ForeignKey(Enrollment, on_delete=models.CASCADE, related_name="nudges")
    coach = models.ForeignKey(User, on_delete=models.CASCADE, related_name="nudges")
    # The participant's own date.
    on = models.DateField()
    text = models.CharField(max_length=TEXT_MAX_LENGTH)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NudgeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrollment", "on"], name="nudge_one_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.coach} to {self.enrollment} on {self.on}"


class CoachNoteQuerySet(models.QuerySet["CoachNote"]):
    def owned_by(self, coach: User) -> Self:
        """Their own, which nobody else reads, about those whom they see now."""
        return self.filter(seen_by(coach, path="enrollment__"), coach=coach)

    def of(self, enrollment: Enrollment) -> Self:
        return self.filter(enrollment=enrollment)

    def save_text(
        self, *, coach: User, enrollment: Enrollment, text: str, based_on: int, now: datetime
    ) -> "CoachNote":
        """Store `text` as the version after `based_on` (0: there was none).

        Raises TextConflictError with what is stored when that is neither `based_on` nor
        this text.
        """
        saved: CoachNote = save_version(
            self, text, based_on=based_on, now=now, coach=coach, enrollment=enrollment
        )
        return saved


class CoachNote(models.Model):
    """What a coach keeps for themselves about somebody."""

    TEXT_MAX_LENGTH = 4000

    coach = models.ForeignKey(User, on_delete=models.CASCADE, related_name="coach_notes")
    enrollment = models.ForeignKey(Enrollment, on_delete=models.CASCADE, related_name="coach_notes")
    text = models.TextField(max_length=TEXT_MAX_LENGTH, blank=True)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField()

    objects = CoachNoteQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["coach", "enrollment"], name="coach_note_one_each"),
        ]

    def __str__(self) -> str:
        return f"{self.coach} about {self.enrollment}"
