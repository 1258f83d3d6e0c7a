"""An account in which everything was used, with words in it that are found wherever they stand."""

import uuid
from datetime import time, timedelta

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.contrib.sessions.models import Session
from django.db import connection, models
from django.test import Client

from accounts.models import OutgoingMail, UnusedNotice, User
from accounts.outbox import READY_MADE
from program.models import (
    Breakthrough,
    CalendarFeed,
    CoachNote,
    CoachVisit,
    Cohort,
    CohortMembership,
    DayComment,
    DayPost,
    EmailInvitation,
    Encouragement,
    Export,
    Follower,
    HostTakedown,
    Import,
    Invitation,
    Nudge,
    PageUpdate,
    PostReading,
    PublicPage,
    Reply,
    ReplyBlock,
    ReplyTakedown,
)
from program.models.deletion import FATES, Fate
from program.models.mail import MailChoice, MailKind
from tests.factories import NOON, PASSWORD, make_cohort, make_membership, make_user
from tests.writes import make_world

CANARY = "xyzzy7f3a"
# No other number in the database begins so.
FIRST_PK = 98765432100


def make_used_account(coach: User) -> tuple[User, Client]:
    """Somebody with a row in every table that knows people, and the client they use it with."""
    with connection.cursor() as cursor:
        for table in ("accounts_user", "program_enrollment"):
            cursor.execute(f"SELECT setval('{table}_id_seq', {FIRST_PK})")
    user = make_user(name=f"{CANARY} Name")
    User.objects.filter(pk=user.pk).update(email=f"{CANARY}@example.org")
    EmailAddress.objects.filter(user=user).update(email=f"{CANARY}@example.org")
    user.refresh_from_db()
    _use_account(user)
    _use_program(user, coach)
    _fill_every_text(user)
    client = _log_in(user)
    # Only now, for from here on it would be asked for.
    Authenticator.objects.create(user=user, type="webauthn", data={"name": CANARY})
    return user, client


def _use_account(user: User) -> None:
    other = EmailAddress.objects.create(user=user, email=f"{CANARY}.two@example.org")
    EmailConfirmation.objects.create(email_address=other, key=CANARY)
    UnusedNotice.objects.create(user=user, asked_at=NOON)
    group = Group.objects.create(name="Helpers")
    user.groups.add(group)
    user.user_permissions.add(Permission.objects.earliest("pk"))
    OutgoingMail.objects.put(
        READY_MADE, key="1", to=user, content={"body": CANARY}, now=NOON + timedelta(hours=1)
    )
    OutgoingMail.objects.put(
        READY_MADE, key="2", to=f"{CANARY.upper()}.Two@example.org", content={}, now=NOON
    )


def _use_program(user: User, coach: User) -> None:
    enrollment = make_world(user).enrollment
    cohort = make_cohort(coach=coach)
    membership = make_membership(cohort=cohort, enrollment=enrollment, nudges=True)
    Encouragement.objects.leave(
        coach=coach,
        enrollment=enrollment,
        client_id=uuid.uuid4(),
        day=NOON.date(),
        text="Well",
        now=NOON,
    )
    Nudge.objects.send(coach=coach, membership=membership, text="Still there?", now=NOON)
    CoachNote.objects.save_text(
        coach=coach, enrollment=enrollment, text="Shy", based_on=0, now=NOON
    )
    CoachVisit.objects.note(coach=coach, enrollments=[enrollment.pk], on=NOON.date(), now=NOON)
    _use_cohort(cohort, coach, membership)
    CalendarFeed.objects.open(user, at=time(8), shows_words=True, now=NOON)
    MailChoice.objects.create(user=user, kind=MailKind.COACH_NOTE, chosen_at=NOON)
    page = PublicPage.choose(
        enrollment, moments=Breakthrough.objects.of(enrollment), now=NOON, shown_as=CANARY
    )
    page.publish(NOON)
    HostTakedown.close(page, by=coach, reason=CANARY, now=NOON)
    follower = Follower.objects.create(page=page, email="visitor@example.org", created_at=NOON)
    follower.confirm(NOON)
    reply = Reply.objects.create(
        page=page, client_key="1", kind="idea", name="Peder", follower=follower, created_at=NOON
    )
    PageUpdate.objects.send(page=page, client_id=uuid.uuid4(), text="Done", now=NOON)
    ReplyBlock.objects.create(page=page, sender="1", at=NOON)
    ReplyTakedown.objects.put(reply, by=coach, now=NOON)
    Export.objects.create(
        user=user,
        created_at=NOON,
        ready_at=NOON,
        expires_at=NOON + timedelta(hours=1),
        content=CANARY.encode(),
    )
    Import.objects.create(
        user=user,
        created_at=NOON,
        expires_at=NOON + timedelta(hours=1),
        content=CANARY.encode(),
    )
    Invitation.make(cohort=make_cohort(coach=user, name=CANARY), by=user, now=NOON)


def _use_cohort(cohort: Cohort, coach: User, membership: CohortMembership) -> None:
    post = DayPost.objects.save_words(
        cohort=cohort, number=1, coach=coach, title="One", text="Begin", based_on=0, now=NOON
    )
    mailed, _token = Invitation.make(cohort=cohort, by=coach, now=NOON)
    EmailInvitation.objects.create(
        cohort=cohort, invitation=mailed, email=f"{CANARY}@example.org", sent_at=NOON
    )
    PostReading.objects.create(post=post, membership=membership, read_at=NOON)
    DayComment.objects.create(post=post, membership=membership, text="Yes", created_at=NOON)


def _fill_every_text(user: User) -> None:
    """Whatever of theirs takes words holds the canary."""
    for model in apps.get_app_config("program").get_models():
        if FATES[model._meta.label] != Fate.GOES:
            continue
        assert model._default_manager.exists(), f"nothing uses {model._meta.label}"
        for field in model._meta.get_fields():
            if _takes_words(field):
                model._default_manager.update(**{field.name: f"{CANARY} {field.name}"})


def _takes_words(field: object) -> bool:
    if not isinstance(field, models.CharField | models.TextField):
        return False
    return not (field.choices or field.unique or (field.max_length or 99) < 20)


def _log_in(user: User) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    Client().post("/accounts/login/code/", {"email": user.email})
    return client


def traces() -> dict[str, int]:
    """How many rows of which table hold the canary or an id of theirs; sessions are opened."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(
                f'SELECT count(*) FROM "{table}" t WHERE t::text ~* %s',  # noqa: S608
                [f"{CANARY}|{CANARY.encode().hex()}|{FIRST_PK // 1000}"],
            )
            found[table] = cursor.fetchone()[0]
    opened = [str(session.get_decoded()) for session in Session.objects.all()]
    words = (CANARY, str(FIRST_PK // 1000))
    found["django_session"] = sum(any(word in text for word in words) for text in opened)
    return {table: count for table, count in found.items() if count}
