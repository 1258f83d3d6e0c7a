"""When a reminder is due, in zones whose clocks jump."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from program import calendar
from program.schedule import MARGIN, Clock, Plan, due_on, last_call, next_due

EVERY_DAY = frozenset(range(7))
STOCKHOLM = Clock(ZoneInfo("Europe/Stockholm"), 0)
NEW_YORK = Clock(ZoneInfo("America/New_York"), 0)
FORTNIGHT = calendar.program_dates(date(2027, 3, 8))


def plan(
    at: time, dates: tuple[date, ...] = FORTNIGHT, weekdays: frozenset[int] = EVERY_DAY
) -> Plan:
    return Plan(at, weekdays, dates)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_due_on_is_the_local_time() -> None:
    assert due_on(date(2027, 3, 16), plan(time(7, 30)), STOCKHOLM) == utc("2027-03-16T06:30")


def test_due_on_a_time_that_clocks_skip_reads_it_by_the_offset_before() -> None:
    # On March 14, 2027 clocks in New York go from 2:00 to 3:00.
    assert due_on(date(2027, 3, 14), plan(time(2, 30)), NEW_YORK) == utc("2027-03-14T07:30")


def test_due_on_a_time_that_clocks_show_twice_takes_the_first() -> None:
    # On November 7, 2027 clocks in New York go from 2:00 back to 1:00.
    dates = calendar.program_dates(date(2027, 11, 1))

    assert due_on(date(2027, 11, 7), plan(time(1, 30), dates), NEW_YORK) == utc("2027-11-07T05:30")


def test_due_on_stays_on_its_day_where_the_jump_ends_it() -> None:
    # On March 27, 2027 clocks in Nuuk go from 23:00 to midnight.
    dates, nuuk = calendar.program_dates(date(2027, 3, 22)), Clock(ZoneInfo("America/Nuuk"), 0)

    due = due_on(date(2027, 3, 27), plan(time(23, 30), dates), nuuk)

    assert due == utc("2027-03-28T00:30")
    assert calendar.local_date(due, *nuuk) == date(2027, 3, 27)


def test_due_on_a_day_that_a_country_leaves_out_is_never() -> None:
    # Samoa had no December 30 in 2011.
    dates, apia = calendar.program_dates(date(2011, 12, 25)), Clock(ZoneInfo("Pacific/Apia"), 0)

    assert due_on(date(2011, 12, 30), plan(time(7, 30), dates), apia) is None
    assert due_on(date(2011, 12, 31), plan(time(7, 30), dates), apia)


def test_due_on_past_midnight_belongs_to_the_day_that_ends_then() -> None:
    late = Clock(ZoneInfo("Europe/Stockholm"), 3)

    assert due_on(date(2027, 3, 16), plan(time(1, 30)), late) == utc("2027-03-17T00:30")
    assert due_on(date(2027, 3, 16), plan(time(3)), late) == utc("2027-03-16T02:00")


def test_next_due_is_past_the_instant_and_never_at_it() -> None:
    at = utc("2027-03-16T06:30")

    assert next_due(plan(time(7, 30)), STOCKHOLM, after=at - timedelta(seconds=1)) == at
    assert next_due(plan(time(7, 30)), STOCKHOLM, after=at) == utc("2027-03-17T06:30")


def test_next_due_comes_on_chosen_weekdays() -> None:
    mondays = plan(time(7, 30), weekdays=frozenset({0}))

    assert next_due(mondays, STOCKHOLM, after=utc("2027-03-10T12:00")) == utc("2027-03-15T06:30")


def test_next_due_begins_on_the_morning_of_day_1_and_ends_with_day_14() -> None:
    first = next_due(plan(time(7, 30)), STOCKHOLM, after=utc("2027-01-01T00:00"))
    after_last = next_due(plan(time(7, 30)), STOCKHOLM, after=utc("2027-03-21T06:30"))

    assert first == utc("2027-03-08T06:30")
    assert after_last is None


def test_next_due_passes_over_a_pause() -> None:
    dates = calendar.program_dates(date(2027, 3, 8), [(date(2027, 3, 12), date(2027, 3, 20))])

    found = next_due(plan(time(7, 30), dates), STOCKHOLM, after=utc("2027-03-11T12:00"))

    assert found == utc("2027-03-21T06:30")


def test_next_due_of_what_comes_all_year_round_finds_the_weekday() -> None:
    every_monday = Plan(time(8), frozenset({0}), None)

    before = next_due(every_monday, STOCKHOLM, after=utc("2027-03-15T06:59"))
    at = next_due(every_monday, STOCKHOLM, after=utc("2027-03-15T07:00"))
    past_the_change = next_due(every_monday, STOCKHOLM, after=utc("2027-03-23T00:00"))

    assert before == utc("2027-03-15T07:00")
    assert at == utc("2027-03-22T07:00")
    assert past_the_change == utc("2027-03-29T06:00")


def test_next_due_of_a_weekday_that_a_country_left_out_is_a_week_later() -> None:
    # Samoa had no Friday, December 30 in 2011.
    apia = Clock(ZoneInfo("Pacific/Apia"), 0)
    every_friday = Plan(time(8), frozenset({4}), None)

    assert next_due(every_friday, apia, after=utc("2011-12-24T00:00")) == utc("2012-01-05T18:00")


@pytest.mark.parametrize(
    ("kind", "at", "latest"),
    [
        ("morning", "07:30", "12:30"),  # six hours on
        ("morning", "20:00", "22:50"),  # never past the day
        ("evening", "20:00", "22:50"),
        ("evening", "23:45", "22:55"),  # ten minutes at least
        ("coach_digest", "08:00", "19:00"),  # twelve hours on
        ("evening", "23:55", "23:00"),  # and never past midnight
    ],
)
def test_last_call(kind: str, at: str, latest: str) -> None:
    day = date(2027, 3, 16)
    due = due_on(day, plan(time.fromisoformat(at)), STOCKHOLM)
    assert due

    assert last_call(kind, day, due, STOCKHOLM) == utc(f"2027-03-16T{latest}")
    assert timedelta(minutes=10) == MARGIN


@pytest.mark.parametrize("hour", [0, 3])
@pytest.mark.parametrize(
    "zone", ["America/Nuuk", "Antarctica/Troll", "Africa/Cairo", "Asia/Beirut"]
)
def test_last_call_is_on_the_day_all_year_round(zone: str, hour: int) -> None:
    clock, day = Clock(ZoneInfo(zone), hour), date(2027, 1, 1)
    while day.year == 2027:
        for at in (time(0), time(1, 30), time(2, 30), time(7), time(20), time(23, 50)):
            due = due_on(day, plan(at, (day,)), clock)
            assert due
            assert calendar.local_date(due, *clock) == day
            for kind in ("morning", "evening"):
                end = last_call(kind, day, due, clock)
                assert due < end
                assert calendar.local_date(end - timedelta(seconds=1), *clock) == day
        day = calendar.day_after(day)
