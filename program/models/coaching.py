"""What a coach writes: notes on a day or an entry, and notes for their own eyes."""

import uuid
from datetime import date, datetime
from typing import Any, Self

from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Prefetch, Q

from accounts.models import OutgoingMail, User
from program.models.cohorts import Cohort
from program.models.enrollments import Enrollment
from program.models.entries import DailyEntry
from program.models.nudges import MAILED_AFTER
from program.models.scopes import WITH_ENTRIES, seen_by
from program.models.versioned import save_version

# So far back do shared words wait for an answer; what is older, nobody waits for any more.
WAITING_DAYS = 3


class EncouragementIdTakenError(Exception):
    """The coach wrote something else with this id, or removed what they wrote."""


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

    def to_be_mailed(self) -> Self:
        """Those that were not read yet, of coaches who see something of the person still."""
        return self.kept().filter(seen_by(F("coach"), path="enrollment__"), read_at__isnull=True)

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
        with transaction.atomic():
            stored, is_new = self.get_or_create(
                coach=coach,
                client_id=client_id,
                defaults={**said, "entry": entry, "created_at": now},
            )
            if is_new:
                OutgoingMail.objects.put(
                    "coach_note",
                    key=f"coach_note:{stored.pk}",
                    to=enrollment.participant,
                    payload={"encouragement": stored.pk},
                    now=now,
                    not_before=now + MAILED_AFTER,
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
    # Null: their account is gone, and what they wrote stays with whom they wrote it to.
    coach = models.ForeignKey(
        User, null=True, on_delete=models.SET_NULL, related_name="encouragements"
    )
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
        return f"Note on {self.day}"

    def remove(self, now: datetime) -> None:
        self.removed_at = now
        self.save(update_fields=["removed_at"])

    def restore(self) -> None:
        self.removed_at = None
        self.save(update_fields=["removed_at"])


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
