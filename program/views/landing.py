"""What a visitor sees before signing up: the landing page and a day to try."""

import re
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from program.curriculum import (
    ACT,
    DAYS,
    PRACTICES,
    REQUEST,
    REQUESTS_PER_WEEK,
    SHARE,
    STEPS,
    STONES_PER_DAY,
    STONES_PER_PRACTICE,
)
from program.views.days import stones_words

# The sample day: what came before it, which stones are placed at first, and its lines.
SAMPLE_TOTALS = [4, 6, 5, 3, 0, 2, 6, 5]
SAMPLE_REQUESTS_BEFORE = 2
SAMPLE_PLACED = "101010"
SAMPLE_LINES = {
    SHARE.key: [_("My sister, on the phone"), _("The baker, over the bread")],
    ACT.key: [
        _("Counted the tables and the sockets"),
        _("Painted the sign for the door"),
    ],
    REQUEST.key: [
        _("Mr. Okafor: the key to the hall"),
        _("Lena: one Saturday with her soldering iron"),
    ],
}

# The first nine days of four people, as their coach sees them.
SAMPLE_COHORT = {
    "Priya": [5, 4, 6, 6, 3, 5, 6, 6, 4],
    "Tomasz": [2, 0, 4, 3, 5, 0, 4, 6, 5],
    "Amara": [6, 6, 5, 6, 6, 4, 6, 5, 6],
    "Joel": [4, 3, 3, 2, 1, 0, 0, 0, 1],
}


@require_safe
@login_not_required
def landing(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("today")
    context = {
        "steps": STEPS,
        "media_hosts": settings.MEDIA_HOSTS,
        "cohort": {name: _padded(totals) for name, totals in SAMPLE_COHORT.items()},
    }
    return render(request, "program/landing.html", context)


@require_safe
@login_not_required
def see_a_day(request: HttpRequest) -> HttpResponse:
    """Today with sample lines; which stones are placed stands in the address and nowhere else."""
    placed = request.GET.get("placed", "")
    if not re.fullmatch(f"[01]{{{STONES_PER_DAY}}}", placed):
        placed = SAMPLE_PLACED
    stones = placed.count("1")
    practices = _sample_practices(placed)
    context = {
        "uses_htmx": True,
        "number": len(SAMPLE_TOTALS) + 1,
        "days": _sample_days(stones),
        "stones": stones,
        "tally": stones_words(stones),
        "practices": practices,
        "wanted": STONES_PER_PRACTICE,
        "week_requests": SAMPLE_REQUESTS_BEFORE + practices[-1]["placed"],
        "week_marks": range(1, REQUESTS_PER_WEEK + 1),
        "week_goal": REQUESTS_PER_WEEK,
    }
    return render(request, "program/see_a_day.html", context)


def _sample_practices(placed: str) -> list[dict[str, Any]]:
    practices = []
    for position, practice in enumerate(PRACTICES):
        first = position * STONES_PER_PRACTICE
        stones: list[dict[str, Any]] = [
            {
                "number": number,
                "line": line,
                "is_placed": placed[index] == "1",
                "placed_after_tap": _flipped(placed, index),
            }
            for number, (index, line) in enumerate(
                enumerate(SAMPLE_LINES[practice.key], first), start=1
            )
        ]
        count = sum(stone["is_placed"] for stone in stones)
        practices.append({"practice": practice, "stones": stones, "placed": count})
    return practices


def _flipped(placed: str, index: int) -> str:
    return placed[:index] + ("0" if placed[index] == "1" else "1") + placed[index + 1 :]


def _sample_days(stones: int) -> list[dict[str, Any]]:
    totals = [*SAMPLE_TOTALS, stones]
    return [
        {"number": number, "stones": total, "is_shown": number == len(totals)}
        for number, total in enumerate(_padded(totals), start=1)
    ]


def _padded(totals: list[int]) -> list[int | str]:
    """With "" for each day that is ahead."""
    return [*totals, *[""] * (DAYS - len(totals))]
