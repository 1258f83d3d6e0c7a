"""Breakthrough moments: caught with one field, completed later, and what came before them."""

import uuid
from datetime import date
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from breakthrough.http import HttpRequest
from program.forms.moments import CatchForm, MomentForm, day_label
from program.models import Breakthrough, Enrollment
from program.models.moments import BreakthroughConflictError, BreakthroughRemovedError
from program.views.current import current_enrollment, current_enrollment_or_404
from program.views.precursors import came_before

Context = dict[str, Any]


@require_safe
def moment_list(request: HttpRequest) -> HttpResponse:
    enrollment = current_enrollment(request)
    if enrollment is None:
        return redirect("enrollment_create")
    return _render_list(request, enrollment)


@require_POST
def moment_create(request: HttpRequest) -> HttpResponse:
    enrollment = current_enrollment_or_404(request)
    form = CatchForm(request.POST, days=_days(request, enrollment))
    if not form.is_valid():
        return _render_list(request, enrollment, form=form, status=422)
    try:
        moment = Breakthrough.catch(enrollment=enrollment, now=request.now, **form.cleaned_data)
    except BreakthroughRemovedError:
        form.add_error(None, _("That moment was removed. Keep these words once more if you want."))
        return _render_list(request, enrollment, form=form, status=422, new_id=uuid.uuid4())
    except BreakthroughConflictError as conflict:
        return _render_conflict(request, enrollment, conflict.stored)
    words, link = _("Caught."), _("What led to it?")
    url = reverse("moment_update", args=[moment.client_id])
    messages.success(
        request, format_html('<span>{} <a href="{}#causes">{}</a></span>', words, url, link)
    )
    return redirect(_moment_url(moment))


@require_http_methods(["GET", "HEAD", "POST"])
def moment_update(request: HttpRequest, client_id: uuid.UUID) -> HttpResponse:
    enrollment = current_enrollment_or_404(request)
    moment = _moment(request, enrollment, client_id)
    if moment.removed_at and request.method != "POST":
        raise Http404
    form = _form(request, enrollment, moment, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            moment.rewrite(**form.wanted())
        except BreakthroughRemovedError:
            form.add_error(None, _("This moment was removed. Catch it anew with these words."))
        except BreakthroughConflictError as conflict:
            return _render_conflict(request, enrollment, conflict.stored)
        else:
            messages.success(request, _("Kept."))
            return redirect(_moment_url(moment))
    return _render_form(request, enrollment, form, status=422 if form.errors else 200)


@require_POST
def moment_remove(request: HttpRequest, client_id: uuid.UUID) -> HttpResponse:
    enrollment = current_enrollment_or_404(request)
    moment = _moment(request, enrollment, client_id)
    moment.remove(request.now)
    if not request.htmx:
        # A page and no redirect, because the page offers the way back.
        return _render_list(request, enrollment, removed=moment)
    kept = Breakthrough.objects.owned_by(request.user).of(enrollment).kept().newest_first()
    context = {"removed": moment, "oob": True, "before": _before(request, enrollment, list(kept))}
    return render(request, "program/moments/list.html#removed-answer", context)


@require_POST
def moment_restore(request: HttpRequest, client_id: uuid.UUID) -> HttpResponse:
    enrollment = current_enrollment_or_404(request)
    moment = _moment(request, enrollment, client_id)
    moment.restore()
    return redirect(_moment_url(moment))


def _moment(request: HttpRequest, enrollment: Enrollment, client_id: uuid.UUID) -> Breakthrough:
    moments = Breakthrough.objects.owned_by(request.user).of(enrollment).with_causes()
    moment = get_object_or_404(moments, client_id=client_id)
    moment.enrollment = enrollment
    return moment


def _moment_url(moment: Breakthrough) -> str:
    return f"{reverse('moment_list')}#moment-{moment.client_id}"


def _render_list(
    request: HttpRequest,
    enrollment: Enrollment,
    *,
    form: CatchForm | None = None,
    new_id: uuid.UUID | None = None,
    status: int = 200,
    **extra: Any,
) -> HttpResponse:
    kept = Breakthrough.objects.owned_by(request.user).of(enrollment).kept()
    moments = list(kept.newest_first().with_causes())
    days = _days(request, enrollment)
    posted_id = form.cleaned_data.get("client_id") if form else None
    context = {
        "section": "moments",
        "moments": [
            _moment_context(enrollment, moment, order)
            for order, moment in zip(range(len(moments), 0, -1), moments, strict=True)
        ],
        "form": form or CatchForm(days=days, initial={"day": days[0][0].isoformat()}),
        "new_id": new_id or posted_id or uuid.uuid4(),
        "before": _before(request, enrollment, moments),
        **extra,
    }
    return render(request, "program/moments/list.html", context, status=status)


def _moment_context(enrollment: Enrollment, moment: Breakthrough, order: int) -> Context:
    return {
        "moment": moment,
        "day": _day_words(enrollment, moment.day),
        **_arc(order),
        "causes": [
            {"entry": entry, "day": _short_day_words(enrollment, entry.day)}
            for entry in moment.causes
        ],
    }


def _form(
    request: HttpRequest, enrollment: Enrollment, moment: Breakthrough, data: Any
) -> MomentForm:
    names = (*Breakthrough.WORDS, "version")
    initial = {name: getattr(moment, name) for name in names} | {"day": moment.day.isoformat()}
    days = _days(request, enrollment, moment.day)
    return MomentForm(data, stored=moment, days=days, initial=initial)


def _render_form(
    request: HttpRequest,
    enrollment: Enrollment,
    form: MomentForm,
    *,
    other: Breakthrough | None = None,
    status: int = 200,
) -> HttpResponse:
    moment = form.stored
    # What is none of theirs is not offered, and not asked for either.
    data = form.cleaned_data if form.is_bound else {}
    day = data.get("day", moment.day)
    ticked = [entry.client_id for entry in data.get("entries", moment.causes)]
    context = {
        "section": "moments",
        "form": form,
        "moment": moment,
        "day": _day_words(enrollment, moment.day),
        "groups": [
            {"label": _day_words(enrollment, of), "entries": list(entries)}
            for of, entries in groupby(
                moment.may_have_led_to_it(day, ticked), key=lambda entry: entry.day
            )
        ],
        "ticked": ticked,
        "other": other,
        "other_day": other and _day_words(enrollment, other.day),
    }
    return render(request, "program/moments/form.html", context, status=status)


def _render_conflict(
    request: HttpRequest, enrollment: Enrollment, stored: Breakthrough
) -> HttpResponse:
    """Both texts on one page, 409; saving once more is meant."""
    moment = _moment(request, enrollment, stored.client_id)
    data = request.POST.copy()
    data["version"] = str(moment.version)
    if "version" not in request.POST:
        # It comes from the form that catches, which has no ticks.
        data.setlist("entries", [str(entry.client_id) for entry in moment.causes])
    form = _form(request, enrollment, moment, data)
    form.full_clean()
    return _render_form(request, enrollment, form, other=moment, status=409)


def _before(
    request: HttpRequest, enrollment: Enrollment, moments: list[Breakthrough]
) -> Context | None:
    return came_before(
        request, enrollment, [moment.day for moment in moments], _lived(request, enrollment)
    )


def _days(
    request: HttpRequest, enrollment: Enrollment, *others: date
) -> list[tuple[date, int | None]]:
    """The days that a moment can have been on, newest first: those lived so far, and today."""
    days = {*_lived(request, enrollment), enrollment.today(request.now), *others}
    return [(day, enrollment.number_of(day)) for day in sorted(days, reverse=True)]


def _lived(request: HttpRequest, enrollment: Enrollment) -> list[date]:
    today = enrollment.today(request.now)
    return [day for day in enrollment.dates if day <= today]


def _day_words(enrollment: Enrollment, day: date) -> str:
    return day_label(day, enrollment.number_of(day))


def _short_day_words(enrollment: Enrollment, day: date) -> str:
    number = enrollment.number_of(day)
    return _("Day %(number)d") % {"number": number} if number else day_label(day, None)


# --- The drawing ---------------------------------------------------------------------------------

# From the level before to the higher level after, over the peak that is the moment, on 900 x 80.
_UP = [(0, 73), (84, 71), (126, 75), (170, 69), (206, 71), (248, 40), (272, 41), (350, 21)]
_PEAK = [(372, 23), (446, 5), (474, 15), (500, 13), (566, 36)]
_DOWN = [(604, 34), (668, 52), (742, 49), (816, 55), (900, 53)]
# The far side lies in shade, from the peak down to where it meets the slope again.
_SHADE = [(446, 5), (474, 15), (500, 13), (566, 36), (536, 33), (518, 38), (486, 29), (470, 31)]
_SHIFTS = (0, 9, -6, 13, -11, 5, -3)


def _arc(order: int) -> Context:
    """The paths of the moment's mountain, its peak a little to either side: few look alike."""
    shift = _SHIFTS[order % len(_SHIFTS)]
    peak, shade = ([(x + shift, y + shift % 3) for x, y in points] for points in (_PEAK, _SHADE))
    return {"ridge": _path([*_UP, *peak, *_DOWN]), "shade": _path(shade) + " Z"}


def _path(points: list[tuple[int, int]]) -> str:
    return "M" + " L".join(f"{x} {y}" for x, y in points)
