"""A coach's words by mail: for whoever chose it, and has not read them on the page meanwhile."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from accounts.models import OutgoingMail, User
from program.models import CohortMembership, Encouragement, MailChoice
from program.models.mail import MailKind
from program.models.nudges import MAILED_AFTER
from tests.factories import NOON
from tests.post import body, scan, sink
from tests.program.test_coaching import carol_client, cohort, leave, logged_in, membership, url_of
from tests.sink import Sink

__all__ = ["carol_client", "cohort", "membership", "sink"]  # fixtures

WORDS = "Who else has a key? <b>Ask</b> them."
LATER = NOON + MAILED_AFTER
DAY = timedelta(hours=1) * 24


@pytest.fixture
def wants_mail(alice: User) -> None:
    MailChoice.objects.choose(alice, MailKind.COACH_NOTE, now=NOON)


@pytest.mark.usefixtures("wants_mail")
def test_a_note_that_was_not_read_comes_by_mail_once(
    carol_client: Client, membership: CohortMembership, sink: Sink
) -> None:
    leave(carol_client, membership, text=WORDS)

    scan(LATER - timedelta(seconds=1))
    assert sink.mails == []
    scan(LATER)
    scan(LATER + DAY)

    (mail,) = sink.mails
    assert mail["To"] == "alice@example.org"
    assert mail["Subject"] == "Carol left you a word"
    assert WORDS in body(mail)
    assert "http://localhost:8000/days/2027-03-16/" in body(mail)
    html = body(mail, "html")
    assert "&lt;b&gt;Ask&lt;/b&gt;" in html
    assert "<b>" not in html
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@pytest.mark.usefixtures("wants_mail")
def test_one_click_ends_the_mail_and_nothing_else(
    carol_client: Client, membership: CohortMembership, sink: Sink
) -> None:
    leave(carol_client, membership, text=WORDS)
    scan(LATER)
    (mail,) = sink.mails
    url = re.fullmatch(r"<http://localhost:8000(/\S+)>", mail["List-Unsubscribe"])
    assert url is not None

    Client().post(url[1], {"List-Unsubscribe": "One-Click"})

    leave(carol_client, membership, text="Another one.")
    scan(LATER + DAY)
    assert len(sink.mails) == 1
    assert Encouragement.objects.count() == 2


def test_who_did_not_choose_mail_gets_none(
    carol_client: Client, membership: CohortMembership, sink: Sink
) -> None:
    leave(carol_client, membership)

    scan(LATER)

    assert sink.mails == []
    assert OutgoingMail.objects.get().state == OutgoingMail.State.SKIPPED


@pytest.mark.usefixtures("wants_mail")
@pytest.mark.parametrize("case", ["read", "removed", "left", "revoked", "coach gone"])
def test_what_is_of_no_use_by_then_is_not_mailed(
    case: str, carol_client: Client, membership: CohortMembership, sink: Sink, alice: User
) -> None:
    leave(carol_client, membership)
    note = Encouragement.objects.get()
    match case:
        case "read":
            logged_in(alice).post("/notes/read/", {"day": str(note.day), "note": note.client_id})
        case "removed":
            note.remove(NOON)
        case "left":
            membership.leave(NOON)
        case "revoked":
            membership.enrollment.consents.update(revoked_at=NOON)
        case "coach gone":
            membership.cohort.coaches.update(left_at=NOON)

    scan(LATER)

    assert sink.mails == []


@pytest.mark.usefixtures("wants_mail")
def test_a_nudge_comes_by_mail_and_to_all_who_are_quiet(
    carol_client: Client, membership: CohortMembership, sink: Sink, noon: time_machine.Traveller
) -> None:
    carol_client.post(url_of(membership, "nudge/"), {"text": "Two minutes are enough."})

    scan(LATER)

    (mail,) = sink.mails
    assert "Two minutes are enough." in body(mail)
    assert "http://localhost:8000/today/" in body(mail)


@pytest.mark.usefixtures("wants_mail")
def test_a_nudge_of_yesterday_is_not_sent_today(
    carol_client: Client, membership: CohortMembership, sink: Sink
) -> None:
    carol_client.post(url_of(membership, "nudge/"), {"text": "Two minutes are enough."})

    scan(NOON + DAY)

    assert sink.mails == []
