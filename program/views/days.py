"""Today and the other thirteen days: the page, and the parts of it that entries.py and
reflections.py answer with.
"""

import uuid
from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from breakthrough.http import HttpRequest
from program import calendar
from program.calendar import Phase
from program.curriculum import PRACTICES, REQUESTS_PER_WEEK, STONES_PER_DAY, STONES_PER_PRACTICE
from program.forms.days import DayForm, ReflectionForm
from program.models import Cohort, DailyEntry, Enrollment, Reflection
from program.models.days import counts_of, current, current_with_page
from program.models.steps import requests_in_week
from program.models.stones import Counts, pebbles, stones
from program.views.beside import PersonFinder, beside, letters, with_links
from program.views.current import posted_uuid
from program.views.strip import Context, day_link, days, neighbors


@require_safe
def today(request: HttpRequest) -> HttpResponse:
    enrollment = _with_page(request, None)
    if enrollment is None:
        is_coach = Cohort.objects.coached_by(request.user).exists()
        return redirect("cohort_list" if is_coach else "enrollment_create")
    position = enrollment.program_day(request.now)
    if isinstance(position, Phase):
        return _calm(request, enrollment, position)
    return render_day(request, enrollment, enrollment.dates[position - 1])


@require_safe
def day_detail(request: HttpRequest, day: date) -> HttpResponse:
    enrollment = _enrollment(request, day)
    if day > enrollment.today(request.now):
        return _ahead(request, enrollment, day)
    return render_day(request, enrollment, day)


def _enrollment(request: HttpRequest, day: date) -> Enrollment:
    """The user's current two weeks; 404 when `day` is none of their fourteen."""
    return _with_day(_with_page(request, day), day)


def _with_page(request: HttpRequest, day: date | None) -> Enrollment | None:
    """The user's current two weeks and all that the whole page of a day, or of today, shows."""
    user = request.user
    today = calendar.local_date(request.now, user.zone, user.day_end_hour)
    return current_with_page(user, today, day or today)


def posted_enrollment(request: HttpRequest, day: date) -> Enrollment:
    """The two weeks that the form was made for, so that an old page cannot write into others."""
    public_id = posted_uuid(request, "enrollment")
    enrollment = current(request.user) if request.htmx else _with_page(request, day)
    if enrollment and enrollment.public_id != public_id:
        raise Http404
    return _with_day(enrollment, day)


def _with_day(enrollment: Enrollment | None, day: date) -> Enrollment:
    if enrollment is None or day not in enrollment.dates:
        raise Http404
    return enrollment


def render_day(
    request: HttpRequest,
    enrollment: Enrollment,
    day: date,
    status: int = 200,
    refused: uuid.UUID | None = None,
    **extra: Any,
) -> HttpResponse:
    counts = counts_of(enrollment)
    places = DailyEntry.objects.places(enrollment, day)
    reflection = enrollment.day_reflection or {"text": "", "version": 0}
    moved = progress(enrollment, day, counts, request)
    finder = PersonFinder(enrollment.names)
    context = {
        **moved,
        **beside(
            enrollment,
            moved["number"],
            is_today=moved["is_today"],
            week_requests=moved["week_requests"],
        ),
        **letters(enrollment, day),
        "days": days(enrollment, day, counts, request),
        "practices": [
            practice_context(
                practice.key,
                _as_typed(with_links(numbered(places[practice.key]), finder), refused, request),
                counts.get(day, {}),
            )
            for practice in PRACTICES
        ],
        "reflection": Reflection(day=day, **reflection),
        **neighbors(enrollment, day, enrollment.today(request.now)),
        # As text it is masked once for the page, and not asked for by each form.
        "csrf_token": get_token(request),
        **extra,
    }
    return render(request, "program/days/detail.html", context, status=status)


def _as_typed(
    places: list[Context], refused: uuid.UUID | None, request: HttpRequest
) -> list[Context]:
    """The entry that was refused says what was typed, which is not saved."""
    for place in places:
        if refused and place["entry"].client_id == refused:
            for name in ("line", "answer"):
                setattr(place["entry"], name, request.POST.get(name, ""))
    return places


def _calm(request: HttpRequest, enrollment: Enrollment, phase: Phase) -> HttpResponse:
    """Today when it is none of the fourteen: before, in a pause, or after."""
    counts = counts_of(enrollment)
    context = {
        "section": "today",
        "enrollment": enrollment,
        "phase": phase.value,
        **letters(enrollment, enrollment.today(request.now)),
        "days": days(enrollment, None, counts, request),
        "starts_on": enrollment.dates[0],
        # Somebody who has been on day one already, and whose clock then went back.
        "has_begun": phase == Phase.BEFORE and enrollment.last_used_day() is not None,
        **_next_day(enrollment, enrollment.today(request.now)),
        "entries": sum(sum(of_day.values()) for of_day in counts.values()),
    }
    return render(request, "program/days/calm.html", context)


def _next_day(enrollment: Enrollment, now: date) -> Context:
    """The first of the fourteen after today: where a pause leads."""
    days = enumerate(enrollment.dates, 1)
    number, day = next(((n, day) for n, day in days if day > now), (None, None))
    return {"next_day": day, "next_number": number}


def _ahead(
    request: HttpRequest, enrollment: Enrollment, day: date, status: int = 200
) -> HttpResponse:
    counts = DailyEntry.objects.of(enrollment).counts()
    context = {
        "section": "today",
        "enrollment": enrollment,
        "day": day,
        "number": enrollment.dates.index(day) + 1,
        "days": days(enrollment, day, counts, request),
        **neighbors(enrollment, day, enrollment.today(request.now)),
    }
    return render(request, "program/days/ahead.html", context, status=status)


def render_refusal(
    request: HttpRequest, enrollment: Enrollment, form: DayForm, client_id: uuid.UUID | None = None
) -> HttpResponse:
    """422, in the toast for htmx, else on the day's page with the words that were posted."""
    if request.htmx:
        return render(request, "toast_error.html", {"message": form.complaints()}, status=422)
    if form.day > form.today:
        return _ahead(request, enrollment, form.day, status=422)
    context: Context = {"error": form.complaints()}
    if isinstance(form, ReflectionForm):
        context["reflection"] = Reflection(
            day=form.day,
            text=request.POST.get("text", ""),
            version=form.cleaned_data.get("version", 0),
        )
    else:
        context["refused"] = client_id
    return render_day(request, enrollment, form.day, status=422, **context)


def progress(enrollment: Enrollment, day: date, counts: Counts, request: HttpRequest) -> Context:
    """What a tap can move: the cairn, the tally, the day's mark in the strip, the week."""
    now = enrollment.today(request.now)
    of_day = counts.get(day, {})
    number = enrollment.dates.index(day) + 1
    requests = requests_in_week(enrollment.dates, number, counts)
    return {
        "section": "today",
        "enrollment": enrollment,
        "day": day,
        "number": number,
        "is_today": day == now,
        "stones": stones(of_day),
        "pebbles": pebbles(of_day),
        "tally": _tally(enrollment, day, counts, is_today=day == now),
        "link": day_link(enrollment, day, day, counts, now),
        "week_requests": requests,
        "week_extra": max(0, requests - REQUESTS_PER_WEEK),
        "week_marks": range(1, REQUESTS_PER_WEEK + 1),
        "week_goal": REQUESTS_PER_WEEK,
    }


def _tally(enrollment: Enrollment, day: date, counts: Counts, *, is_today: bool) -> str:
    placed, extra = stones(counts.get(day, {})), pebbles(counts.get(day, {}))
    if placed == STONES_PER_DAY and extra:
        return ngettext("All six, and %(count)d more.", "All six, and %(count)d more.", extra) % {
            "count": extra
        }
    if placed < STONES_PER_DAY and not is_today:
        return _("%(placed)d of 6 on this day. It stays open.") % {"placed": placed}
    position = enrollment.dates.index(day)
    if placed == 0 and position and not counts.get(enrollment.dates[position - 1]):
        return _("You kept the height you had. Six new stones today.")
    return stones_words(placed)


def stones_words(placed: int) -> str:
    """Today's stones, 0 to 6, in a sentence."""
    still_open = STONES_PER_DAY - placed
    if placed == 0:
        return _("Six stones to place, in any order.")
    if still_open == 0:
        return _("All six. That is a whole cairn.")
    return ngettext(
        "%(placed)d of 6 today. One still open.",
        "%(placed)d of 6 today. %(open)s still open.",
        still_open,
    ) % {"placed": placed, "open": _number_words()[still_open]}


def _number_words() -> dict[int, str]:
    return {1: _("One"), 2: _("Two"), 3: _("Three"), 4: _("Four"), 5: _("Five")}


def practice_context(key: str, places: list[Context], of_day: dict[str, int]) -> Context:
    count = of_day.get(key, 0)
    return {
        "practice": next(practice for practice in PRACTICES if practice.key == key),
        "places": places,
        "placed": min(count, STONES_PER_PRACTICE),
        "extra": max(0, count - STONES_PER_PRACTICE),
        "wanted": STONES_PER_PRACTICE,
        "is_full": count >= STONES_PER_PRACTICE,
        # Made with the page, so that a double tap on "One more" is one entry.
        "more_id": uuid.uuid4(),
    }


def numbered(entries: list[DailyEntry]) -> list[Context]:
    return [{"entry": entry, "number": number} for number, entry in enumerate(entries, 1)]
