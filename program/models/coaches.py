from typing import Self

from django.db import models
from django.db.models import Q

from accounts.models import User


class LastCoachError(Exception):
    """Nobody else coaches the cohort: it is handed on first, or closed."""


class CohortCoachQuerySet(models.QuerySet["CohortCoach"]):
    def owned_by(self, user: User) -> Self:
        return self.filter(coach=user)

    def in_cohort(self, pk: int) -> Self:
        return self.filter(cohort=pk)

    def newest_first(self) -> Self:
        return self.order_by("-joined_at", "-pk")


class CohortCoach(models.Model):
    """Who leads a cohort; the first is who opened it."""

    cohort = models.ForeignKey("program.Cohort", on_delete=models.CASCADE, related_name="coaches")
    coach = models.ForeignKey(User, on_delete=models.CASCADE, related_name="coaching")
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)

    objects = CohortCoachQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cohort", "coach"],
                condition=Q(left_at__isnull=True),
                name="cohort_coach_stands_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.coach} coaches {self.cohort}"
