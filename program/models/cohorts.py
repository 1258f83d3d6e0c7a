import uuid
from datetime import date, datetime
from typing import Any, Self

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models, transaction
from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q

from accounts.models import User
from program import calendar
from program.models.coaches import CohortCoach, LastCoachError
from program.models.enrollments import Enrollment
from program.models.scopes import MembersSee


class CohortIdTakenError(Exception):
    """A cohort that somebody else opened carries this id."""


class CohortQuerySet(models.QuerySet["Cohort"]):
    def coached_by(self, user: User) -> Self:
        """Those that are open."""
        return self.open().filter(coaches__coach=user, coaches__left_at__isnull=True)

    def once_coached_by(self, user: User) -> Self:
        """Those that were closed while they coached them; of their people nothing is seen."""
        return self.filter(
            closed_at__isnull=False, coaches__coach=user, coaches__left_at__isnull=True
        )

    def open(self) -> Self:
        return self.filter(closed_at__isnull=True)

    def invited_by(self, invitations: "models.QuerySet[Any]") -> Self:
        """Those that one of these links leads into."""
        return self.filter(invitations__in=invitations)

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-pk")

    def with_counts(self) -> Self:
        """Annotate `coach_count` and `member_count`, of those who stand."""
        standing = Q(memberships__left_at__isnull=True)
        leading = Q(coaches__left_at__isnull=True)
        return self.annotate(
            coach_count=Count("coaches", filter=leading, distinct=True),
            member_count=Count("memberships", filter=standing, distinct=True),
        )

    def with_member_pks(self) -> Self:
        """Annotate `member_pks`, those of the two weeks walked in it, seen by the coach or not."""
        standing = CohortMembership.objects.standing().filter(cohort=OuterRef("pk"))
        return self.annotate(member_pks=ArraySubquery(standing.order_by("pk").values("enrollment")))


class Cohort(models.Model):
    """People who walk their two weeks beside each other, and their coaches."""

    NAME_MAX_LENGTH = 100
    WELCOME_MAX_LENGTH = 500

    name = models.CharField(max_length=NAME_MAX_LENGTH)
    welcome = models.CharField(max_length=WELCOME_MAX_LENGTH, blank=True)
    # Null: each starts when they like.
    starts_on = models.DateField(null=True, blank=True)
    # Who joins late has the cohort's day number, unless they get a day 1 of their own.
    late_joiners_start_at_day_1 = models.BooleanField(default=False)
    # What members see of each other at most; each of them only as far as they agreed to it.
    members_see = models.PositiveSmallIntegerField(
        choices=MembersSee, default=MembersSee.NOTHING, db_default=MembersSee.NOTHING
    )
    client_id = models.UUIDField(default=uuid.uuid4, unique=True)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = CohortQuerySet.as_manager()

    leads: "list[CohortCoach]"  # by with_coaches() of memberships

    member_pks: list[int]  # by with_member_pks()

    def __str__(self) -> str:
        return self.name

    @classmethod
    def open_by(
        cls, coach: User, *, client_id: uuid.UUID, now: datetime, **fields: Any
    ) -> "Cohort":
        """A cohort that `coach` leads; a repeat finds the one that the first post opened.

        Raises CohortIdTakenError when the id is of a cohort that they do not coach.
        """
        with transaction.atomic():
            cohort, is_new = cls.objects.get_or_create(
                client_id=client_id, defaults={**fields, "created_at": now}
            )
            if is_new:
                cohort.coaches.create(coach=coach, joined_at=now)
            elif not cohort.standing_coaches().filter(coach=coach).exists():
                raise CohortIdTakenError
        return cohort

    def lock(self) -> "Cohort":
        """Wait until nobody else changes what stands in it, or who coaches it; returns it as it is
        stored."""
        return type(self).objects.select_for_update(no_key=True).get(pk=self.pk)

    def revise(self, **fields: Any) -> None:
        """Change these columns; whoever has joined keeps their days.

        What members see of each other is less for all of them at once. More of it waits until
        each has agreed, also where it had been more before.
        """
        for name, value in fields.items():
            setattr(self, name, value)
        with transaction.atomic():
            self.save(update_fields=fields.keys())
            self.memberships.filter(members_see__gt=self.members_see).update(
                members_see=self.members_see
            )

    def take_on(self, coach: User, now: datetime) -> "CohortCoach":
        """Who coaches already stays as they are. Nobody's progress comes with it."""
        with transaction.atomic():
            self.lock()
            standing = self.standing_coaches().filter(coach=coach).first()
            if standing:
                return standing
            # What somebody let them see when they coached it before is asked for anew.
            self._revoke_from(coach, now)
            return self.coaches.create(coach=coach, joined_at=now)

    def part_with(self, coach: User, now: datetime) -> None:
        """`coach` coaches it no more: they see nothing here, and their links let nobody in.

        Links that make a coach end too, whoever made them: who goes may have read one. A repeat
        changes nothing. Raises LastCoachError.
        """
        with transaction.atomic():
            self.lock()
            standing = list(self.standing_coaches())
            own = next((row for row in standing if row.coach_id == coach.pk), None)
            if own is None:
                return
            if len(standing) == 1:
                raise LastCoachError
            own.left_at = now
            own.save(update_fields=["left_at"])
            self._revoke_from(coach, now)
            self.invitations.standing(now).of_who_goes(coach).update(revoked_at=now)

    def close(self, now: datetime) -> None:
        """Nothing of anybody is seen by way of it any more, and no link leads into it; for good.

        The members keep their two weeks, and the notes that they were left.
        """
        with transaction.atomic():
            stored = self.lock()
            if stored.closed_at:
                return
            self.closed_at = now
            self.save(update_fields=["closed_at"])
            self.members().update(left_at=now)
            self.consents.filter(revoked_at__isnull=True).update(revoked_at=now)
            self.invitations.filter(revoked_at__isnull=True).update(revoked_at=now)

    def _revoke_from(self, coach: User, now: datetime) -> None:
        self.consents.filter(coach=coach, revoked_at__isnull=True).update(revoked_at=now)

    def first_day_for(self, today: date) -> date:
        """Day 1 of somebody who joins on `today` of theirs."""
        if self.starts_on is None or self.starts_on >= today:
            return self.starts_on or today
        # The others are on their way, or have walked all fourteen.
        is_over = calendar.last_date(self.starts_on) < today
        return today if is_over or self.late_joiners_start_at_day_1 else self.starts_on

    def members(self) -> "models.QuerySet[CohortMembership]":
        return self.memberships.filter(left_at__isnull=True)

    def standing_coaches(self) -> "models.QuerySet[CohortCoach]":
        return self.coaches.filter(left_at__isnull=True).order_by("joined_at", "pk")


class CohortMembershipQuerySet(models.QuerySet["CohortMembership"]):
    def owned_by(self, user: User) -> Self:
        return self.filter(enrollment__participant=user)

    def standing(self) -> Self:
        return self.filter(left_at__isnull=True)

    def closed(self) -> Self:
        """Those that lasted until the coaches closed the cohort."""
        return self.filter(left_at=F("cohort__closed_at"))

    def of(self, cohort: Cohort | int) -> Self:
        """Of a cohort, or of the one with this pk."""
        return self.filter(cohort=cohort)

    def walked_beside(self, user: User, level: int = MembersSee.NAMES) -> Self:
        """Whom the user sees at `level` now, in cohorts that both are in: the cohort shows so
        much, they agreed to it, and so did the user, who is seen as far as they see."""
        own = CohortMembership.objects.owned_by(user).standing()
        return self.standing().filter(
            Exists(own.filter(cohort=OuterRef("cohort"), members_see__gte=level)),
            cohort__members_see__gte=level,
            members_see__gte=level,
        )

    def newest_first(self) -> Self:
        return self.order_by("-joined_at", "-pk")

    def with_coaches(self) -> Self:
        """The cohort with its standing coaches, as `cohort.leads`."""
        standing = CohortCoach.objects.filter(left_at__isnull=True).order_by("joined_at", "pk")
        leads = Prefetch("cohort__coaches", standing.select_related("coach"), to_attr="leads")
        return self.select_related("cohort", "enrollment").prefetch_related(leads)


class CohortMembership(models.Model):
    """Two weeks walked in a cohort. What its coaches see of them is the consents' matter."""

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="memberships")
    enrollment = models.ForeignKey(Enrollment, on_delete=models.CASCADE, related_name="memberships")
    # A coach may send a short word when it is quiet, at most one a day.
    allows_nudges = models.BooleanField(default=False)
    # What they agreed that the other members see of them, whatever the cohort says since.
    members_see = models.PositiveSmallIntegerField(
        choices=MembersSee, default=MembersSee.NOTHING, db_default=MembersSee.NOTHING
    )
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)

    objects = CohortMembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cohort", "enrollment"],
                condition=Q(left_at__isnull=True),
                name="membership_stands_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrollment} in {self.cohort}"

    def allow_nudges(self, is_allowed: bool) -> None:
        self.allows_nudges = is_allowed
        self.save(update_fields=["allows_nudges"])

    @property
    def level(self) -> int:
        """What is shown of them: what they agreed to, or less where the cohort shows less."""
        return min(self.members_see, self.cohort.members_see)

    def agree_to(self, level: int) -> None:
        """To no more than the cohort shows."""
        self.members_see = min(level, self.cohort.members_see)
        self.save(update_fields=["members_see"])

    def leave(self, now: datetime) -> None:
        """Nothing of these two weeks is seen in the cohort any more, from now on; what they wrote
        under its posts is gone.

        Its coaches see nothing by way of another cohort either that one of them leads: there it is
        chosen anew.
        """
        with transaction.atomic():
            self.enrollment.lock()
            self.left_at = now
            self.save(update_fields=["left_at"])
            self.comments.all().delete()
            coaches = self.cohort.standing_coaches().values("coach")
            standing = self.enrollment.consents.filter(revoked_at__isnull=True)
            standing.filter(Q(cohort=self.cohort) | Q(coach__in=coaches)).update(revoked_at=now)
