"""What stones, lines, outcomes and the removal of an entry post."""

import re
import uuid
from datetime import date

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST
from django_htmx.http import reswap, retarget

from breakthrough.http import HttpRequest
from program.forms.days import DayForm, EntryForm, TurnForm
from program.models import DailyEntry, Enrollment
from program.models.days import counts_of
from program.models.refusals import EntryRefusedError
from program.views.days import (
    numbered,
    posted_enrollment,
    practice_context,
    progress,
    render_day,
    render_refusal,
)
from program.views.strip import Context, day_url


@require_POST
def entry_save(request: HttpRequest, day: date, client_id: uuid.UUID) -> HttpResponse:
    enrollment = posted_enrollment(request, day)
    form = EntryForm(request.POST, day=day, today=enrollment.today(request.now))
    if not form.is_valid():
        return render_refusal(request, enrollment, form, client_id)
    practice = form.cleaned_data["practice"]
    try:
        entry = DailyEntry.objects.save_entry(
            enrollment=enrollment,
            client_id=client_id,
            day=day,
            practice=practice,
            now=request.now,
            **form.wanted(),
        )
    except EntryRefusedError as refusal:
        form.add_error(None, refusal.words)
        return render_refusal(request, enrollment, form, client_id)
    if not request.htmx:
        return redirect(f"{day_url(day, enrollment.today(request.now))}#entry-{client_id}")
    if form.cleaned_data["done"] is None:
        return HttpResponse(status=204)
    return _entry_answer(request, enrollment, entry, form)


@require_POST
def entry_remove(request: HttpRequest, day: date, client_id: uuid.UUID) -> HttpResponse:
    enrollment = posted_enrollment(request, day)
    entry = _entry(request, enrollment, day, client_id)
    before = _place_ids(enrollment, day, entry.practice)
    entry.remove(request.now)
    if not request.htmx:
        # A page and no redirect, because the page offers the way back.
        return render_day(request, enrollment, day, removed=entry)
    counts = counts_of(enrollment)
    places = DailyEntry.objects.places(enrollment, day)[entry.practice]
    # On the page, a place that opens stands where the entry stood.
    number = before.index(client_id) + 1 if client_id in before else 1
    context = {
        **progress(enrollment, day, counts, request),
        "practice": practice_context(entry.practice, numbered(places), counts.get(day, {})),
        "opened": [
            {"entry": place, "number": number} for place in places if place.client_id not in before
        ],
        "removed": entry,
        "oob": True,
    }
    return render(request, "program/days/detail.html#removed-answer", context)


@require_POST
def entry_turn(request: HttpRequest, day: date, client_id: uuid.UUID) -> HttpResponse:
    """Make the answer to a share an action or a request of today, as words without a stone."""
    enrollment = posted_enrollment(request, day)
    share = _entry(request, enrollment, day, client_id, practice=DailyEntry.Practice.SHARE)
    form = TurnForm(request.POST, day=day, today=enrollment.today(request.now))
    if not form.is_valid():
        return render_refusal(request, enrollment, form, client_id)
    shown = _place_ids(enrollment, day, form.cleaned_data["into"])
    try:
        entry = _turn(request, enrollment, share, form)
    except EntryRefusedError as refusal:
        form.add_error(None, refusal.words)
        return render_refusal(request, enrollment, form, client_id)
    if not request.htmx:
        return redirect(f"{day_url(entry.day, form.today)}#entry-{entry.client_id}")
    context = {
        **_turned(enrollment, entry, shown),
        "is_new": day == entry.day and entry.client_id not in shown,
        "is_elsewhere": day != entry.day,
    }
    return render(request, "program/days/detail.html#turn-answer", context)


@require_POST
def entry_restore(request: HttpRequest, day: date, client_id: uuid.UUID) -> HttpResponse:
    enrollment = posted_enrollment(request, day)
    entry = _entry(request, enrollment, day, client_id)
    try:
        entry.restore()
    except EntryRefusedError as refusal:
        form = DayForm(request.POST, day=day, today=enrollment.today(request.now))
        form.add_error(None, refusal.words)
        return render_refusal(request, enrollment, form, client_id)
    if not request.htmx:
        return redirect(f"{day_url(day, enrollment.today(request.now))}#entry-{client_id}")
    return _restored_answer(request, enrollment, entry)


def _entry(
    request: HttpRequest,
    enrollment: Enrollment,
    day: date,
    client_id: uuid.UUID,
    **lookup: str,
) -> DailyEntry:
    entries = DailyEntry.objects.owned_by(request.user).of(enrollment).on(day)
    return get_object_or_404(entries, client_id=client_id, **lookup)


def _turn(
    request: HttpRequest, enrollment: Enrollment, share: DailyEntry, form: TurnForm
) -> DailyEntry:
    """What was said is saved with the share first; raises what save_entry raises."""
    share = DailyEntry.objects.save_entry(
        enrollment=enrollment,
        client_id=share.client_id,
        day=share.day,
        practice=share.practice,
        now=request.now,
        **form.wanted(),
    )
    day = form.today if form.today in enrollment.dates else share.day
    return share.turn_into(form.cleaned_data["into"], day=day, now=request.now)


def _turned(enrollment: Enrollment, entry: DailyEntry, shown: list[uuid.UUID]) -> Context:
    return {
        "enrollment": enrollment,
        "day": entry.day,
        "practice": practice_context(entry.practice, [], {}),
        "entry": entry,
        # It comes after all that is on the page, also where a page made anew has one place less.
        "number": len(shown) + 1,
    }


def _entry_answer(
    request: HttpRequest, enrollment: Enrollment, entry: DailyEntry, form: EntryForm
) -> HttpResponse:
    """The stone that was tapped (or, from "One more", a new entry) and all that it moved."""
    counts = counts_of(enrollment)
    number = form.cleaned_data["place"] or 1
    if form.cleaned_data["more"]:
        ids = _place_ids(enrollment, entry.day, entry.practice)
        number = ids.index(entry.client_id) + 1 if entry.client_id in ids else len(ids) + 1
    context = {
        **progress(enrollment, entry.day, counts, request),
        "practice": practice_context(entry.practice, [], counts.get(entry.day, {})),
        "entry": entry,
        "number": number,
        "taken_back": entry.line and not entry.is_placed,
        "more": form.cleaned_data["more"],
        "oob": True,
    }
    response = render(request, "program/days/detail.html#entry-answer", context)
    # Forms in it have Django send the cookie of their token anew. The tap has just brought it, it
    # lives for a year, and pages renew it: 170 bytes of each answer.
    request.META["CSRF_COOKIE_NEEDS_UPDATE"] = False
    return response


def _restored_answer(
    request: HttpRequest, enrollment: Enrollment, entry: DailyEntry
) -> HttpResponse:
    """The entry, for where it stood: the place that its removal opened, or among the others."""
    counts = counts_of(enrollment)
    places = DailyEntry.objects.places(enrollment, entry.day)[entry.practice]
    ids = [str(place.client_id) for place in places]
    client_id, opened = str(entry.client_id), request.POST.get("opened", "")
    position = ids.index(client_id) if client_id in ids else len(ids)
    context = {
        **progress(enrollment, entry.day, counts, request),
        "practice": practice_context(entry.practice, numbered(places), counts.get(entry.day, {})),
        "entry": entry,
        "number": position + 1,
        "oob": True,
    }
    response = render(request, "program/days/detail.html#restored-answer", context)
    if re.fullmatch(r"[0-9a-f-]{36}", opened) and opened not in ids:
        return retarget(reswap(response, "outerHTML"), f"#entry-{opened}")
    following = [f"#entry-{other}" for other in ids[position + 1 :]]
    target = following[0] if following else f"#more-{entry.practice}"
    return retarget(reswap(response, "beforebegin"), target)


def _place_ids(enrollment: Enrollment, day: date, practice: str) -> list[uuid.UUID]:
    return [place.client_id for place in DailyEntry.objects.places(enrollment, day)[practice]]
