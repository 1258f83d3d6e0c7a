"""What the zone data says about 2026 to 2028, read independently of program/calendar.py."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

NAMES = sorted(available_timezones())
FIRST, LAST = datetime(2025, 12, 1, tzinfo=UTC), datetime(2029, 2, 1, tzinfo=UTC)
# Every offset and every change of clocks of these years lies on one.
QUARTER = timedelta(minutes=15)


@dataclass(frozen=True)
class Clock:
    """How clocks run from FIRST to LAST; two zones with equal ones cannot be told apart then."""

    offset: timedelta
    transitions: tuple[tuple[datetime, timedelta], ...]


@cache
def clock(name: str) -> Clock:
    zone = ZoneInfo(name)
    transitions = []
    hour, before = FIRST, _offset(FIRST, zone)
    while hour < LAST:
        hour += timedelta(hours=12)
        after = _offset(hour, zone)
        if after != before:
            transitions.append((_first_with(after, hour, zone), after))
            before = after
    return Clock(_offset(FIRST, zone), tuple(transitions))


def _first_with(after: timedelta, hour: datetime, zone: ZoneInfo) -> datetime:
    while _offset(hour - QUARTER, zone) == after:
        hour -= QUARTER
    return hour


def _offset(instant: datetime, zone: ZoneInfo) -> timedelta:
    offset = instant.astimezone(zone).utcoffset()
    assert offset is not None
    return offset


@cache
def names_by_clock() -> dict[Clock, list[str]]:
    """The 598 names by how their clocks run: some 70 different ways."""
    names = defaultdict(list)
    for name in NAMES:
        names[clock(name)].append(name)
    return names


def day_starts(zone: ZoneInfo, day_end_hour: int, first: date, last: date) -> dict[date, datetime]:
    """When each date from `first` to `last` begins, by brute force.

    A date begins when a clock first shows it (less the day-end hour), and no clock that is set
    back ends it again.
    """
    day_end = timedelta(hours=day_end_hour)
    instant = datetime(first.year, first.month, first.day, tzinfo=UTC) - timedelta(hours=24)
    latest = (instant.astimezone(zone).replace(tzinfo=None) - day_end).date()
    starts: dict[date, datetime] = {}
    while latest < last:
        instant += QUARTER
        shown = (instant.astimezone(zone).replace(tzinfo=None) - day_end).date()
        if shown > latest:
            latest = shown
            starts[shown] = instant
            instant += timedelta(hours=20)  # No day is as short as that.
    return {day: start for day, start in starts.items() if first <= day}
