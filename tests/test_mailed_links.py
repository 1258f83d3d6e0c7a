"""Opening what a mail links to, any number of times and by whatever program, changes nothing and
logs nobody in."""

import re
import uuid
from datetime import time, timedelta

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from program.models import (
    Cohort,
    CohortMembership,
    Enrollment,
    Follower,
    MailChoice,
    PageUpdate,
)
from program.models.mail import MailKind
from program.models.reminders import queue_due
from tests.addresses import fingerprint
from tests.factories import NOON, make_page, make_reply
from tests.figures import figure
from tests.post import body, scan, sink
from tests.program.test_coaching import carol_client, cohort, leave, membership, url_of
from tests.program.test_email_invitations import invite
from tests.sink import Sink

__all__ = ["carol_client", "cohort", "membership", "sink"]  # fixtures

SITE = "http://localhost:8000"
SCANNER = {"User-Agent": "Mail scanner 1.0 (follows every link)"}


@pytest.fixture
def mailed(
    alice: User,
    carol_client: Client,
    cohort: Cohort,
    membership: CohortMembership,
    noon: time_machine.Traveller,
    sink: Sink,
) -> dict[str, set[str]]:
    """The links of every mail, by its subject."""
    MailChoice.objects.choose(alice, MailKind.MORNING, at=time(13, 30), now=NOON)
    MailChoice.objects.choose(alice, MailKind.EVENING, at=time(13, 45), now=NOON)
    MailChoice.objects.choose(alice, MailKind.COACH_NOTE, now=NOON)
    leave(carol_client, membership, text="Who else has a key?")
    carol_client.post(url_of(membership, "nudge/"), {"text": "Two minutes are enough."})
    invite(carol_client, cohort, "ruth@example.org")
    for address in ("alice", "nobody"):
        email = {"email": f"{address}@example.org"}
        Client(REMOTE_ADDR=f"10.0.0.{len(address)}").post("/accounts/login/code/", email)
        Client(REMOTE_ADDR=f"10.0.1.{len(address)}").post("/accounts/password/reset/", email)
        signup = {**email, "password1": "stones on a ridge"}
        Client(REMOTE_ADDR=f"10.0.2.{len(address)}").post("/accounts/signup/", signup)
    scan(NOON + timedelta(minutes=1))
    for minutes in (31, 46):
        now = NOON + timedelta(minutes=minutes)
        noon.move_to(now)
        queue_due(now)
        scan(now)
    of_visitors(alice, noon)
    return {
        mail["Subject"]: {
            link.rstrip(".,)")
            for kind in ("plain", "html")
            for link in re.findall(rf"{SITE}[^\s\"<>]*", body(mail, kind))
        }
        for mail in sink.mails
    }


def of_visitors(alice: User, noon: time_machine.Traveller) -> None:
    """Of a public page: to a visitor whether they want to hear how it ends, and how it did; to its
    owner, in the morning, that something waits.
    """
    page = make_page(Enrollment.objects.owned_by(alice).get())
    make_reply(page, email="peder@example.org")
    scan(NOON + timedelta(minutes=47))
    Follower.objects.get().confirm(NOON)
    PageUpdate.objects.send(page=page, client_id=uuid.uuid4(), text="The lights work.", now=NOON)
    scan(NOON + timedelta(minutes=48))
    at_nine = NOON + timedelta(hours=20, minutes=1)
    noon.move_to(at_nine)
    queue_due(at_nine)
    scan(at_nine)


def test_opening_every_link_of_every_mail_changes_nothing(mailed: dict[str, set[str]]) -> None:
    links = set().union(*mailed.values())
    # Today, the day, unsubscribing, choosing, joining, declining, the site, and how to get in.
    # Of a public page the follower's own, stopping, and the inbox.
    assert len(mailed) >= 10, mailed.keys()
    assert len(links) >= 13, links
    assert any("/follow/" in link for link in links)
    assert any("/inbox/" in link for link in links)
    before = fingerprint()

    for link in sorted(links):
        for method in ("get", "head", "options") * 3:
            client = Client(headers=SCANNER)
            response = getattr(client, method)(link.removeprefix(SITE) or "/")
            assert response.status_code in {200, 302, 405}, link
            assert "session" not in response.cookies, link
        assert fingerprint() == before, link
    opened = f"{len(links)} links of {len(mailed)} mails, each opened 9 times"
    figure("C8", f"changes and logins by {opened}", 0, bar="0", holds=True)
