import hashlib
import secrets
import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Self

from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from program.models.coaches import CohortCoach
from program.models.cohorts import Cohort, CohortMembership
from program.models.consents import Consent
from program.models.enrollments import Enrollment
from program.models.scopes import MembersSee

LIFETIME = timedelta(hours=168)


class NoPlaceError(Exception):
    """The invitation has expired, or was revoked or used up meanwhile."""


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def of_token(self, token: str, role: str) -> Self:
        """A link for one role opens no door of another."""
        return self.filter(token_hash=hashed(token), role=role)

    def coached_by(self, user: User) -> Self:
        return self.filter(
            cohort__coaches__coach=user,
            cohort__coaches__left_at__isnull=True,
            cohort__closed_at__isnull=True,
        )

    def of(self, cohort: Cohort, role: str) -> Self:
        return self.filter(cohort=cohort, role=role)

    def of_who_goes(self, coach: User) -> Self:
        """Those that end when `coach` stops coaching."""
        return self.filter(Q(created_by=coach) | Q(role=Invitation.Role.COACH))

    def led_in(self, enrollment: Enrollment) -> Self:
        """Those into cohorts in which these two weeks are walked already."""
        return self.filter(
            cohort__memberships__enrollment=enrollment, cohort__memberships__left_at__isnull=True
        )

    def standing(self, now: datetime) -> Self:
        """Neither expired nor revoked; the places may be taken."""
        return self.filter(expires_at__gt=now, revoked_at__isnull=True)

    def links(self) -> Self:
        """Those that a coach passes on; a mail has one of its own."""
        return self.filter(mailed=None)

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

    class Role(models.TextChoices):
        MEMBER = "member", _("Takes part")
        COACH = "coach", _("Coaches")

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="invitations")
    # What it makes of who uses it. Coaching is only ever given by naming it.
    role = models.CharField(max_length=6, choices=Role, default=Role.MEMBER)
    token_hash = models.CharField(max_length=64, unique=True)
    # Made with the page, so that a double tap makes one link.
    client_id = models.UUIDField(default=uuid.uuid4)
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
            models.CheckConstraint(
                condition=Q(role="member") | Q(role="coach", max_uses=1),
                name="invitation_makes_one_coach",
            ),
            models.UniqueConstraint(
                fields=["cohort", "created_by", "client_id"], name="invitation_natural_key"
            ),
        ]

    def __str__(self) -> str:
        return f"Invitation to {self.cohort}"

    @classmethod
    def make(
        cls,
        *,
        cohort: Cohort,
        by: User,
        now: datetime,
        max_uses: int | None = None,
        role: str = Role.MEMBER,
        client_id: uuid.UUID | None = None,
    ) -> "tuple[Invitation, str]":
        """The invitation and its token, 256 random bits, which is kept nowhere.

        A repeat of `client_id` finds the one that was made, and no token any more.
        """
        token = secrets.token_urlsafe(32)
        invitation, is_new = cls.objects.get_or_create(
            cohort=cohort,
            created_by=by,
            client_id=client_id or uuid.uuid4(),
            defaults={
                "role": role,
                "token_hash": hashed(token),
                "created_at": now,
                "expires_at": now + LIFETIME,
                "max_uses": 1 if role == cls.Role.COACH else max_uses,
            },
        )
        return invitation, token if is_new else ""

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
            return Invitation.make(
                cohort=stored.cohort, by=by, now=now, max_uses=places, role=stored.role
            )[1]

    def entrust(self, coach: User, now: datetime) -> None:
        """Coach the cohort from now on; who does already uses nothing up. Raises NoPlaceError."""
        with transaction.atomic():
            # One after the other, so that a coach who goes ends every link before it is used.
            self.cohort.lock()
            if self.cohort.standing_coaches().filter(coach=coach).exists():
                return
            if not self.redeem(now):
                raise NoPlaceError
            self.cohort.take_on(coach, now)

    def admit(
        self,
        enrollment: Enrollment,
        *,
        named: Collection[CohortCoach],
        scope: str,
        allows_nudges: bool,
        members_see: int = MembersSee.NOTHING,
        now: datetime,
    ) -> CohortMembership:
        """Take a place in the cohort. Those of its coaches who were `named` see `scope`, and its
        members `members_see`, or less where the cohort has less by now.

        Who is in already takes no second place; earlier two weeks of theirs make room. Raises
        NoPlaceError.
        """
        with transaction.atomic():
            enrollment.lock()
            standing = self.cohort.members().filter(enrollment=enrollment).first()
            if standing:
                return standing
            if not self.redeem(now):
                raise NoPlaceError
            for earlier in self.cohort.members().filter(
                enrollment__participant=enrollment.participant
            ):
                earlier.leave(now)
            membership = self.cohort.memberships.create(
                enrollment=enrollment,
                allows_nudges=allows_nudges,
                members_see=min(members_see, self.cohort.members_see),
                joined_at=now,
            )
            coaches = self.cohort.standing_coaches().filter(pk__in=[row.pk for row in named])
            for leads in coaches.select_related("coach"):
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
