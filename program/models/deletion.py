"""The end of an account: at once and complete. What becomes of each table stands in FATES."""

import enum
import uuid
from datetime import datetime

from allauth.account.models import EmailAddress
from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Lower

from accounts import goodbye, limits, sessions
from accounts.models import OutgoingMail, User
from program.models.coaches import CohortCoach
from program.models.cohorts import Cohort, CohortMembership, CohortQuerySet
from program.models.enrollments import Enrollment
from program.models.invitations import Invitation


class Fate(enum.Enum):
    """What becomes of somebody's rows when their account is deleted."""

    GOES = "a key leads to the account, or to what goes with it, and takes the row along"
    UNNAMED = "the row stays with whom it was written to, and says no more who wrote it"
    SHARED = "it belongs to a cohort, and goes with it when nobody else coaches there"
    SOUGHT = "no key leads to the account; rows that hold it are looked for and go"
    NOBODYS = "it holds nobody"


# By label. A new model takes its place here, or a test says that it has none.
FATES = {
    "accounts.User": Fate.GOES,
    "accounts.User_groups": Fate.GOES,
    "accounts.User_user_permissions": Fate.GOES,
    "accounts.AccessEvent": Fate.GOES,
    "accounts.UnusedNotice": Fate.GOES,
    "accounts.OutgoingMail": Fate.SOUGHT,
    "accounts.Scan": Fate.NOBODYS,
    "accounts.MailHold": Fate.NOBODYS,
    "account.EmailAddress": Fate.GOES,
    "account.EmailConfirmation": Fate.GOES,
    "mfa.Authenticator": Fate.GOES,
    "socialaccount.SocialAccount": Fate.GOES,
    "socialaccount.SocialToken": Fate.GOES,
    "socialaccount.SocialApp": Fate.NOBODYS,
    "usersessions.UserSession": Fate.GOES,
    "sessions.Session": Fate.SOUGHT,
    "admin.LogEntry": Fate.GOES,
    "auth.Group": Fate.NOBODYS,
    "auth.Group_permissions": Fate.NOBODYS,
    "auth.Permission": Fate.NOBODYS,
    "contenttypes.ContentType": Fate.NOBODYS,
    # Its arguments are ids of work to be done.
    "procrastinate.ProcrastinateJob": Fate.NOBODYS,
    "procrastinate.ProcrastinateEvent": Fate.NOBODYS,
    "procrastinate.ProcrastinatePeriodicDefer": Fate.NOBODYS,
    "procrastinate.ProcrastinateWorker": Fate.NOBODYS,
    "program.Breakthrough": Fate.GOES,
    "program.CalendarFeed": Fate.GOES,
    "program.Breakthrough_entries": Fate.GOES,
    "program.CoachNote": Fate.GOES,
    "program.CoachVisit": Fate.UNNAMED,
    "program.Cohort": Fate.SHARED,
    "program.CohortCoach": Fate.GOES,
    "program.CohortMembership": Fate.GOES,
    "program.Consent": Fate.GOES,
    "program.DailyEntry": Fate.GOES,
    "program.DayComment": Fate.GOES,
    "program.DayPost": Fate.UNNAMED,
    "program.EmailInvitation": Fate.SOUGHT,
    "program.Encouragement": Fate.UNNAMED,
    "program.Enrollment": Fate.GOES,
    "program.Export": Fate.GOES,
    "program.Finish": Fate.GOES,
    # What visitors left goes with the page that they left it on.
    "program.Follower": Fate.GOES,
    "program.Goal": Fate.GOES,
    # With the page that it closed.
    "program.HostTakedown": Fate.GOES,
    "program.Import": Fate.GOES,
    "program.Invitation": Fate.GOES,
    "program.MailChoice": Fate.GOES,
    "program.Need": Fate.GOES,
    "program.Nudge": Fate.UNNAMED,
    "program.PageUpdate": Fate.GOES,
    "program.Pause": Fate.GOES,
    "program.Person": Fate.GOES,
    "program.PostReading": Fate.GOES,
    "program.PublicPage": Fate.GOES,
    "program.PublicPage_moments": Fate.GOES,
    "program.Reflection": Fate.GOES,
    "program.Reply": Fate.GOES,
    "program.ReplyBlock": Fate.GOES,
    "program.ReplyTakedown": Fate.GOES,
    "program.StepProgress": Fate.GOES,
    "program.StepProgress_evidence": Fate.GOES,
}


class StillLeadingError(Exception):
    """There are cohorts with people in them whom nobody else would coach."""


def led_alone(user: User) -> CohortQuerySet:
    """The cohorts in which no coach would be left."""
    others = CohortCoach.objects.filter(cohort=OuterRef("pk"), left_at__isnull=True)
    led = Cohort.objects.filter(coaches__coach=user).exclude(Exists(others.exclude(coach=user)))
    return led.distinct()


def left_behind(user: User) -> CohortQuerySet:
    """Of these, those that are open and hold people: to be handed on or closed first."""
    members = CohortMembership.objects.standing().filter(cohort=OuterRef("pk"))
    return led_alone(user).open().filter(Exists(members)).order_by("name", "pk")


def delete_account(user: User, now: datetime, *, is_told: bool = True) -> None:
    """Everything that FATES says, and a letter that it is done; raises StillLeadingError."""
    with transaction.atomic():
        # Nobody begins, joins or writes anything of theirs meanwhile.
        User.objects.select_for_update().get(pk=user.pk)
        list(Enrollment.objects.owned_by(user).select_for_update())
        alone = Cohort.objects.filter(pk__in=led_alone(user).values("pk")).select_for_update()
        alone_pks = [cohort.pk for cohort in alone]
        if left_behind(user).exists():
            raise StillLeadingError
        addresses = _addresses(user)
        Cohort.objects.filter(pk__in=alone_pks).delete()
        sessions.forget_everywhere(user, addresses)
        limits.forget_limits_of(user)
        OutgoingMail.objects.to_any_of(addresses).delete()
        # The link goes, and with it who was asked by it.
        mailed = Invitation.objects.alias(address=Lower("mailed__email"))
        mailed.filter(address__in=addresses).delete()
        # What staff did is told by numbers, and theirs goes too.
        of_user = {"content_type__model": "user", "object_id": str(user.pk)}
        LogEntry.objects.filter(**of_user).delete()
        User.objects.filter(pk=user.pk).delete()
        if is_told:
            # An id of nobody, for the row outlives the letter.
            key = f"{goodbye.KIND}:{uuid.uuid4()}"
            OutgoingMail.objects.put(goodbye.KIND, key=key, to=user.email, now=now)


def _addresses(user: User) -> set[str]:
    others = EmailAddress.objects.filter(user=user).values_list("email", flat=True)
    return {user.email.lower(), *(address.lower() for address in others)}
