"""What happened to an account and who looked, on one page."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import AccessEvent, User
from program.models import CoachVisit, Consent, Enrollment
from tests.factories import NOON, make_cohort, make_membership
from tests.posting import text_of


def happen(user: User, kind: str, *, minutes: int = 0, device: str = "Firefox on Linux") -> None:
    at = NOON - timedelta(minutes=minutes)
    AccessEvent.objects.create(user=user, kind=kind, at=at, device=device, ip="2001:db8::7")


def test_access_list_says_what_happened_newest_first(
    alice_client: Client, alice: User, bob: User
) -> None:
    happen(alice, "login_code", minutes=9)
    happen(alice, "password_changed", minutes=3)
    happen(bob, "passkey_added")

    page = text_of(alice_client.get("/settings/access/"))

    assert page.index("The password was changed") < page.index("Logged in with a code by email")
    assert "Firefox on Linux · 2001:db8::7<" in page
    assert "Tuesday, March 16, 12:57 p.m." in page  # by her own clock
    assert "A passkey was added" not in page


def test_access_list_says_what_a_coach_may_see_and_when_they_looked(
    alice_client: Client, enrollment: Enrollment, carol: User
) -> None:
    cohort = make_cohort(coach=carol)
    make_membership(cohort=cohort, enrollment=enrollment, scope="counts")
    later = NOON + timedelta(minutes=1)
    CoachVisit.objects.note(coach=carol, enrollments=[enrollment.pk], on=NOON.date(), now=later)
    Consent.objects.grant(
        enrollment=enrollment, coach=carol, cohort=cohort, scope="entries", now=later
    )
    Consent.objects.revoke_from(carol, enrollment=enrollment, now=NOON + timedelta(minutes=2))

    page = text_of(alice_client.get("/settings/access/"))

    said = [
        "Carol may see nothing more",
        "Carol may see: Progress and notes",
        "Carol looked at your two weeks",
        "Carol may see: Progress only",
    ]
    assert [line for line in said if line in page] == said
    assert [page.index(line) for line in said] == sorted(page.index(line) for line in said)
    assert page.count("may see nothing more") == 1  # to see something else is not to see nothing


def test_access_list_shows_a_coach_nothing_of_it(
    client: Client, enrollment: Enrollment, carol: User
) -> None:
    make_membership(cohort=make_cohort(coach=carol), enrollment=enrollment)
    happen(enrollment.participant, "passkey_added")
    client.force_login(carol)

    page = text_of(client.get("/settings/access/"))

    assert "A passkey was added" not in page
    assert "may see" not in page


@pytest.mark.parametrize(("asked", "shown"), [("1", 1), ("3", 3), ("99", 3), ("x", 1), ("", 1)])
def test_access_list_has_pages_in_as_many_queries_as_one(
    asked: str, shown: int, alice_client: Client, alice: User
) -> None:
    for minutes in range(120):
        happen(alice, "login_password", minutes=minutes)

    with CaptureQueriesContext(connection) as captured:
        response = alice_client.get("/settings/access/", {"page": asked})

    assert f"Page {shown} of 3" in text_of(response)
    assert len(captured) == 4  # session, user, how many, and those of the page


def test_access_list_of_who_has_none_says_so(alice_client: Client) -> None:
    assert "Nothing yet." in text_of(alice_client.get("/settings/access/"))


def test_settings_lead_to_the_access_list(alice_client: Client) -> None:
    assert 'href="/settings/access/"' in text_of(alice_client.get("/settings/"))
