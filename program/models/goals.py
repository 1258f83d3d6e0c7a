from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from program.models.scopes import WITH_ENTRIES, seen_by

if TYPE_CHECKING:
    from program.models.enrollments import Enrollment


class GoalConflictError(Exception):
    """The goal was rewritten since, most likely in another tab."""


class GoalQuerySet(models.QuerySet["Goal"]):
    def owned_by(self, user: User) -> Self:
        return self.filter(enrollment__participant=user)

    def coached_by(self, user: User) -> Self:
        return self.filter(seen_by(user, WITH_ENTRIES, "enrollment__"))

    def of(self, enrollment: "Enrollment") -> Self:
        return self.filter(enrollment=enrollment)

    def current(self) -> Self:
        """The versions of the two weeks that have not been ended."""
        return self.filter(enrollment__ended_at__isnull=True)

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-pk")


class Goal(models.Model):
    """One version of what somebody wants; the newest is the current one."""

    # The fields a person fills in: forms, versions and the pages follow this list.
    WORDS = ("statement", "why", "measure")

    enrollment = models.ForeignKey(
        "program.Enrollment", on_delete=models.CASCADE, related_name="goals"
    )
    statement = models.CharField(_("the breakthrough"), max_length=200)
    why = models.TextField(_("why it matters to you"), max_length=2000, blank=True)
    measure = models.TextField(_("how will you know?"), max_length=2000, blank=True)
    created_at = models.DateTimeField()

    objects = GoalQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["enrollment", "-created_at"], name="goal_newest")]

    def __str__(self) -> str:
        return self.statement

    def says_the_same(self, other: "Goal") -> bool:
        return all(getattr(self, name) == getattr(other, name) for name in self.WORDS)
