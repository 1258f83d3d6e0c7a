"""When mail is due that comes at a time: pure functions beside calendar.py, no models and no clock
inside.

A reminder belongs to one of the fourteen days, a coach's digest to any day, a question to one of
two days long after the fourteen; each comes when clocks first show its time on it. As in a calendar
(RFC 5545), a time that clocks skip is read by the offset before the jump, and of a time that they
show twice the first one is meant.
"""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from program import calendar

# Nothing leaves so shortly before a day ends: it would be read on the next one.
MARGIN = timedelta(minutes=10)
# What was meant for the morning is no help in the late afternoon.
GOOD_FOR = {
    "morning": timedelta(hours=6),
    "evening": timedelta(hours=18),
    "coach_digest": timedelta(hours=12),
    "replies": timedelta(hours=12),
    "later_questions": timedelta(hours=7 * 24),
}
# Not about the day it was due on, and of use past its end.
OUTLASTING = {"later_questions"}
# Each weekday, and once more: of one that a country left out there is another a week later.
AHEAD = 15


class Clock(NamedTuple):
    """By what somebody's days are counted."""

    zone: ZoneInfo
    day_end_hour: int


class Plan(NamedTuple):
    """A local time, on those of the `dates` that fall on one of the `weekdays`, 0 (Monday) to 6.

    `dates` is None for mail that comes all year round."""

    at: time
    weekdays: Collection[int]
    dates: tuple[date, ...] | None


def next_due(plan: Plan, clock: Clock, *, after: datetime) -> datetime | None:
    """The first instant past `after`; None when none of the days is left."""
    today = calendar.local_date(after, *clock)
    dates = plan.dates
    if dates is None:
        dates = tuple(calendar.in_days(today, count) for count in range(AHEAD))
    for day in dates:
        if day >= today and (due := due_on(day, plan, clock)) and due > after:
            return due
    return None


def due_on(day: date, plan: Plan, clock: Clock) -> datetime | None:
    """None on a day that is not planned, and on one that a whole country leaves out."""
    is_planned = plan.dates is None or day in plan.dates
    if not is_planned or day.weekday() not in plan.weekdays:
        return None
    # The small hours before a day's end are the end of the day before.
    is_past_midnight = plan.at.hour < clock.day_end_hour
    shown_on = calendar.day_after(day) if is_past_midnight else day
    wall = datetime.combine(shown_on, plan.at, clock.zone)
    # Where the jump is the end of the day, the offset before it leads into the next one, and the
    # offset after it stays.
    for fold in (0, 1):
        due = wall.replace(fold=fold).astimezone(UTC)
        if calendar.local_date(due, *clock) == day:
            return due
    return None


def last_call(kind: str, day: date, due: datetime, clock: Clock) -> datetime:
    """The latest instant at which what was `due` on `day` is still of use."""
    if kind in OUTLASTING:
        return due + GOOD_FOR[kind]
    end = calendar.day_end(day, *clock)
    # Who asks for five to twelve gets it then.
    return min(end, max(min(end - MARGIN, due + GOOD_FOR[kind]), due + MARGIN))
