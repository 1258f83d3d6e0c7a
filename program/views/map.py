"""The map: fourteen days as a climb, and the same days in a table."""

from datetime import date, datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from breakthrough.http import HttpRequest
from program.calendar import Phase
from program.curriculum import DAYS, PRACTICES
from program.models import DailyEntry, Enrollment, Reflection
from program.models.stones import pebbles, stones
from program.ridge import TALL, WIDE, Ridge, ridge
from program.views.strip import day_url

Context = dict[str, Any]
Counts = dict[date, dict[str, int]]

SUMMIT_LENGTH = 60  # what fits beside the flag


@require_safe
def map_detail(request: HttpRequest) -> HttpResponse:
    enrollments = Enrollment.objects.owned_by(request.user).current().with_goal().with_pauses()
    enrollment = enrollments.first()
    if enrollment is None:
        return redirect("enrollment_create")
    enrollment.participant = request.user
    counts = DailyEntry.objects.of(enrollment).counts()
    lines = {
        **DailyEntry.objects.of(enrollment).first_lines(),
        **Reflection.objects.of(enrollment).first_lines(),
    }
    days = map_days(enrollment, counts, request.now)
    context = {
        "section": "map",
        "practices": PRACTICES,
        "ridges": ridges(enrollment, counts, request.now, summit=enrollment.goal["statement"]),
        "days": [{**day, "line": lines.get(day["day"], "")} for day in days],
        "is_one_today": any(day["is_today"] for day in days),
        **_headline(enrollment, days, request.now),
    }
    return render(request, "program/map/detail.html", context)


def ridges(
    enrollment: Enrollment, counts: Counts, now: datetime, *, summit: str = ""
) -> dict[str, Ridge]:
    """Both frames, "wide" and "tall", of the fourteen days; `summit` stands beside the flag.

    Those of two weeks that have ended lead nowhere: include them without links.
    """
    days = map_days(enrollment, counts, now)
    walked = [str(day["stones"]) for day in days if not day["is_ahead"]]
    today = next((day["number"] for day in days if day["is_today"]), None)
    return {
        frame.name: ridge(
            [None if day["is_ahead"] else day["stones"] for day in days],
            today,
            frame,
            labels=[day["label"] for day in days],
            urls=[day["url"] for day in days],
            label=_("Your fourteen days as a climb to a summit"),
            summary=climb_words(walked),
            summit=Truncator(summit).chars(SUMMIT_LENGTH) if frame is WIDE else "",
        )
        for frame in (WIDE, TALL)
    }


def map_days(enrollment: Enrollment, counts: Counts, now: datetime) -> list[Context]:
    """What the drawing and the table say of each of the fourteen days."""
    is_over = enrollment.ended_at is not None
    today = enrollment.today(min(now, enrollment.ended_at or now))
    return [
        _map_day(number, day, counts.get(day, {}), today, is_over=is_over)
        for number, day in enumerate(enrollment.dates, 1)
    ]


def _map_day(
    number: int, day: date, of_day: dict[str, int], today: date, *, is_over: bool
) -> Context:
    is_ahead, is_today = day > today, day == today and not is_over
    found: Context = {
        "number": number,
        "day": day,
        "url": "" if is_over else day_url(day, today),
        "is_today": is_today,
        "is_ahead": is_ahead,
        "counts": [
            {"practice": practice, "count": of_day.get(practice.key, 0)} for practice in PRACTICES
        ],
        "stones": stones(of_day),
        "pebbles": pebbles(of_day),
    }
    return {**found, "label": _label(found, is_over=is_over)}


def _label(day: Context, *, is_over: bool) -> str:
    name = _("Day %(number)d, %(date)s") % {
        "number": day["number"],
        "date": date_format(day["day"], "WEEKDAY_FORMAT"),
    }
    if day["is_ahead"]:
        what = _("left open") if is_over else _("still ahead")
    else:
        what = _("%(placed)d of 6") % {"placed": day["stones"]}
        if day["pebbles"]:
            what = _("%(placed)s and %(extra)d more") % {"placed": what, "extra": day["pebbles"]}
        if day["is_today"]:
            what = _("today, %(placed)s") % {"placed": what}
    return _("%(day)s: %(what)s") % {"day": name, "what": what}


def climb_words(walked: list[str]) -> str:
    """What a picture of the climb shows; `walked` are the stones of the days that have come."""
    if not walked:
        return _("Fourteen days as a climb to a summit, all of it still open.")
    return ngettext(
        "Fourteen days as a climb to a summit. Stones on the first day: %(stones)s.",
        "Fourteen days as a climb to a summit. Stones on the first %(days)s days: %(stones)s.",
        len(walked),
    ) % {"days": len(walked), "stones": ", ".join(walked)}


# --- The sentence over the drawing ----------------------------------------------------------------


def _headline(enrollment: Enrollment, days: list[Context], now: datetime) -> Context:
    phase, so_far = enrollment.program_day(now), _so_far(days)
    if phase == Phase.BEFORE:
        starts_on = date_format(enrollment.dates[0], "WEEKDAY_FORMAT")
        words = _("You start on %(day)s. The dotted line is what is open to you.")
        return {"title": _("The way ahead"), "lede": words % {"day": starts_on}}
    if phase == Phase.AFTER:
        words = _("Whatever shape it has, this ridge was not there two weeks ago.")
        return {"title": _("The way you walked"), "lede": f"{so_far} {words}".strip()}
    if phase == DAYS:
        words = _("The ink is yours; every stone of today still lifts the summit.")
    else:
        words = _("The ink is yours; the dotted line is what is still open to you.")
    return {"title": _("The way so far"), "lede": f"{so_far} {words}".strip()}


def _so_far(days: list[Context]) -> str:
    """“34 stones in nine days.”; nothing where there is no stone yet."""
    walked = [day for day in days if not day["is_ahead"]]
    placed, extra = sum(day["stones"] for day in walked), sum(day["pebbles"] for day in walked)
    if not placed:
        return ""
    words = ngettext("%(number)s stone", "%(number)s stones", placed) % {"number": in_words(placed)}
    if extra:
        words = _("%(stones)s and %(extra)s more") % {"stones": words, "extra": in_words(extra)}
    in_days = ngettext("%(number)s day", "%(number)s days", len(walked))
    return capfirst(
        _("%(stones)s in %(days)s.")
        % {"stones": words, "days": in_days % {"number": in_words(len(walked))}}
    )


def in_words(number: int) -> str:
    """From one to fourteen; digits for what is more, or less."""
    words = [
        *(_("one"), _("two"), _("three"), _("four"), _("five"), _("six"), _("seven")),
        *(_("eight"), _("nine"), _("ten"), _("eleven"), _("twelve"), _("thirteen"), _("fourteen")),
    ]
    return words[number - 1] if 0 < number <= len(words) else str(number)
