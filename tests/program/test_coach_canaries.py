"""What somebody keeps to themselves is in no page, file, mail or log that anybody else can get."""

from datetime import time, timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from django.test import Client
from pytest_django import Settings

from program.models import Cohort, Enrollment, Finish, MailChoice, MembersSee, StepProgress
from program.models.mail import MailKind
from program.models.reminders import queue_due
from tests.addresses import ADDRESSES
from tests.factories import NOON, make_need, make_person
from tests.figures import figure
from tests.post import body, scan, sink
from tests.posting import HTMX
from tests.program.test_coached_access import ALL, MOMENT, NOTE, WORDS, asking, cohort, lived
from tests.sink import Sink

__all__ = ["cohort", "lived", "sink"]  # fixtures

NEVER = {"canary-private", "canary-person", "canary-need", "canary-step", "canary-finish"}
CANARIES = ALL | NEVER
# Who looks, and which of the canaries they may find.
LOOKING = {
    "nobody": set(),
    "other member": set(),
    "no member": set(),
    "staff": set(),
    "coach of another cohort": set(),
    "coach with counts": {NOTE},
    "coach with entries": {*WORDS, NOTE},
    "coach with moments": {*WORDS, MOMENT, NOTE},
    "coach without consent": set(),
    "coach who left": set(),
    "co-coach with counts": set(),
    "co-coach without consent": set(),
}


@pytest.fixture(autouse=True)
def _kept(lived: Enrollment, settings: Settings) -> None:
    settings.REQUIRE_SECOND_FACTOR = "nobody"
    make_person(user=lived.participant, name="Imani", note="canary-person")
    make_need(enrollment=lived, question="canary-need")
    StepProgress.objects.create(
        enrollment=lived, number=1, state="begun", note="canary-step", updated_at=NOON
    )
    Finish.objects.create(enrollment=lived, gave_way="canary-finish", updated_at=NOON)


def addresses(cohort: Cohort, lived: Enrollment) -> list[str]:
    """Every address of the site, each with the numbers of this cohort and of these two weeks."""
    with_people = f"/coaching/{cohort.pk}/people/{lived.pk}/"
    found = {
        address.replace("/coaching/1/people/1/", with_people).replace("/1/", f"/{number}/")
        for address in ADDRESSES
        for number in (cohort.pk, lived.pk, lived.participant.pk)
    }
    sorts = [f"/coaching/{cohort.pk}/?{urlencode({'q': word})}" for word in sorted(CANARIES)]
    return sorted(found) + sorts


@pytest.mark.parametrize("role", LOOKING)
def test_nobody_else_finds_what_somebody_keeps(
    role: str,
    cohort: Cohort,
    lived: Enrollment,
    sink: Sink,
    noon: time_machine.Traveller,
    caplog: pytest.LogCaptureFixture,
) -> None:
    cohort.members_see = MembersSee.ENTRIES
    cohort.save()
    cohort.memberships.update(members_see=MembersSee.NAMES)
    user = asking(role, cohort, lived)
    if user:
        MailChoice.objects.choose(user, MailKind.COACH_DIGEST, at=time(13, 30), now=NOON)

    client = Client(raise_request_exception=False)
    if user:
        client.force_login(user)
    found, bodies = set(), 0
    for address in addresses(cohort, lived):
        for headers in ({}, HTMX):
            text = _get(client, address, headers)
            # What was asked for stands in the address and in the field that it was typed into.
            asked = {word for word in CANARIES if f"q={word}" in address}
            found |= {word for word in CANARIES - asked if word in text}
            bodies += 1
    later = NOON + timedelta(minutes=31)
    noon.move_to(later)
    queue_due(later)
    scan(later)
    for mail in sink.mails:
        words = f"{mail['Subject']} {body(mail)} {body(mail, 'html')}"
        assert not {word for word in CANARIES if word in words}

    assert found == LOOKING[role]
    assert not {word for word in CANARIES if word in caplog.text.replace("q=" + word, "")}
    looked = f"{bodies} answers and {len(sink.mails)} mails"
    figure(f"D5/{role}", f"private words in what a {role} gets, {looked}", 0, bar="0", holds=True)


def _get(client: Client, address: str, headers: dict[str, str]) -> str:
    response = client.get(address, headers=headers)
    assert response.status_code < 500 or address == "/health/worker", address
    content = b"".join(response) if response.streaming else response.content
    return str(content, "utf-8", "replace")
