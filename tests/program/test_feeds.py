"""The calendar feed: its address, and what another library reads there."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
import vobject
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from program.models import CalendarFeed, DailyEntry, Enrollment, Pause
from tests.factories import NOON, make_enrollment, make_entry, make_user
from tests.posting import text_of


@pytest.fixture(autouse=True)
def _no_zone_is_known() -> None:
    """The library keeps the first rules it reads of a zone; here each feed has to say its own."""
    known = vars(vobject.icalendar)["__tzidMap"]
    for name in set(known) - {"UTC"}:
        del known[name]


def open_feed(user: User, *, at: time = time(8), shows_words: bool = False) -> str:
    token = CalendarFeed.objects.open(user, at=at, shows_words=shows_words, now=NOON)
    return f"/calendar/{token}.ics"


def read(url: str) -> Any:
    response = Client().get(url)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    return vobject.readOne(text_of(response))


def practice_hours(ics: Any) -> list[Any]:
    return [event for event in ics.vevent_list if "share, act, request" in event.summary.value]


# --- The address ----------------------------------------------------------------------------------


def test_feed_is_off_until_an_address_is_made(alice_client: Client, alice: User) -> None:
    page = text_of(alice_client.get("/settings/calendar/"))

    assert "Make a calendar address" in page
    assert not CalendarFeed.objects.exists()


def test_feed_update_shows_the_address_once(
    alice_client: Client, alice: User, enrollment: Enrollment
) -> None:
    first = text_of(alice_client.post("/settings/calendar/", {"at": "08:00"}, follow=True))
    again = text_of(alice_client.get("/settings/calendar/"))

    url = re.search(r"http://localhost:8000(/calendar/[\w-]{43}\.ics)", first)
    assert url
    assert "/calendar/" not in again.replace("/settings/calendar/", "")
    assert url[1][10:-4] not in CalendarFeed.objects.get().token_hash
    assert len(practice_hours(read(url[1]))) == 14


def test_feed_update_changes_what_it_shows_at_the_same_address(
    alice_client: Client, alice: User, enrollment: Enrollment
) -> None:
    url = open_feed(alice)

    alice_client.post("/settings/calendar/", {"at": "21:00", "shows_words": "on"})

    (first, *_others) = practice_hours(read(url))
    assert first.dtstart.value.hour == 21
    assert "Open a repair corner" in first.description.value


def test_feed_replace_ends_the_address_before(
    alice_client: Client, alice: User, enrollment: Enrollment
) -> None:
    before = open_feed(alice)

    page = text_of(alice_client.post("/settings/calendar/replace/", follow=True))

    after = re.search(r"/calendar/[\w-]{43}\.ics", page)
    assert after
    assert Client().get(before).status_code == 404
    assert Client().get(after[0]).status_code == 200


def test_feed_remove_ends_it(alice_client: Client, alice: User, enrollment: Enrollment) -> None:
    url = open_feed(alice)

    alice_client.post("/settings/calendar/remove/")

    assert Client().get(url).status_code == 404
    assert alice_client.post("/settings/calendar/replace/").status_code == 404


@pytest.mark.parametrize("at", ["", "25:00", "x" * 100_000, "8\0"])
def test_feed_update_refuses_what_is_no_time(at: str, alice_client: Client, alice: User) -> None:
    assert alice_client.post("/settings/calendar/", {"at": at}).status_code == 422
    assert not CalendarFeed.objects.exists()


def test_feed_of_somebody_else_is_left_alone(
    alice_client: Client, alice: User, bob: User, enrollment: Enrollment
) -> None:
    make_enrollment(participant=bob)
    url = open_feed(bob)

    alice_client.post("/settings/calendar/", {"at": "05:00"})
    alice_client.post("/settings/calendar/remove/")

    assert practice_hours(read(url))[0].dtstart.value.hour == 8


def test_feed_of_an_account_that_is_switched_off_finds_nothing(
    alice: User, enrollment: Enrollment
) -> None:
    url = open_feed(alice)
    User.objects.update(is_active=False)

    assert Client().get(url).status_code == 404


# --- What a calendar program gets -----------------------------------------------------------------


def test_feed_sets_no_cookie_and_asks_for_no_session(
    alice_client: Client, alice: User, enrollment: Enrollment
) -> None:
    url = open_feed(alice)

    with CaptureQueriesContext(connection) as captured:
        response = alice_client.get(url)

    assert not response.cookies
    assert not [query for query in captured if "django_session" in query["sql"]]
    assert len(captured) == 3


def test_feed_that_has_not_changed_is_not_sent_again(alice: User, enrollment: Enrollment) -> None:
    url = open_feed(alice)
    first = Client().get(url)

    second = Client().get(url, headers={"if-none-match": first["ETag"]})
    enrollment.end(NOON)
    third = Client().get(url, headers={"if-none-match": first["ETag"]})

    assert (second.status_code, second.content) == (304, b"")
    assert third.status_code == 200
    assert not [line for line in text_of(third).splitlines() if "VEVENT" in line]


def test_feed_holds_no_words_unless_they_were_chosen(alice: User, enrollment: Enrollment) -> None:
    entry = make_entry(enrollment=enrollment, practice="request", line="Ruth, for the ladder")
    DailyEntry.objects.filter(pk=entry.pk).update(follow_up_on=date(2027, 3, 18))

    without = text_of(Client().get(open_feed(alice)))
    with_words = text_of(Client().get(open_feed(alice, shows_words=True)))

    for secret in ("Ruth", "repair corner", "toaster", "alice", str(enrollment.public_id)):
        assert secret not in without
    assert "Ask again about a request" in without
    assert "Ask again: Ruth\\, for the ladder" in with_words
    assert "toaster" not in with_words


def test_feed_names_days_the_finish_and_whom_to_ask(alice: User, enrollment: Enrollment) -> None:
    entry = make_entry(enrollment=enrollment, practice="request", line="Ruth")
    DailyEntry.objects.filter(pk=entry.pk).update(follow_up_on=date(2027, 3, 18))

    ics = read(open_feed(alice))

    whole_days = {
        event.summary.value: event.dtstart.value
        for event in ics.vevent_list
        if event not in practice_hours(ics)
    }
    assert whole_days == {
        "Day 14: look back on your two weeks": date(2027, 3, 21),
        "Ask again about a request": date(2027, 3, 18),
    }


def test_feed_keeps_its_uids_when_days_move(alice: User, enrollment: Enrollment) -> None:
    url = open_feed(alice)
    before = {event.uid.value: event.dtstart.value for event in read(url).vevent_list}

    with time_machine.travel(NOON, tick=False):
        Pause.objects.put_pause(enrollment, back_on=date(2027, 3, 20), now=NOON)
    after = {event.uid.value: event.dtstart.value for event in read(url).vevent_list}

    assert before.keys() == after.keys()
    assert sum(before[uid] != after[uid] for uid in before) == 7


def test_feed_without_two_weeks_is_an_empty_calendar(erin: User) -> None:
    assert not hasattr(read(open_feed(erin)), "vevent_list")


@pytest.mark.parametrize(
    ("zone", "starts_on"),
    [
        ("Europe/Stockholm", date(2027, 3, 22)),
        ("Europe/Stockholm", date(2027, 10, 25)),
        ("America/New_York", date(2027, 3, 8)),
        ("America/Nuuk", date(2027, 3, 22)),
        ("America/Santiago", date(2027, 4, 1)),
        ("Australia/Lord_Howe", date(2027, 3, 29)),
        ("Asia/Kathmandu", date(2027, 3, 8)),
        ("UTC", date(2027, 3, 8)),
    ],
)
@pytest.mark.parametrize("hour", [0, 3])
def test_feed_is_read_at_the_right_instants_over_a_change_of_clocks(
    zone: str, starts_on: date, hour: int, db: None
) -> None:
    """As another library reads it, by the VTIMEZONE that the feed carries and by nothing else."""
    user = make_user(name="Walker", time_zone=zone, day_end_hour=hour)
    weeks = make_enrollment(participant=user, starts_on=starts_on)

    ics = read(open_feed(user, at=time(7, 30)))
    hours = practice_hours(ics)

    found = [event.dtstart.value.astimezone(UTC) for event in hours]
    assert found == [
        datetime.combine(day, time(7, 30), ZoneInfo(zone)).astimezone(UTC) for day in weeks.dates
    ]
    assert {event.duration.value for event in hours} == {timedelta(hours=1)}
    # Without them the library would ask the machine it runs on.
    told = [rules.tzid.value for rules in getattr(ics, "vtimezone_list", [])]
    assert told == ([] if zone == "UTC" else [zone])


def test_feed_puts_an_hour_past_midnight_at_the_end_of_its_day(db: None) -> None:
    user = make_user(name="Owl", day_end_hour=3)
    make_enrollment(participant=user)

    first = practice_hours(read(open_feed(user, at=time(0, 30))))[0]

    assert first.dtstart.value.date() == date(2027, 3, 9)
