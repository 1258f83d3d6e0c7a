"""What a coach writes: notes on a day or an entry, nudges, and notes for their own eyes."""

import uuid
from typing import Self

from django.db import models

from accounts.models import User
from program.models.enrollments import Enrollment
from program.models.entries import DailyEntry
from program.models.scopes import seen_by


class EncouragementQuerySet(models.QuerySet["Encouragement"]):
    def owned_by(self, user: User) -> Self:
        """Those that were written to the participant."""
        return self.filter(enrollment__participant=user)

    def written_by(self, coach: User) -> Self:
        """The coach's own, of whom they see now."""
        return self.filter(seen_by(coach, path="enrollment__"), coach=coach)

    def of(self, enrollment: Enrollment) -> Self:
        return self.filter(enrollment=enrollment)

    def kept(self) -> Self:
        return self.filter(removed_at__isnull=True)


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

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrollment", "on"], name="nudge_one_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.coach} to {self.enrollment} on {self.on}"


class CoachNote(models.Model):
    """What a coach keeps for themselves about somebody."""

    TEXT_MAX_LENGTH = 4000

    coach = models.ForeignKey(User, on_delete=models.CASCADE, related_name="coach_notes")
    enrollment = models.ForeignKey(Enrollment, on_delete=models.CASCADE, related_name="coach_notes")
    text = models.TextField(max_length=TEXT_MAX_LENGTH, blank=True)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["coach", "enrollment"], name="coach_note_one_each"),
        ]

    def __str__(self) -> str:
        return f"{self.coach} about {self.enrollment}"
