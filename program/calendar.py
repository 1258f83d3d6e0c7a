"""Program-day arithmetic: pure functions, no models and no clock inside.

Every page, mail, feed and export asks here which day it is. A person's day turns over at their
own day-end hour (0-5) in their own time zone, and the fourteen days are dates, never spans of
hours: no change of clocks can skip, repeat or stretch one.
"""

import enum
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from program.curriculum import DAYS

DAYS_PER_WEEK = 7
# Days after the last of the fourteen.
LATER = (30, 90)


class Phase(enum.Enum):
    """Where somebody stands when it is none of their fourteen days."""

    BEFORE = "before"
    PAUSED = "paused"
    AFTER = "after"


def local_date(instant: datetime, zone: ZoneInfo, day_end_hour: int = 0) -> date:
    """The date that `instant` belongs to for somebody whose day ends at `day_end_hour`."""
    day = (instant.astimezone(zone) - timedelta(hours=day_end_hour)).date()
    # When clocks go back across the day-end hour, that hour is read twice (Troll, by two hours):
    # the next day has begun at the first reading and does not end again. A start that clocks skip
    # is no exception: it counts as the moment they jump, or a later one.
    next_day = day + timedelta(days=1)
    next_start = datetime.combine(next_day, time(day_end_hour), zone)
    return next_day if next_start.astimezone(UTC) <= instant else day


def quarter_hour(instant: datetime) -> datetime:
    """When the quarter of an hour began. It is of the same day as `instant` for everybody, for
    wherever one lives clocks differ from UTC by whole quarters.
    """
    return instant.replace(minute=instant.minute // 15 * 15, second=0, microsecond=0)


def day_end(day: date, zone: ZoneInfo, day_end_hour: int = 0) -> datetime:
    """When `day` is over; or, where clocks skip that moment, shortly before they jump."""
    end = datetime.combine(day + timedelta(days=1), time(day_end_hour), zone)
    latest = end.astimezone(UTC)
    is_past_it = local_date(latest - timedelta(microseconds=1), zone, day_end_hour) != day
    return end.replace(fold=1).astimezone(UTC) if is_past_it else latest


def program_dates(starts_on: date, pauses: Iterable[tuple[date, date]] = ()) -> tuple[date, ...]:
    """The fourteen dates from `starts_on` on, passing over pauses: (first, last) days."""
    paused = sorted(pauses)
    dates: list[date] = []
    day = starts_on
    while len(dates) < DAYS:
        for first, last in paused:
            if first <= day <= last:
                day = last + timedelta(days=1)
        dates.append(day)
        day += timedelta(days=1)
    return tuple(dates)


def program_day(dates: tuple[date, ...], today: date) -> int | Phase:
    """1 to 14, or the phase when `today` is none of the `dates` of `program_dates`."""
    if today < dates[0]:
        return Phase.BEFORE
    if today > dates[-1]:
        return Phase.AFTER
    if today not in dates:
        return Phase.PAUSED
    return dates.index(today) + 1


def program_week(number: int) -> range:
    """The day numbers of the program week that day `number` (1-14) lies in: 1-7 or 8-14."""
    first = 1 if number <= DAYS_PER_WEEK else DAYS_PER_WEEK + 1
    return range(first, first + DAYS_PER_WEEK)


def next_monday(today: date) -> date:
    """The first Monday after `today`."""
    return today + timedelta(days=DAYS_PER_WEEK - today.weekday())


def latest_start(today: date) -> date:
    """How far ahead two weeks can be planned: a year."""
    return today + timedelta(days=365)


def last_date(starts_on: date) -> date:
    return program_dates(starts_on)[-1]


def later_dates(last: date) -> tuple[date, ...]:
    """When to ask what came of two weeks whose last day was `last`: 30 and 90 days after it."""
    return tuple(in_days(last, count) for count in LATER)


def day_after(day: date) -> date:
    return day + timedelta(days=1)


def day_before(day: date) -> date:
    return day - timedelta(days=1)


def in_days(day: date, count: int) -> date:
    """The date `count` days after `day`."""
    return day + timedelta(days=count)
