"""The page of those who run the site: totals, the lamp, and a test email."""

from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client
from pytest_django import Settings

from accounts import delivery
from accounts.models import OutgoingMail, Scan, User
from program.models import Enrollment
from program.models.totals import totals
from tests.factories import NOON, make_cohort, make_enrollment, make_reflection, make_user
from tests.posting import is_our_page, text_of


@pytest.fixture(autouse=True)
def _without_second_factors(settings: Settings) -> None:
    settings.REQUIRE_SECOND_FACTOR = (
        "nobody"  # that they are asked for, test_required_factors.py says
    )


@pytest.fixture
def staff(db: None) -> User:
    user = make_user(name="Stellan")
    user.is_staff = True
    user.save()
    return user


@pytest.fixture
def staff_client(staff: User, noon: time_machine.Traveller) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def test_page_shows_totals_and_nobodys_words(
    staff_client: Client, enrollment: Enrollment, bob: User
) -> None:
    make_reflection(enrollment=enrollment, text="What only Alice reads")
    make_cohort(coach=bob, name="Spring starters")

    page = text_of(staff_client.get("/staff/"))

    assert "<dt>Accounts</dt><dd>3</dd>" in page
    assert "<dt>Two weeks running</dt><dd>1</dd>" in page
    assert "<dt>Open cohorts</dt><dd>1</dd>" in page
    for words in ("Alice", "alice@", "Bob", "repair corner", "Spring starters"):
        assert words not in page


@pytest.mark.parametrize(
    ("starts_on", "running"),
    [
        (date(2027, 3, 2), 0),
        (date(2027, 3, 3), 1),
        (date(2027, 3, 16), 1),
        (date(2027, 3, 17), 0),
    ],
)
def test_totals_count_two_weeks_on_their_days(alice: User, starts_on: date, running: int) -> None:
    make_enrollment(participant=alice, starts_on=starts_on)

    assert totals(NOON).running == running


def test_totals_count_two_weeks_that_a_pause_has_moved(alice: User) -> None:
    enrollment = make_enrollment(participant=alice, starts_on=date(2027, 3, 1))
    enrollment.pauses.create(starts_on=date(2027, 3, 4), ends_on=date(2027, 3, 8), created_at=NOON)

    assert totals(NOON).running == 1


def _nothing() -> None:
    pass


def _scanned() -> None:
    Scan.note(Scan.MAIL, NOON)


def _scanned_long_ago() -> None:
    Scan.note(Scan.MAIL, NOON - timedelta(hours=2))


def _refused() -> None:
    Scan.note(Scan.MAIL, NOON, trouble="ConnectionRefusedError")


def _behind() -> None:
    Scan.note(Scan.MAIL, NOON)
    then = NOON - timedelta(minutes=10)
    OutgoingMail.objects.put("account", key="late", to="a@example.org", now=then)


@pytest.mark.parametrize(
    ("happen", "words"),
    [
        (_nothing, "No worker has looked for mail yet"),
        (_scanned, "A worker is there, and mail goes out."),
        (_scanned_long_ago, "a worker last looked 2\xa0hours ago"),
        (_refused, "cannot reach the mail server (ConnectionRefusedError)"),
        (_behind, "falls behind with the mail"),
    ],
)
def test_lamp_says_what_keeps_the_mail(staff_client: Client, happen, words: str) -> None:  # type: ignore[no-untyped-def]
    happen()

    page = text_of(staff_client.get("/staff/"))

    assert words in page
    assert ("lamp--lit" in page) == (happen is _scanned)


def test_test_mail_goes_to_whoever_asks_and_once_a_minute(
    staff_client: Client, staff: User, mailoutbox: list[object]
) -> None:
    for _tap in range(2):
        response = staff_client.post("/staff/test-mail/", {"to": "elsewhere@example.org"})
        assert response["Location"] == "/staff/"

    mail = OutgoingMail.objects.get()
    assert (mail.user, mail.to, mail.kind) == (staff, staff.email, "test")
    assert "A test email is on its way to stellan@example.org." in text_of(
        staff_client.get("/staff/")
    )


def test_test_mail_says_how_long_it_took(staff_client: Client, staff: User) -> None:
    staff_client.post("/staff/test-mail/")
    mail = OutgoingMail.objects.get()

    message = delivery._composed(mail, NOON + timedelta(seconds=3))

    assert message
    assert message.subject == "A test email from Two Weeks"
    assert "It left 3 seconds after you asked." in message.body
    assert "http://localhost:8000/staff/" in message.body


def test_staff_page_is_not_there_for_people(alice_client: Client) -> None:
    response = alice_client.get("/staff/")

    assert response.status_code == 404
    assert is_our_page(response)
    assert alice_client.post("/staff/test-mail/").status_code == 404
    assert not OutgoingMail.objects.exists()


def test_menu_leads_there_for_staff_alone(staff_client: Client, alice_client: Client) -> None:
    assert 'href="/staff/"' in text_of(staff_client.get("/settings/"))
    assert 'href="/staff/"' not in text_of(alice_client.get("/settings/"))
