import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Self

from django.db import models, transaction
from django.db.models import F, Q

from accounts.models import User
from program.models.cohorts import Cohort, CohortMembership
from program.models.consents import Consent
from program.models.enrollments import Enrollment
from program.models.scopes import MembersSee

LIFETIME = timedelta(hours=168)


class NoPlaceError(Exception):
    """The invitation has expired, or was revoked or used up meanwhile."""


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def of_token(self, token: str) -> Self:
        return self.filter(token_hash=hashed(token))

    def coached_by(self, user: User) -> Self:
        return self.filter(
            cohort__coaches__coach=user,
            cohort__coaches__left_at__isnull=True,
            cohort__closed_at__isnull=True,
        )

    def of(self, cohort: Cohort) -> Self:
        return self.filter(cohort=cohort)

    def led_in(self, enrollment: Enrollment) -> Self:
        """Those into cohorts in which these two weeks are walked already."""
        return self.filter(
            cohort__memberships__enrollment=enrollment, cohort__memberships__left_at__isnull=True
        )

    def standing(self, now: datetime) -> Self:
        """Neither expired nor revoked; the places may be taken."""
        return self.filter(expires_at__gt=now, revoked_at__isnull=True)

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-pk")

    def usable(self, now: datetime) -> Self:
        """Neither expired, revoked nor used up, of a cohort that is open."""
        has_room = Q(max_uses__isnull=True) | Q(uses__lt=F("max_uses"))
        # No join: an update would look for its rows in a subquery then, and of two who wait for
        # the last place the second would not be asked again whether there still is one.
        is_open = Q(cohort__in=Cohort.objects.open())
        return self.standing(now).filter(has_room, is_open)


class Invitation(models.Model):
    """A link into a cohort. Only the hash of its token is kept: who made it sees the link once."""

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="invitations")
    token_hash = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="invitations")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    # Null: any number.
    max_uses = models.PositiveIntegerField(null=True, blank=True)
    uses = models.PositiveIntegerField(default=0)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(max_uses__isnull=True) | Q(uses__lte=F("max_uses")),
                name="invitation_never_overused",
            ),
        ]

    def __str__(self) -> str:
        return f"Invitation to {self.cohort}"

    @classmethod
    def make(
        cls, *, cohort: Cohort, by: User, now: datetime, max_uses: int | None = None
    ) -> "tuple[Invitation, str]":
        """The invitation and its token, 256 random bits, which is kept nowhere."""
        token = secrets.token_urlsafe(32)
        invitation = cls.objects.create(
            cohort=cohort,
            token_hash=hashed(token),
            created_by=by,
            created_at=now,
            expires_at=now + LIFETIME,
            max_uses=max_uses,
        )
        return invitation, token

    def has_room(self) -> bool:
        return self.max_uses is None or self.uses < self.max_uses

    def replace(self, *, by: User, now: datetime) -> str | None:
        """Revoke it and make one for the places that are left; the new token.

        None when there is nothing to replace: of two taps the second changes nothing.
        """
        with transaction.atomic():
            standing = (
                Invitation.objects.filter(pk=self.pk).select_for_update(of=("self",)).usable(now)
            )
            stored = standing.first()
            if stored is None:
                return None
            stored.revoke(now)
            places = None if stored.max_uses is None else stored.max_uses - stored.uses
            return Invitation.make(cohort=stored.cohort, by=by, now=now, max_uses=places)[1]

    def admit(
        self,
        enrollment: Enrollment,
        *,
        scope: str,
        allows_nudges: bool,
        members_see: int = MembersSee.NOTHING,
        now: datetime,
    ) -> CohortMembership:
        """Take a place in the cohort, and let each of its coaches see `scope`, and its members
        `members_see`, or less where the cohort has less by now.

        Who is in already takes no second place. Raises NoPlaceError.
        """
        with transaction.atomic():
            enrollment.lock()
            standing = self.cohort.members().filter(enrollment=enrollment).first()
            if standing:
                return standing
            if not self.redeem(now):
                raise NoPlaceError
            membership = self.cohort.memberships.create(
                enrollment=enrollment,
                allows_nudges=allows_nudges,
                members_see=min(members_see, self.cohort.members_see),
                joined_at=now,
            )
            for leads in self.cohort.standing_coaches().select_related("coach"):
                Consent.objects.grant(
                    enrollment=enrollment,
                    coach=leads.coach,
                    cohort=self.cohort,
                    scope=scope,
                    now=now,
                )
        return membership

    def redeem(self, now: datetime) -> bool:
        """Take one place, if there is one: of two people who race for the last, one gets it."""
        taken = Invitation.objects.filter(pk=self.pk).usable(now).update(uses=F("uses") + 1)
        return taken == 1

    def revoke(self, now: datetime) -> None:
        """From now on nobody joins by it; a repeat changes nothing."""
        if self.revoked_at:
            return
        self.revoked_at = now
        self.save(update_fields=["revoked_at"])


def stands(pk: int, now: datetime) -> bool:
    """Whether somebody could join by that invitation: accounts asks before it lets them sign up."""
    return Invitation.objects.filter(pk=pk).usable(now).exists()


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
