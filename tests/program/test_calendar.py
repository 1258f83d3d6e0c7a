"""The day is right in every time zone, whatever the clocks do."""

import zoneinfo
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts import time_zones
from program.calendar import (
    Phase,
    last_date,
    latest_start,
    local_date,
    next_monday,
    program_dates,
    program_day,
    program_week,
)
from tests.zones import NAMES, QUARTER, day_starts, names_by_clock

DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
DAY_END_HOURS = range(6)

days = st.dates(date(2026, 1, 1), date(2028, 12, 31))
day_end_hours = st.sampled_from(DAY_END_HOURS)
# Two pauses at most lie in a fortnight and each is short; (days after the start, length).
pauses = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 6)), max_size=2)


def test_zones_are_those_of_the_tzdata_package_alone() -> None:
    assert zoneinfo.TZPATH == ()
    assert set(time_zones.names()) <= set(NAMES)
    assert len(NAMES) >= 598


# --- Every instant has one day ---------------------------------------------------------------


@given(
    name=st.sampled_from(NAMES),
    starts_on=days,
    day_end_hour=day_end_hours,
    pauses=pauses,
    seconds=st.lists(st.floats(0, 1), min_size=20, max_size=20),
)
@settings(max_examples=300, deadline=None)
def test_program_day_of_any_instant_is_the_one_that_brute_force_finds(
    name: str,
    starts_on: date,
    day_end_hour: int,
    pauses: list[tuple[int, int]],
    seconds: list[float],
) -> None:
    zone = ZoneInfo(name)
    paused = [
        (starts_on + after * DAY, starts_on + (after + length - 1) * DAY)
        for after, length in pauses
    ]
    dates = program_dates(starts_on, paused)
    starts = day_starts(zone, day_end_hour, starts_on - DAY, dates[-1] + 2 * DAY)
    begin, end = starts[starts_on - DAY], starts[dates[-1] + 2 * DAY]
    instants = sorted(begin + (end - begin) * second for second in seconds)

    positions = [program_day(dates, local_date(at, zone, day_end_hour)) for at in instants]

    expected = [_position_by_brute_force(starts, starts_on, paused, at) for at in instants]
    assert positions == expected
    numbers = [position for position in positions if isinstance(position, int)]
    assert numbers == sorted(numbers)


def _position_by_brute_force(
    starts: dict[date, datetime], starts_on: date, paused: list[tuple[date, date]], at: datetime
) -> int | Phase:
    today = max(day for day, start in starts.items() if start <= at)
    lived = [day for day in starts if starts_on <= day and not _is_in(day, paused)][:14]
    if today < lived[0]:
        return Phase.BEFORE
    if today > lived[-1]:
        return Phase.AFTER
    return lived.index(today) + 1 if today in lived else Phase.PAUSED


def _is_in(day: date, paused: list[tuple[date, date]]) -> bool:
    return any(first <= day <= last for first, last in paused)


@given(starts_on=days, day_end_hour=day_end_hours)
@settings(max_examples=12, deadline=None)
def test_local_date_turns_over_where_brute_force_says_in_every_zone(
    starts_on: date, day_end_hour: int
) -> None:
    for names in names_by_clock().values():
        zone = ZoneInfo(names[0])

        starts = day_starts(zone, day_end_hour, starts_on, starts_on + 14 * DAY)

        assert list(starts) == [starts_on + number * DAY for number in range(15)], names[0]
        for day, start in starts.items():
            assert local_date(start, zone, day_end_hour) == day, names[0]
            assert local_date(start - TICK, zone, day_end_hour) == day - DAY, names[0]


# --- Every change of clocks, overlapped in every way -------------------------------------------


@pytest.mark.parametrize("day_end_hour", DAY_END_HOURS)
def test_program_day_counts_fourteen_dates_across_every_change_of_clocks(day_end_hour: int) -> None:
    pairs = 0
    for clock, names in names_by_clock().items():
        zone = ZoneInfo(names[0])
        for transition, _offset in clock.transitions:
            changed_on = transition.astimezone(zone).date()
            # The fortnights that the change lies in start within these fifteen days.
            first = changed_on - 14 * DAY
            starts = day_starts(zone, day_end_hour, first, changed_on + 15 * DAY)
            days_seen = [
                _days_seen(zone, day_end_hour, *span) for span in pairwise(starts.values())
            ]

            for start in range(15):
                dates = program_dates(first + start * DAY)
                numbers = [
                    {program_day(dates, day) for day in seen}
                    for seen in days_seen[start : start + 14]
                ]

                assert numbers == [{number} for number in range(1, 15)], (names[0], dates[0])
                pairs += len(names)

    # 17,265 with the zone data 2026f; a later release may know of fewer changes.
    assert pairs > 15_000


def _days_seen(zone: ZoneInfo, day_end_hour: int, start: datetime, end: datetime) -> set[date]:
    hours = [start, start + QUARTER, start + (end - start) / 2, end - QUARTER, end - TICK]
    return {local_date(hour, zone, day_end_hour) for hour in hours}


# --- Days without a midnight, and of odd lengths -------------------------------------------------


@pytest.mark.parametrize(
    ("name", "day", "hours"),
    [
        # Clocks skip midnight: the day begins at one.
        ("Africa/Cairo", date(2027, 4, 30), 23),
        ("America/Havana", date(2028, 3, 12), 23),
        ("America/Santiago", date(2027, 9, 5), 23),
        ("Asia/Beirut", date(2027, 3, 28), 23),
        ("Atlantic/Azores", date(2027, 3, 28), 23),
        # Clocks reach midnight, or one, and are set back an hour.
        ("Africa/Cairo", date(2027, 10, 28), 25),
        ("America/Havana", date(2027, 11, 7), 25),
        ("America/Santiago", date(2027, 4, 3), 25),
        ("Asia/Beirut", date(2027, 10, 30), 25),
        ("Atlantic/Azores", date(2027, 10, 31), 25),
        # Clocks move by two hours, and by half of one.
        ("Antarctica/Troll", date(2027, 3, 28), 22),
        ("Antarctica/Troll", date(2027, 10, 31), 26),
        ("Australia/Lord_Howe", date(2027, 10, 3), 23.5),
        ("Australia/Lord_Howe", date(2027, 4, 4), 24.5),
    ],
)
def test_local_date_holds_one_unbroken_day_when_clocks_change(
    name: str, day: date, hours: float
) -> None:
    zone = ZoneInfo(name)
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    quarters = [noon + number * QUARTER for number in range(-160, 160)]

    inside = [at for at in quarters if local_date(at, zone) == day]

    assert inside[-1] - inside[0] + QUARTER == timedelta(hours=hours)
    assert len(inside) == hours * 4
    assert local_date(inside[0] - TICK, zone) == day - DAY
    assert local_date(inside[-1] + QUARTER, zone) == day + DAY


@pytest.mark.parametrize("day_end_hour", DAY_END_HOURS)
def test_local_date_does_not_go_back_when_an_hour_is_read_twice(day_end_hour: int) -> None:
    # Troll reads 01:00 to 03:00 twice: whichever hour the day ends at, it ends once.
    zone = ZoneInfo("Antarctica/Troll")
    midnight = datetime(2027, 10, 30, 12, tzinfo=UTC)

    dates = [local_date(midnight + n * QUARTER, zone, day_end_hour) for n in range(4 * 48)]

    assert dates == sorted(dates)
    assert set(dates) == {date(2027, 10, 30), date(2027, 10, 31), date(2027, 11, 1)}


def test_local_date_after_midnight_is_still_yesterday_for_somebody_who_is_up_late() -> None:
    two_at_night = datetime(2027, 3, 16, 1, 0, tzinfo=UTC)

    assert local_date(two_at_night, ZoneInfo("Europe/Stockholm"), 0) == date(2027, 3, 16)
    assert local_date(two_at_night, ZoneInfo("Europe/Stockholm"), 3) == date(2027, 3, 15)


# --- Dates ---------------------------------------------------------------------------------------


@given(starts_on=days, pauses=pauses)
@settings(max_examples=300, deadline=None)
def test_program_dates_are_fourteen_in_order_and_none_is_paused(
    starts_on: date, pauses: list[tuple[int, int]]
) -> None:
    paused = [
        (starts_on + after * DAY, starts_on + (after + length - 1) * DAY)
        for after, length in pauses
    ]

    dates = program_dates(starts_on, paused)

    assert len(dates) == 14
    assert list(dates) == sorted(set(dates))
    assert not any(_is_in(day, paused) for day in dates)
    between = {starts_on + n * DAY for n in range((dates[-1] - starts_on).days)} - set(dates)
    assert all(_is_in(day, paused) for day in between)


@given(today=days)
def test_next_monday_is_the_first_one_after_today(today: date) -> None:
    monday = next_monday(today)

    assert monday.weekday() == 0
    assert 1 <= (monday - today).days <= 7


def test_last_date_is_the_fourteenth() -> None:
    assert last_date(date(2027, 3, 8)) == date(2027, 3, 21)


def test_latest_start_is_a_year_away() -> None:
    assert latest_start(date(2027, 3, 8)) == date(2028, 3, 7)


def test_program_week_is_the_first_seven_days_or_the_second() -> None:
    assert {tuple(program_week(number)) for number in range(1, 8)} == {(1, 2, 3, 4, 5, 6, 7)}
    assert {tuple(program_week(number)) for number in range(8, 15)} == {(8, 9, 10, 11, 12, 13, 14)}
