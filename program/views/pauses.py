"""A pause, another first day, and starting again: what one does when life happens."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from breakthrough.http import HttpRequest
from program.calendar import Phase
from program.forms.pauses import PauseForm
from program.models import DailyEntry, Enrollment, Pause
from program.models.pauses import NothingToPauseError
from program.views.current import current_enrollment, current_enrollment_or_404

TEMPLATE = "program/pauses/form.html"


@require_http_methods(["GET", "HEAD", "POST"])
def pause_update(request: HttpRequest) -> HttpResponse:
    """Shows what a pause would move (?back_on=), and moves it when that is posted."""
    enrollment = current_enrollment(request)
    if enrollment is None or enrollment.program_day(request.now) == Phase.AFTER:
        return redirect("today")
    today = enrollment.today(request.now)
    pause = Pause.objects.of(enrollment).not_over(today, enrollment.last_used_day()).first()
    first = pause.starts_on if pause else Pause.objects.first_open_day(enrollment, today)
    form = _form(request, enrollment, pause, first)
    is_valid = first is not None and form.is_valid()
    if request.method == "POST" and is_valid:
        return _put(request, enrollment, form.cleaned_data["back_on"])
    context = {
        "form": form,
        "pause": pause,
        "first": first,
        "is_unused": first == enrollment.starts_on,
        "waiting": DailyEntry.objects.of(enrollment).waiting().count(),
        "enrollment": enrollment,
        **_preview(enrollment, first, form.cleaned_data["back_on"] if is_valid else None, today),
    }
    if request.htmx and request.method == "GET":
        # Nothing was to be saved: the preview says what is wrong, in its own place.
        return render(request, f"{TEMPLATE}#pause-preview", context)
    return render(request, TEMPLATE, context, status=422 if form.errors else 200)


def _form(
    request: HttpRequest, enrollment: Enrollment, pause: Pause | None, first: date | None
) -> PauseForm:
    return PauseForm(
        request.POST or request.GET or None,
        first=first or enrollment.dates[-1],
        today=enrollment.today(request.now),
        initial={"back_on": pause and enrollment.back_on(pause)},
    )


def _put(request: HttpRequest, enrollment: Enrollment, back_on: date) -> HttpResponse:
    try:
        Pause.objects.put_pause(enrollment, back_on=back_on, now=request.now)
    except NothingToPauseError:
        # Today's last open day was filled in another tab meanwhile.
        messages.error(request, _("There is no open day left to move."))
    else:
        words = _("Nothing is lost. Your next open day is %(day)s.")
        messages.success(request, words % {"day": date_format(back_on, "WEEKDAY_FORMAT")})
    return redirect("today")


def _preview(
    enrollment: Enrollment, first: date | None, back_on: date | None, today: date
) -> dict[str, Any]:
    """Numbers of the days that move, and where they would come to lie."""
    if first is None:
        return {}
    # A pause that has begun is none of the fourteen: the first day that moves comes after it.
    number = next(n for n, day in enumerate(enrollment.dates, 1) if day >= first)
    preview: dict[str, Any] = {"number": number, "stays": number - 1}
    if back_on:
        pause = Pause.objects.planned_pause(enrollment, back_on=back_on, today=today)
        preview.update(back_on=back_on, last=enrollment.dates_with(pause)[-1])
    return preview


@require_POST
def pause_end(request: HttpRequest) -> HttpResponse:
    """Come back today; without a pause there is nothing to do."""
    Pause.objects.end_pause(current_enrollment_or_404(request), now=request.now)
    return redirect("today")
