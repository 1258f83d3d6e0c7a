from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from program.models.enrollments import Enrollment


class FinishQuerySet(models.QuerySet["Finish"]):
    def owned_by(self, user: User) -> Self:
        return self.filter(enrollment__participant=user)

    def of(self, enrollment: Enrollment) -> Self:
        return self.filter(enrollment=enrollment)


class Finish(models.Model):
    """What somebody says at the end of their two weeks: where they are, and looking back."""

    class Whereabouts(models.TextChoices):
        THERE = "there", _("There")
        IN_SIGHT = "in_sight", _("In sight")
        ELSEWHERE = "elsewhere", _("Somewhere else")

    # The fields a person fills in, all of them optional.
    WORDS = ("gave_way", "glad_of", "keep_doing")
    TEXT_MAX_LENGTH = 4000

    enrollment = models.OneToOneField(Enrollment, on_delete=models.CASCADE, related_name="finish")
    whereabouts = models.CharField(max_length=9, choices=Whereabouts, blank=True)
    gave_way = models.TextField(max_length=TEXT_MAX_LENGTH, blank=True)
    glad_of = models.TextField(max_length=TEXT_MAX_LENGTH, blank=True)
    keep_doing = models.TextField(max_length=TEXT_MAX_LENGTH, blank=True)
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
