"""What is kept no longer than it is of use, as time goes by."""

from datetime import datetime, timedelta
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from accounts import outbox
from accounts.models import AccessEvent, OutgoingMail, User
from accounts.unused import KIND, account_unused
from program.models import DailyEntry, Enrollment, Export, Import, Invitation, Person
from program.models.retention import prune
from tests.factories import (
    NOON,
    PASSWORD,
    make_cohort,
    make_entry,
    make_membership,
    make_person,
    make_user,
)

DAY = timedelta(hours=24)


def gone(counts: dict[str, int]) -> dict[str, int]:
    return {what: count for what, count in counts.items() if count}


def test_prune_lets_go_of_what_was_removed_a_month_ago(enrollment: Enrollment) -> None:
    kept = make_entry(enrollment=enrollment, place=1)
    make_entry(enrollment=enrollment, place=2).remove(NOON)
    make_person(user=enrollment.participant).remove(NOON)

    assert gone(prune(NOON + 29 * DAY)) == {}
    assert gone(prune(NOON + 31 * DAY)) == {"removed": 2}

    assert list(DailyEntry.objects.all()) == [kept]
    assert not Person.objects.exists()


def test_prune_lets_go_of_old_links_sessions_and_access_events(alice: User) -> None:
    cohort = make_cohort(coach=alice)
    Invitation.make(cohort=cohort, by=alice, now=NOON)
    AccessEvent.objects.create(user=alice, kind="login", at=NOON, ip="198.51.100.7")
    now = datetime.now(tz=NOON.tzinfo)
    Client().post("/accounts/login/", {"login": alice.email, "password": PASSWORD})

    assert gone(prune(NOON + 30 * DAY)).keys() <= {"sessions", "devices", "limits"}
    counts = gone(prune(max(NOON, now) + 181 * DAY))

    assert counts["invitations"] == 1
    assert counts["access events"] >= 1
    assert gone(prune(max(NOON, now) + 181 * DAY)) == {}


def test_prune_lets_go_of_archives_when_their_day_is_over(alice: User) -> None:
    Export.objects.ask_for(alice, NOON)
    over = Export.objects.get().expires_at
    Import.objects.create(user=alice, created_at=NOON, expires_at=over, content=b"zip")

    assert gone(prune(over - timedelta(seconds=1))) == {}
    assert gone(prune(over)) == {"archives": 2}


def test_prune_a_second_time_finds_nothing(enrollment: Enrollment) -> None:
    make_entry(enrollment=enrollment).remove(NOON)

    assert gone(prune(NOON + 40 * DAY))
    assert gone(prune(NOON + 40 * DAY)) == {}


def test_prune_takes_more_rows_than_one_statement_does(
    enrollment: Enrollment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("program.models.retention.BATCH", 2)
    for place in range(1, 6):
        make_entry(enrollment=enrollment, place=place).remove(NOON)

    assert gone(prune(NOON + 31 * DAY)) == {"removed": 5}


def test_prune_says_what_it_did(enrollment: Enrollment) -> None:
    said = StringIO()

    call_command("prune", stdout=said)

    assert "0  removed" in said.getvalue()


# --- Accounts --------------------------------------------------------------------------------


@pytest.fixture
def unused(settings: Settings, db: None) -> User:
    settings.RETENTION_DAYS = 365
    user = make_user(name="Nina")
    User.objects.filter(pk=user.pk).update(date_joined=NOON, last_login=NOON)
    user.refresh_from_db()
    return user


def send_letter(at: datetime) -> bool:
    """The worker composes it; whether there was anything to say."""
    mail = OutgoingMail.objects.get(kind=KIND)
    message = outbox.KINDS[KIND].compose(mail, at)
    return message is not None


def test_unused_account_gets_a_letter_and_goes_a_month_after_it(unused: User) -> None:
    assert gone(prune(NOON + 334 * DAY)) == {}
    assert gone(prune(NOON + 336 * DAY)) == {"letters to unused accounts": 1}
    assert gone(prune(NOON + 337 * DAY)) == {}
    assert send_letter(NOON + 337 * DAY)

    assert gone(prune(NOON + 366 * DAY)) == {}
    counts = prune(NOON + 367 * DAY)

    assert counts["unused accounts"] == 1
    assert not User.objects.filter(pk=unused.pk).exists()


def test_unused_account_stays_as_long_as_no_letter_has_left(unused: User) -> None:
    prune(NOON + 336 * DAY)

    prune(NOON + 800 * DAY)

    assert User.objects.filter(pk=unused.pk).exists()


def test_login_after_the_letter_keeps_the_account(unused: User) -> None:
    prune(NOON + 336 * DAY)
    send_letter(NOON + 336 * DAY)
    User.objects.filter(pk=unused.pk).update(last_login=NOON + 350 * DAY)

    prune(NOON + 400 * DAY)
    assert User.objects.filter(pk=unused.pk).exists()

    # And a year later it begins again.
    OutgoingMail.objects.all().delete()
    assert gone(prune(NOON + 690 * DAY)) == {"letters to unused accounts": 1}


def test_letter_is_not_sent_to_who_has_logged_in_meanwhile(unused: User) -> None:
    prune(NOON + 336 * DAY)
    User.objects.filter(pk=unused.pk).update(last_login=NOON + 336 * DAY)

    assert not send_letter(NOON + 337 * DAY)


def test_letter_says_how_to_keep_the_account(unused: User) -> None:
    prune(NOON + 336 * DAY)

    message = account_unused(OutgoingMail.objects.get(kind=KIND), NOON + 336 * DAY)

    assert message is not None
    assert "in 30 days yours is deleted" in str(message.body)
    assert "/accounts/login/" in str(message.body)


def test_accounts_are_kept_unless_the_host_says_so(unused: User, settings: Settings) -> None:
    settings.RETENTION_DAYS = 0

    assert gone(prune(NOON + 3000 * DAY)) == {}
    assert User.objects.filter(pk=unused.pk).exists()


def test_staff_and_the_last_coach_of_people_are_kept(unused: User, enrollment: Enrollment) -> None:
    alice = enrollment.participant
    make_membership(cohort=make_cohort(coach=unused), enrollment=enrollment)
    User.objects.filter(pk=alice.pk).update(is_staff=True, date_joined=NOON)
    prune(NOON + 336 * DAY)
    assert send_letter(NOON + 336 * DAY)

    counts = prune(NOON + 400 * DAY)

    assert counts["unused accounts"] == 0
    assert set(User.objects.all()) == {unused, alice}


def test_account_that_never_confirmed_its_address_goes_after_a_week(unused: User) -> None:
    EmailAddress.objects.update(verified=False)
    User.objects.update(last_login=None)

    assert gone(prune(NOON + 6 * DAY)) == {}
    assert prune(NOON + 8 * DAY)["never confirmed"] == 1

    assert not OutgoingMail.objects.exists()  # the address is perhaps somebody else's


def test_confirmed_account_that_was_never_used_is_no_such(unused: User) -> None:
    User.objects.update(last_login=None)

    assert gone(prune(NOON + 8 * DAY)) == {}
