"""Somebody's two weeks as a calendar (RFC 5545): an hour of practice on each of the fourteen days,
whom to ask again, and the look back. Without words of theirs, unless they chose that.
"""

import uuid
from datetime import date, datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from program import calendar, prompts
from program.models import CalendarFeed, DailyEntry, Enrollment

PRACTICE = timedelta(hours=1)
# How often a calendar program is asked to look again.
EVERY = timedelta(hours=2)


def as_ics(feed: CalendarFeed, enrollment: Enrollment | None) -> bytes:
    """`enrollment`: of with_goal(); without one it is a calendar that is empty."""
    ics = Calendar()
    ics.add("prodid", f"-//{settings.SITE_NAME}//{settings.SITE_HOST}//EN")
    ics.add("version", "2.0")
    ics.add("x-wr-calname", settings.SITE_NAME)
    ics.add("refresh-interval", EVERY, parameters={"value": "DURATION"})
    if enrollment:
        for number, day in enumerate(enrollment.dates, 1):
            ics.add_component(_practice(feed, enrollment, number, day))
        ics.add_component(_finish(enrollment))
        for entry in DailyEntry.objects.in_ledger(enrollment).to_follow_up():
            ics.add_component(_ask_again(feed, enrollment, entry))
        # Of whole years: some programs keep the first rules that they read of a zone.
        first, last = enrollment.dates[0].year, enrollment.dates[-1].year
        ics.add_missing_timezones(date(first, 1, 1), date(last + 2, 1, 1))
    return bytes(ics.to_ical())


def _practice(feed: CalendarFeed, enrollment: Enrollment, number: int, day: date) -> Event:
    user = enrollment.participant
    # The small hours before a day's end are the end of the day before.
    shown_on = calendar.day_after(day) if feed.at.hour < user.day_end_hour else day
    event = _event(enrollment, f"practice/{number}", reverse("day_detail", args=[day]))
    # A moment of the person's zone, which a change of clocks moves as it moves their morning.
    event.add("dtstart", datetime.combine(shown_on, feed.at, user.zone))
    event.add("duration", PRACTICE)
    summary = _("Two weeks, day %(number)d: share, act, request") % {"number": number}
    event.add("summary", summary)
    words = [prompts.day(number).prompt]
    if feed.shows_words:
        words = [enrollment.goal["statement"], *words]
    event.add("description", "\n\n".join(words))
    return event


def _finish(enrollment: Enrollment) -> Event:
    event = _event(enrollment, "finish", reverse("finish_detail"))
    event.add("dtstart", enrollment.dates[-1])
    event.add("transp", "TRANSPARENT")
    event.add("summary", _("Day 14: look back on your two weeks"))
    return event


def _ask_again(feed: CalendarFeed, enrollment: Enrollment, entry: DailyEntry) -> Event:
    name = f"ask-again/{entry.client_id}"
    event = _event(enrollment, name, reverse("request_detail", args=[entry.client_id]))
    event.add("dtstart", entry.follow_up_on)
    event.add("transp", "TRANSPARENT")
    if feed.shows_words and entry.line:
        event.add("summary", _("Ask again: %(line)s") % {"line": entry.line})
    else:
        event.add("summary", _("Ask again about a request"))
    return event


def _event(enrollment: Enrollment, name: str, path: str) -> Event:
    """Its UID stays when its day moves, and tells nobody the id that the two weeks go by."""
    event = Event()
    event.add("uid", f"{uuid.uuid5(enrollment.public_id, f'calendar/{name}')}@{settings.SITE_HOST}")
    event.add("dtstamp", enrollment.created_at)
    event.add("url", f"{settings.SITE_URL}{path}")
    return event
