"""How far somebody is, in the words in which a coach reads it."""

from datetime import datetime

from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from program.calendar import Phase
from program.cohort_table import Fact, Member


def strip_words(days: tuple[int | None, ...]) -> str:
    walked = [str(stones) for stones in days if stones is not None]
    if not walked:
        return _("All fourteen days are still ahead")
    return _("Stones on each day so far: %(stones)s") % {"stones": ", ".join(walked)}


def where_words(member: Member) -> str:
    """Of somebody whose today is none of the fourteen; empty of everybody else."""
    if member.position == Phase.BEFORE:
        day = date_format(member.dates[0], "SHORT_WEEKDAY_FORMAT")
        return _("starts %(day)s") % {"day": day}
    if member.position == Phase.PAUSED:
        return _("pausing")
    if member.position == Phase.AFTER:
        return _("ended") if member.has_ended else _("all fourteen walked")
    return ""


def active_words(at: datetime | None, now: datetime, coach: User) -> str:
    """When somebody was last active, by the coach's own clock."""
    if at is None:
        return _("Not yet")
    zone = coach.zone
    today, day = now.astimezone(zone).date(), at.astimezone(zone).date()
    if day >= today:
        return time_format(at.astimezone(zone), "TIME_FORMAT")
    days = (today - day).days
    if days == 1:
        return _("Yesterday")
    return ngettext("%(days)d day ago", "%(days)d days ago", days) % {"days": days}


def fact_words(member: Member) -> list[str]:
    words = {
        Fact.QUIET: ngettext("Quiet %(days)d day", "Quiet %(days)d days", member.quiet_days)
        % {"days": member.quiet_days},
        Fact.NO_REQUESTS: _("No requests yet"),
        Fact.FEW_STONES: _("Under 2 stones a day"),
    }
    return [words[fact] for fact in member.facts]
