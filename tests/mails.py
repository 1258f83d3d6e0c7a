"""An example of every kind of mail, with people and words as they might be."""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from typing import NamedTuple

from django.core import mail as sent
from django.core.mail import EmailMultiAlternatives
from django.test import Client

from accounts import outbox
from accounts.models import OutgoingMail, User
from program.archive.background import put_together
from program.models import (
    Cohort,
    CohortMembership,
    Encouragement,
    Export,
    Invitation,
    MailChoice,
    Nudge,
    PageUpdate,
)
from tests.factories import (
    NOON,
    make_cohort,
    make_enrollment,
    make_entry,
    make_membership,
    make_page,
    make_reply,
    make_user,
)

EVENING = datetime(2027, 3, 16, 19, 0, tzinfo=UTC)
MORNING = datetime(2027, 3, 16, 6, 30, tzinfo=UTC)
LONG_NAME = "Maximiliane Wolkenstein-Hohenfels"


class World(NamedTuple):
    """A coach, and a member on day 9 who wants all the mail there is."""

    coach: User
    member: User
    cohort: Cohort
    membership: CohortMembership


def make_world() -> World:
    coach, member = make_user(name="Marta"), make_user(name="Nora")
    cohort = make_cohort(coach=coach, name="Spring starters")
    enrollment = make_enrollment(participant=member)
    membership = make_membership(cohort=cohort, enrollment=enrollment, nudges=True)
    for kind, at in (("morning", time(7, 30)), ("evening", time(20)), ("coach_note", None)):
        MailChoice.objects.choose(member, kind, at=at, now=NOON)
    MailChoice.objects.choose(coach, "coach_digest", at=time(8), now=NOON)
    return World(coach, member, cohort, membership)


def _compose(
    kind: str, to: User | str, now: datetime, **payload: object
) -> EmailMultiAlternatives | None:
    mail = OutgoingMail.intend(kind, key="example", to=to, now=now, payload=payload)
    message = outbox.KINDS[kind].compose(mail, now)
    assert message is None or isinstance(message, EmailMultiAlternatives)
    return message


def _account(world: World) -> Iterator[EmailMultiAlternatives | None]:
    """allauth's: one with a code, one with a link and one that only says something."""
    Client().post("/accounts/login/code/", {"email": world.member.email})
    Client().post("/accounts/password/reset/", {"email": world.member.email})
    client = Client()
    client.force_login(world.member)
    old, new = "four plain words here", "five other words stand here"
    client.post(
        "/accounts/password/change/", {"oldpassword": old, "password1": new, "password2": new}
    )
    assert len(sent.outbox) == 3
    for message in sent.outbox:
        assert isinstance(message, EmailMultiAlternatives)
        yield message


def _test(world: World) -> Iterator[EmailMultiAlternatives | None]:
    yield _compose("test", world.coach, NOON)


def _account_deleted(world: World) -> Iterator[EmailMultiAlternatives | None]:
    yield _compose("account_deleted", "nora@example.org", NOON)


def _account_unused(world: World) -> Iterator[EmailMultiAlternatives | None]:
    User.objects.filter(pk=world.member.pk).update(
        date_joined=NOON.replace(year=2024), last_login=NOON.replace(year=2024)
    )
    yield _compose("account_unused", world.member, NOON)


def _coach_note(world: World) -> Iterator[EmailMultiAlternatives | None]:
    note = Encouragement.objects.leave(
        coach=world.coach,
        enrollment=world.membership.enrollment,
        client_id=uuid.uuid4(),
        day=NOON.date(),
        text="You asked the caretaker first.\n\nWho else has a key to the library?",
        now=NOON,
    )
    yield _compose("coach_note", world.member, NOON, encouragement=note.pk)


def _nudge(world: World) -> Iterator[EmailMultiAlternatives | None]:
    nudge = Nudge.objects.send(
        coach=world.coach,
        membership=world.membership,
        text="Two minutes are enough for one share.",
        now=NOON,
    )
    yield _compose("nudge", world.member, NOON, nudge=nudge.pk)


def _invitation(world: World) -> Iterator[EmailMultiAlternatives | None]:
    client = Client()
    client.force_login(world.coach)
    words = "We begin on Monday, in the evening.\nBring one thing that you want."
    for said in (words, ""):
        client.post(
            f"/coaching/{world.cohort.pk}/invite/by-mail/",
            {"emails": f"ines{len(said)}@example.org", "words": said},
        )
    for mail in OutgoingMail.objects.filter(kind="invitation").order_by("pk"):
        message = outbox.KINDS["invitation"].compose(mail, NOON)
        assert isinstance(message, EmailMultiAlternatives)
        yield message


def _export_ready(world: World) -> Iterator[EmailMultiAlternatives | None]:
    Export.objects.ask_for(world.member, NOON)
    put_together(lambda: NOON)
    yield _compose("export_ready", world.member, NOON)


def _morning(world: World) -> Iterator[EmailMultiAlternatives | None]:
    enrollment = world.membership.enrollment
    about = {"enrollment": enrollment.pk, "day": "2027-03-16"}
    yield _compose("morning", world.member, MORNING, **about)
    make_entry(enrollment=enrollment, practice="request", day=date(2027, 3, 15))
    make_entry(enrollment=enrollment, practice="share")
    make_entry(enrollment=enrollment, practice="act")
    make_entry(enrollment=enrollment, practice="act", place=2)
    yield _compose("morning", world.member, MORNING, **about)


def _evening(world: World) -> Iterator[EmailMultiAlternatives | None]:
    enrollment = world.membership.enrollment
    for practice, count in (("share", 2), ("act", 1), ("request", 1)):
        for place in range(1, count + 1):
            make_entry(enrollment=enrollment, practice=practice, place=place)
    about = {"enrollment": enrollment.pk, "day": "2027-03-16"}
    yield _compose("evening", world.member, EVENING, **about)


def _coach_digest(world: World) -> Iterator[EmailMultiAlternatives | None]:
    make_entry(enrollment=world.membership.enrollment, line="Told the caretaker")
    Invitation.make(cohort=world.cohort, by=world.coach, now=NOON)
    for name in ("Imre", LONG_NAME):
        enrollment = make_enrollment(participant=make_user(name=name))
        make_membership(cohort=world.cohort, enrollment=enrollment)
    other = make_cohort(coach=world.coach, name="Repair corners of the north")
    for number in range(14):
        enrollment = make_enrollment(participant=make_user(name=f"Member {number + 1:02}"))
        make_membership(cohort=other, enrollment=enrollment)
    yield _compose("coach_digest", world.coach, NOON, day="2027-03-16")


def _later_questions(world: World) -> Iterator[EmailMultiAlternatives | None]:
    enrollment = world.membership.enrollment
    MailChoice.objects.choose(world.member, "later_questions", now=NOON)
    for day in enrollment.later_dates:
        about = {"enrollment": enrollment.pk, "day": day.isoformat()}
        yield _compose("later_questions", world.member, NOON, **about)


def _replies(world: World) -> Iterator[EmailMultiAlternatives | None]:
    page = make_page(world.membership.enrollment)
    for words in ("Put the kettle by the door", "I have a lamp"):
        make_reply(page, words=words)
        yield _compose("replies", world.member, NOON, day="2027-03-16")


def _reply_confirm(world: World) -> Iterator[EmailMultiAlternatives | None]:
    for name in ("Nora", ""):
        page = make_page(world.membership.enrollment, shown_as=name)
        make_reply(page, email=f"peder{name}@example.org", words=f"For {name}")
        yield _compose(
            "reply_confirm", "peder@example.org", NOON, follower=page.followers.latest("pk").pk
        )


def _page_update(world: World) -> Iterator[EmailMultiAlternatives | None]:
    page = make_page(world.membership.enrollment, shown_as="Nora")
    for email in ("peder@example.org", "birgit@example.org"):
        follower = make_reply(page, email=email).follower
        assert follower
        follower.confirm(NOON)
        update = PageUpdate.objects.send(
            page=page,
            client_id=uuid.uuid4(),
            text="The doors opened on Saturday.\n\nThank you, Peder: the kettle stands there.",
            now=NOON,
        )
        yield _compose("page_update", email, NOON, follower=follower.pk, update=update.pk)


EXAMPLES: dict[str, Callable[[World], Iterator[EmailMultiAlternatives | None]]] = {
    "account": _account,
    "test": _test,
    "account_deleted": _account_deleted,
    "account_unused": _account_unused,
    "coach_note": _coach_note,
    "nudge": _nudge,
    "invitation": _invitation,
    "export_ready": _export_ready,
    "morning": _morning,
    "evening": _evening,
    "coach_digest": _coach_digest,
    "later_questions": _later_questions,
    "replies": _replies,
    "reply_confirm": _reply_confirm,
    "page_update": _page_update,
}


def examples(kind: str) -> list[EmailMultiAlternatives]:
    """Those of the kind; each has something to say."""
    found = list(EXAMPLES[kind](make_world()))
    assert found
    assert all(found), f"{kind} has nothing to say"
    return [message for message in found if message]


def html_of(message: EmailMultiAlternatives) -> str:
    ((content, media_type),) = message.alternatives
    assert media_type == "text/html"
    return str(content)
