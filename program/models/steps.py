from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from program.models.enrollments import Enrollment
from program.models.entries import DailyEntry


class StepProgressQuerySet(models.QuerySet["StepProgress"]):
    def owned_by(self, user: User) -> Self:
        return self.filter(enrollment__participant=user)

    def of(self, enrollment: Enrollment) -> Self:
        return self.filter(enrollment=enrollment)


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
