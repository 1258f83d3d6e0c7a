"""B8: whole fortnights in twelve zones over both changes of clocks, scanned every quarter-hour.

When each reminder should come is read from the zone data by brute force, not by schedule.py.
"""

from collections import Counter
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest

from accounts import outbox
from accounts.models import OutgoingMail, User
from program.models import Enrollment, MailChoice
from program.models.reminders import queue_due
from tests.factories import make_enrollment, make_user
from tests.figures import figure
from tests.zones import QUARTER, clock

ZONES = [
    *("Europe/Stockholm", "America/New_York", "America/St_Johns", "America/Santiago"),
    *("America/Nuuk", "Africa/Cairo", "Asia/Beirut", "Asia/Jerusalem"),
    *("Australia/Adelaide", "Australia/Lord_Howe", "Pacific/Chatham", "Antarctica/Troll"),
]
# Morning, evening and the hour at which the day ends.
HABITS = [(time(7, 30), time(20), 0), (time(2, 30), time(23, 30), 0), (time(6), time(1, 30), 3)]
DAY = timedelta(hours=24)


class Key(NamedTuple):
    user: int
    kind: str
    day: date


def changes_of_2027(zone: str) -> list[datetime]:
    return [at for at, _offset in clock(zone).transitions if at.year == 2027]


def shown_at(day: date, at: time, zone: ZoneInfo) -> datetime | None:
    """The first instant at which clocks show it; None for a time that they skip."""
    instant = datetime.combine(day, time(), ZoneInfo("UTC")) - DAY
    for _quarter in range(4 * 24 * 3):
        if instant.astimezone(zone).replace(tzinfo=None) == datetime.combine(day, at):
            return instant
        instant += QUARTER
    return None


def make_walker(zone: str, change: datetime, number: int) -> Enrollment:
    morning, evening, hour = HABITS[number % len(HABITS)]
    user = make_user(name=f"Walker{number}", time_zone=zone, day_end_hour=hour)
    starts_on = (change.astimezone(ZoneInfo(zone)) - 7 * DAY).date()
    enrollment = make_enrollment(participant=user, starts_on=starts_on)
    for kind, at in (("morning", morning), ("evening", evening)):
        MailChoice.objects.choose(user, kind, at=at, now=change - 30 * DAY)
    return enrollment


def expected(enrollment: Enrollment) -> dict[Key, datetime | None]:
    user = enrollment.participant
    found = {}
    for choice in MailChoice.objects.owned_by(user):
        assert choice.at
        for day in enrollment.dates:
            shown_on = day + DAY if choice.at.hour < user.day_end_hour else day
            key = Key(user.pk, choice.kind, day)
            found[key] = shown_at(shown_on, choice.at, user.zone)
    return found


@pytest.mark.django_db
def test_every_reminder_of_whole_fortnights_comes_once_and_on_time() -> None:
    due: dict[Key, datetime | None] = {}
    instants: set[datetime] = set()
    for number, zone in enumerate(ZONES):
        changes = changes_of_2027(zone)
        assert len(changes) == 2, (zone, changes)
        for season, change in enumerate(changes):
            due |= expected(make_walker(zone, change, number * 2 + season))
            first = change.replace(minute=0) - 9 * DAY
            instants |= {first + QUARTER * quarter for quarter in range(4 * 24 * 19)}

    sent: Counter[Key] = Counter()
    late, wrong_day = 0, 0
    for now in sorted(instants):
        if not queue_due(now):
            continue
        for mail in OutgoingMail.objects.filter(state="waiting").select_related("user"):
            assert mail.user
            message = outbox.KINDS[mail.kind].compose(mail, now)
            day = date.fromisoformat(mail.payload["day"])
            key = Key(mail.user.pk, mail.kind, day)
            if message:
                sent[key] += 1
                late += now - (due.get(key) or now) >= QUARTER
                hour = timedelta(hours=mail.user.day_end_hour)
                wall = now.astimezone(mail.user.zone).replace(tzinfo=None)
                wrong_day += (wall - hour).date() != day
        OutgoingMail.objects.filter(state="waiting").update(state="sent")

    skipped_times = sum(at is None for at in due.values())
    double = sum(count - 1 for count in sent.values())
    people = User.objects.count()
    lived = f"{people * 14} days lived in {len(ZONES)} zones over both changes of the clocks"
    skipped = f"{skipped_times} of them at a time that clocks skip"
    figure("B8/due", f"reminders due, {skipped}: {lived}", len(due))
    figure(
        "B8/sent",
        f"of them sent, in {len(instants):,} scans",
        sum(sent.values()),
        bar=f"{len(due)}",
        holds=sent.keys() == due.keys(),
    )
    for name, count in (("late", late), ("double", double), ("wrong day", wrong_day)):
        figure(f"B8/{name.replace(' ', '-')}", f"of them {name}", count, bar="0", holds=not count)
    assert sent.keys() == due.keys()
    assert (late, double, wrong_day) == (0, 0, 0)
    assert len(due) == 12 * 2 * 14 * 2
