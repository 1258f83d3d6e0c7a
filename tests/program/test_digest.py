"""A coach's digest: chosen, due, and composed with what the coach sees when it leaves."""

import re
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import OutgoingMail, User
from program.models import Cohort, CohortMembership, Consent, MailChoice, Pause
from program.models.digest import news
from program.models.reminders import queue_due, repair
from tests.factories import (
    NOON,
    make_cohort,
    make_enrollment,
    make_entry,
    make_membership,
    make_reflection,
    make_user,
)
from tests.post import body, scan, sink
from tests.posting import Response, text_of
from tests.program.test_coaching import carol_client, cohort, leave, logged_in, membership
from tests.sink import Sink

__all__ = ["carol_client", "cohort", "membership", "sink"]  # fixtures

EIGHT = datetime(2027, 3, 16, 7, 0, tzinfo=UTC)  # in Stockholm, on Alice's day 9
HOUR = timedelta(hours=1)
GOAL, LINE = "Open a repair corner", "Told the caretaker"


def choose(user: User, weekdays: str = "0123456", at: time = time(8)) -> None:
    MailChoice.objects.choose(
        user, "coach_digest", at=at, weekdays=weekdays, now=EIGHT - timedelta(hours=1)
    )


def save(client: Client, **fields: object) -> Response:
    data = {"digest_days": "0123456", "digest_at": "08:00", **fields}
    return client.post("/settings/mail/", data, follow=True)


def due_at(user: User) -> datetime | None:
    return MailChoice.objects.get(user=user, kind="coach_digest").next_due_at


def tick(now: datetime) -> None:
    """What the worker does every minute, and twice a minute."""
    queue_due(now)
    scan(now)


# --- Choosing -------------------------------------------------------------------------------------


def test_nothing_is_chosen_beforehand(carol_client: Client, cohort: Cohort) -> None:
    page = text_of(carol_client.get("/settings/"))

    assert 'name="coach_digest" id="id_coach_digest">' in page
    assert 'name="coach_note" id="id_coach_note">' in page
    assert not MailChoice.objects.exists()


def test_mail_update_says_when_the_next_digest_comes(
    carol_client: Client, cohort: Cohort, carol: User
) -> None:
    every_day = text_of(save(carol_client, coach_digest="on"))
    once_a_week = text_of(save(carol_client, coach_digest="on", digest_days="0"))

    assert "Next news of your cohorts: Wednesday, March 17 at 8 a.m." in every_day
    assert "Next news of your cohorts: Monday, March 22 at 8 a.m." in once_a_week
    assert re.search(r'<option value="0" selected>', once_a_week)
    assert due_at(carol) == datetime(2027, 3, 22, 7, 0, tzinfo=UTC)


def test_mail_update_without_a_tick_stops_it(
    carol_client: Client, cohort: Cohort, carol: User
) -> None:
    save(carol_client, coach_digest="on", coach_note="on")

    page = text_of(save(carol_client, digest_at="06:00"))

    assert due_at(carol) is None
    assert not MailChoice.objects.wanted().exists()
    assert "Next news" not in page


def test_mail_update_offers_the_digest_to_coaches_only(alice_client: Client, alice: User) -> None:
    page = text_of(save(alice_client, coach_note="on", coach_digest="on"))

    assert "coach_digest" not in page
    assert {choice.kind for choice in MailChoice.objects.owned_by(alice)} == {"coach_note"}


def test_mail_update_lets_who_coaches_no_more_stop_it(
    carol_client: Client, cohort: Cohort, carol: User
) -> None:
    choose(carol)
    cohort.close(NOON)

    save(carol_client)

    assert not MailChoice.objects.wanted().exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"digest_at": ""},
        {"digest_at": "25:00"},
        {"digest_at": "x" * 100_000},
        {"digest_days": "7"},
        {"digest_days": "8\0"},
    ],
)
def test_mail_update_refuses_nonsense_and_keeps_what_is_stored(
    fields: dict[str, object], carol_client: Client, cohort: Cohort, carol: User
) -> None:
    choose(carol)

    response = save(carol_client, coach_digest="on", **fields)

    assert response.status_code == 422
    assert due_at(carol) == EIGHT


def test_due_follows_the_zone_and_no_two_weeks(
    carol_client: Client, cohort: Cohort, carol: User
) -> None:
    choose(carol)
    fields = {"display_name": "Carol", "day_end_hour": "0", "theme": ""}

    carol_client.post("/settings/", {**fields, "time_zone": "Asia/Tokyo"})
    moved = due_at(carol)
    make_enrollment(participant=carol).end(NOON)

    assert moved == datetime(2027, 3, 16, 23, 0, tzinfo=UTC)
    assert due_at(carol) == moved


def test_digest_is_no_reminder_of_the_settings(
    carol_client: Client, cohort: Cohort, carol: User
) -> None:
    choose(carol)

    assert "Next reminder" not in text_of(carol_client.get("/settings/"))


# --- The mail -------------------------------------------------------------------------------------


def test_digest_says_first_who_needs_a_word_and_then_what_waits(
    membership: CohortMembership, cohort: Cohort, carol: User, bob: User, sink: Sink
) -> None:
    choose(carol)
    bobs = make_enrollment(participant=bob)
    make_membership(cohort=cohort, enrollment=bobs, scope="entries")
    for day in (12, 13, 14, 15):
        for place in (1, 2):
            for practice in ("share", "request"):
                make_entry(
                    enrollment=bobs,
                    day=date(2027, 3, day),
                    practice=practice,
                    place=place,
                    line=LINE,
                )
    make_reflection(enrollment=bobs, day=date(2027, 3, 15), text=LINE)

    tick(EIGHT)
    tick(EIGHT + HOUR)

    (mail,) = sink.mails
    assert mail["To"] == "carol@example.org"
    assert mail["Subject"] == "1 person might like a word from you"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    places = f"http://localhost:8000/coaching/{cohort.pk}/"
    for text in (body(mail), body(mail, "html")):
        needs, waits = text.index("Alice"), text.index("2 days")
        assert text.index("Spring starters") < needs < waits
        assert "Quiet 8 days" in text or "No requests yet" in text
        assert "Bob" not in text
        assert f"{places}queue/" in text
        assert GOAL not in text
        assert LINE not in text
        assert "You asked for this at 8 a.m., Stockholm time." in text


def test_digest_counts_the_days_of_the_queue(
    membership: CohortMembership, cohort: Cohort, carol_client: Client, carol: User
) -> None:
    weeks = membership.enrollment
    for day in (13, 14, 15, 16):  # the first is too long ago
        make_entry(enrollment=weeks, day=date(2027, 3, day), line=LINE)
    make_entry(enrollment=weeks, day=date(2027, 3, 15), place=2, line=LINE)
    leave(carol_client, membership, day="2027-03-14")

    (found,) = news(carol, NOON)
    queue = carol_client.get(f"/coaching/{cohort.pk}/queue/")

    assert found.waiting == len(queue.context["items"]) == 2
    Pause.objects.create(
        enrollment=weeks, starts_on=date(2027, 3, 15), ends_on=date(2027, 3, 15), created_at=NOON
    )
    assert news(carol, NOON)[0].waiting == 1


@pytest.mark.parametrize(
    "case", ["revoked", "left", "closed", "coach gone", "private", "stopped", "inactive"]
)
def test_digest_honors_what_ended_between_due_and_sent(
    case: str, membership: CohortMembership, cohort: Cohort, carol: User, sink: Sink
) -> None:
    choose(carol)
    weeks = membership.enrollment
    for day in range(8, 17):  # a day in words, and nothing that a flag would name
        for practice in ("share", "request"):
            make_entry(enrollment=weeks, day=date(2027, 3, day), practice=practice, line=LINE)
    queue_due(EIGHT)
    match case:
        case "revoked":
            weeks.consents.update(revoked_at=NOON)
        case "left":
            membership.leave(NOON)
        case "closed":
            cohort.close(NOON)
        case "coach gone":
            cohort.coaches.update(left_at=NOON)
        case "private":
            weeks.entries.update(is_private=True)
        case "stopped":
            MailChoice.objects.owned_by(carol).stop(NOON)
        case "inactive":
            User.objects.filter(pk=carol.pk).update(is_active=False)

    scan(EIGHT)

    assert sink.mails == []
    assert OutgoingMail.objects.get().state == OutgoingMail.State.SKIPPED


def test_digest_with_the_consent_standing_is_sent(
    membership: CohortMembership, carol: User, sink: Sink
) -> None:
    """The other half of the test before: there is something to say until it ends."""
    choose(carol)
    for day in range(8, 17):
        for practice in ("share", "request"):
            make_entry(
                enrollment=membership.enrollment,
                day=date(2027, 3, day),
                practice=practice,
                line=LINE,
            )

    tick(EIGHT)

    assert [mail["Subject"] for mail in sink.mails] == ["3 days wait for an answer"]


def test_digest_of_progress_only_names_no_words(
    membership: CohortMembership, carol: User, sink: Sink
) -> None:
    choose(carol)
    Consent.objects.update(scope="counts")
    make_entry(enrollment=membership.enrollment, line=LINE)

    tick(EIGHT)

    (mail,) = sink.mails
    assert "Alice" in body(mail)
    assert "answer" not in body(mail)


def test_digest_with_nothing_to_say_is_skipped(cohort: Cohort, carol: User, sink: Sink) -> None:
    choose(carol)

    tick(EIGHT)

    assert sink.mails == []
    assert OutgoingMail.objects.get().state == OutgoingMail.State.SKIPPED


def test_digest_is_for_its_coach_alone(
    membership: CohortMembership, dave: User, sink: Sink
) -> None:
    make_cohort(coach=dave, name="Autumn")
    choose(dave)

    tick(EIGHT)

    assert sink.mails == []


def test_digest_lists_no_more_of_a_large_cohort_than_is_read(
    cohort: Cohort, carol: User, sink: Sink
) -> None:
    choose(carol)
    for number in range(14):
        weeks = make_enrollment(participant=make_user(name=f"P{number:02}"))
        make_membership(cohort=cohort, enrollment=weeks)

    tick(EIGHT)

    (mail,) = sink.mails
    assert mail["Subject"] == "14 people might like a word from you"
    assert "P11" in body(mail)
    assert "P12" not in body(mail)
    assert "and 2 more" in body(mail)


# --- The scan -------------------------------------------------------------------------------------


def test_scan_ten_times_over_intends_one(cohort: Cohort, carol: User) -> None:
    choose(carol)
    for _time in range(10):
        MailChoice.objects.update(next_due_at=EIGHT)
        queue_due(EIGHT)

    mail = OutgoingMail.objects.get()
    assert mail.key == f"coach_digest:{carol.pk}:2027-03-16"
    assert mail.payload == {"day": "2027-03-16"}
    assert (mail.not_before, mail.not_after) == (EIGHT, EIGHT + 12 * HOUR)
    assert due_at(carol) == EIGHT + 24 * HOUR


def test_after_an_outage_one_comes_and_it_is_of_today(
    membership: CohortMembership, carol: User, sink: Sink
) -> None:
    choose(carol)

    tick(EIGHT + 75 * HOUR)

    (mail,) = sink.mails
    assert "Friday, March 19" in body(mail)
    assert due_at(carol) == EIGHT + 96 * HOUR


def test_weekly_digest_is_never_made_up_for_on_another_day(
    membership: CohortMembership, carol: User, sink: Sink
) -> None:
    choose(carol, weekdays="1")

    tick(EIGHT + 24 * HOUR)

    assert sink.mails == []
    assert due_at(carol) == EIGHT + 7 * 24 * HOUR


def test_digest_keeps_its_local_time_where_clocks_change(cohort: Cohort, carol: User) -> None:
    choose(carol)
    found = []
    for _day in range(14):
        found.append(due_at(carol))
        assert found[-1]
        queue_due(found[-1])

    steps = {(later - due) // HOUR for due, later in pairwise(found) if due and later}
    assert steps == {24, 23}
    assert OutgoingMail.objects.count() == 14


def test_repair_puts_a_digest_right(cohort: Cohort, carol: User) -> None:
    choose(carol)
    MailChoice.objects.update(next_due_at=None)

    assert repair(NOON) == 1
    assert due_at(carol) == EIGHT + 24 * HOUR


def test_news_asks_the_same_however_many_people_there_are(cohort: Cohort, carol: User) -> None:
    counts = []
    for number in range(6):
        weeks = make_enrollment(participant=make_user(name=f"P{number}"))
        make_membership(cohort=cohort, enrollment=weeks)
        make_entry(enrollment=weeks, line=LINE)
        with CaptureQueriesContext(connection) as asked:
            news(carol, NOON)
        counts.append(len(asked))

    assert set(counts) == {5}
    columns = " ".join(query["sql"].partition(" FROM ")[0] for query in asked)
    assert not re.search(r'"(line|answer|text|note|statement)"', columns)


def test_one_click_ends_the_digest(membership: CohortMembership, carol: User, sink: Sink) -> None:
    choose(carol)
    tick(EIGHT)
    url = re.search(r"<http://localhost:8000(/\S+)>", sink.mails[0]["List-Unsubscribe"])
    assert url

    Client().post(url[1], {"List-Unsubscribe": "One-Click"})
    tick(EIGHT + 24 * HOUR)

    assert len(sink.mails) == 1
    assert logged_in(carol).get("/settings/").context["next_digest"] is None
