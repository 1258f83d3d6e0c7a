"""What a participant lets a coach see: the only door to somebody else's two weeks."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Self

from django.db import models, transaction
from django.db.models import F, Q

from accounts.models import User
from program.models.coaches import CohortCoach
from program.models.cohorts import Cohort
from program.models.enrollments import Enrollment
from program.models.scopes import Scope


class ConsentQuerySet(models.QuerySet["Consent"]):
    def owned_by(self, user: User) -> Self:
        return self.filter(enrollment__participant=user)

    def of(self, enrollment: Enrollment) -> Self:
        return self.filter(enrollment=enrollment)

    def standing(self) -> Self:
        return self.filter(revoked_at__isnull=True)

    def grant(
        self, *, enrollment: Enrollment, coach: User, cohort: Cohort, scope: str, now: datetime
    ) -> "Consent":
        """Let `coach` see `scope` from now on, and neither more nor less; a repeat changes nothing.

        Every change ends one row and begins another, so that it can be read later what was
        granted when.
        """
        with transaction.atomic():
            enrollment.lock()
            standing = Consent.objects.of(enrollment).standing().filter(coach=coach).first()
            if standing and standing.scope == scope and standing.cohort_id == cohort.pk:
                return standing
            if standing:
                standing.revoke(now)
            return Consent.objects.create(
                enrollment=enrollment, coach=coach, cohort=cohort, scope=scope, granted_at=now
            )

    def revoke_from(self, coach: User, *, enrollment: Enrollment, now: datetime) -> None:
        """Let `coach` see nothing of these two weeks from now on."""
        with transaction.atomic():
            enrollment.lock()
            self.of(enrollment).standing().filter(coach=coach).update(revoked_at=now)


def newcomers(user: User) -> "models.QuerySet[CohortCoach]":
    """Who began to coach a cohort after `user` joined it, and sees nothing of theirs."""
    standing = Consent.objects.owned_by(user).standing().values("coach")
    return (
        CohortCoach.objects.filter(
            left_at__isnull=True,
            cohort__closed_at__isnull=True,
            cohort__memberships__enrollment__participant=user,
            cohort__memberships__left_at__isnull=True,
            joined_at__gt=F("cohort__memberships__joined_at"),
        )
        .exclude(coach=user)
        .exclude(coach__in=standing)
        .select_related("coach", "cohort")
        .order_by("joined_at", "pk")
        .distinct()
    )


class Consent(models.Model):
    """What one participant lets one coach see of one two weeks; revoked, it is kept as a record."""

    enrollment = models.ForeignKey(Enrollment, on_delete=models.CASCADE, related_name="consents")
    coach = models.ForeignKey(User, on_delete=models.CASCADE, related_name="consents")
    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="consents")
    scope = models.CharField(max_length=7, choices=Scope)
    granted_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment", "coach"],
                condition=Q(revoked_at__isnull=True),
                name="consent_one_standing_per_coach",
            ),
            models.CheckConstraint(
                condition=Q(scope__in=["counts", "entries", "moments"]), name="consent_scope_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["coach", "enrollment"],
                condition=Q(revoked_at__isnull=True),
                name="consent_standing_of_coach",
            )
        ]

    def __str__(self) -> str:
        return f"{self.coach} sees {self.scope} of {self.enrollment}"

    def revoke(self, now: datetime) -> None:
        self.revoked_at = now
        self.save(update_fields=["revoked_at"])


class CoachVisitQuerySet(models.QuerySet["CoachVisit"]):
    def owned_by(self, user: User) -> Self:
        return self.filter(enrollment__participant=user)

    def newest_first(self) -> Self:
        return self.order_by("-first_at", "-pk")

    def note(self, *, coach: User, enrollments: Collection[int], on: date, now: datetime) -> None:
        """One row a coach, two weeks (pks) and day, however often they look."""
        rows = [
            CoachVisit(coach=coach, enrollment_id=pk, on=on, first_at=now) for pk in enrollments
        ]
        CoachVisit.objects.bulk_create(rows, ignore_conflicts=True)


class CoachVisit(models.Model):
    """That a coach looked, for the participant to read."""

    # Null: their account is gone. That somebody looked stays to be read.
    coach = models.ForeignKey(
        User, null=True, on_delete=models.SET_NULL, related_name="coach_visits"
    )
    enrollment = models.ForeignKey(
        Enrollment, on_delete=models.CASCADE, related_name="coach_visits"
    )
    on = models.DateField()
    first_at = models.DateTimeField()

    objects = CoachVisitQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["coach", "enrollment", "on"], name="visit_one_a_day"),
        ]

    def __str__(self) -> str:
        return f"Visit on {self.on}"
