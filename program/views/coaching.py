"""A coach's words: notes on days and notes of their own."""

import uuid
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import User
from breakthrough.http import HttpRequest
from program.forms.coaching import CoachNoteForm, EncouragementForm, NudgeForm, ReadForm
from program.models import CoachNote, Cohort, DailyEntry, Encouragement, Enrollment, Nudge
from program.models.coaching import EncouragementIdTakenError
from program.models.progress import known_as
from program.models.versioned import TextConflictError
from program.views.coach_nav import coach_nav

Context = dict[str, Any]
PAGE = "program/coaching/words.html"


@require_POST
def encouragement_create(request: HttpRequest, pk: int, enrollment_pk: int) -> HttpResponse:
    cohort, enrollment = coached(request, pk, enrollment_pk)
    form = EncouragementForm(request.POST, days=lived_days(request, enrollment), auto_id="note-%s")
    if form.is_valid():
        try:
            note = _leave(request, enrollment, form)
        except EncouragementIdTakenError:
            form.add_error(
                None, _("These were other words before. Leave them once more if you want.")
            )
        else:
            messages.success(
                request, _("Left. %(name)s sees it on that day.") % {"name": name_of(enrollment)}
            )
            if form.cleaned_data["back"]:
                return redirect("encouragement_queue", pk)
            return redirect(
                participant_url(cohort, enrollment, f"#day-{enrollment.number_of(note.day)}")
            )
    return words_page(request, cohort, enrollment, note_form=form, note_id=uuid.uuid4())


def _leave(request: HttpRequest, enrollment: Enrollment, form: EncouragementForm) -> Encouragement:
    """404 when it is on an entry that this coach does not see."""
    data = form.cleaned_data
    entry = None
    if data["entry"]:
        entries = DailyEntry.objects.coached_by(request.user).of(enrollment).on(data["day"])
        entry = get_object_or_404(entries.kept(), client_id=data["entry"])
    return Encouragement.objects.leave(
        coach=request.user,
        enrollment=enrollment,
        client_id=data["client_id"],
        day=data["day"],
        text=data["text"],
        entry=entry,
        now=request.now,
    )


@require_POST
def encouragement_remove(
    request: HttpRequest, pk: int, enrollment_pk: int, client_id: uuid.UUID
) -> HttpResponse:
    cohort, enrollment = coached(request, pk, enrollment_pk)
    note = _own_note(request, enrollment, client_id)
    note.remove(request.now)
    number = enrollment.number_of(note.day)
    # A page and no redirect, because the page offers the way back.
    return words_page(request, cohort, enrollment, status=200, removed=note, number=number)


@require_POST
def encouragement_restore(
    request: HttpRequest, pk: int, enrollment_pk: int, client_id: uuid.UUID
) -> HttpResponse:
    cohort, enrollment = coached(request, pk, enrollment_pk)
    note = _own_note(request, enrollment, client_id)
    note.restore()
    return redirect(participant_url(cohort, enrollment, f"#day-{enrollment.number_of(note.day)}"))


def _own_note(request: HttpRequest, enrollment: Enrollment, client_id: uuid.UUID) -> Encouragement:
    notes = Encouragement.objects.written_by(request.user).of(enrollment)
    return get_object_or_404(notes, client_id=client_id)


@require_POST
def coach_note_save(request: HttpRequest, pk: int, enrollment_pk: int) -> HttpResponse:
    cohort, enrollment = coached(request, pk, enrollment_pk)
    form = CoachNoteForm(request.POST)
    if not form.is_valid():
        note = CoachNote(
            text=request.POST.get("text", ""), version=form.cleaned_data.get("version", 0)
        )
        return words_page(request, cohort, enrollment, private_note=note, error=form.complaints())
    try:
        CoachNote.objects.save_text(
            coach=request.user, enrollment=enrollment, now=request.now, **form.wanted()
        )
    except TextConflictError as conflict:
        data = form.cleaned_data
        note = CoachNote(text=data["text"], version=data["version"])
        return words_page(
            request, cohort, enrollment, status=409, private_note=note, other=conflict.stored
        )
    messages.success(request, _("Kept. Only you see it."))
    return redirect(participant_url(cohort, enrollment))


@require_POST
def encouragement_read(request: HttpRequest) -> HttpResponse:
    """The participant has seen a note, or the day's nudge; a repeat changes nothing."""
    form = ReadForm(request.POST)
    if not form.is_valid():
        raise Http404
    day, note = form.cleaned_data["day"], form.cleaned_data["note"]
    if note:
        Encouragement.objects.owned_by(request.user).mark_read(note, request.now)
    else:
        Nudge.objects.owned_by(request.user).mark_read(day, request.now)
    if request.htmx:
        return HttpResponse(status=204)
    return redirect("day_detail", day)


def coached(request: HttpRequest, pk: int, enrollment_pk: int) -> tuple[Cohort, Enrollment]:
    """404 when the user coaches no such cohort, or sees no such two weeks of it any more."""
    cohort = get_object_or_404(Cohort.objects.coached_by(request.user), pk=pk)
    enrollments = Enrollment.objects.coached_by(request.user).in_cohort(cohort).with_pauses()
    enrollment = get_object_or_404(enrollments.select_related("participant"), pk=enrollment_pk)
    return cohort, enrollment


def lived_days(request: HttpRequest, enrollment: Enrollment) -> list[tuple[date, int]]:
    """Those of the fourteen that are not ahead, newest first, with their numbers."""
    today = enrollment.today(request.now)
    days = [(day, number) for number, day in enumerate(enrollment.dates, 1) if day <= today]
    return days[::-1]


def name_of(enrollment: Enrollment) -> str:
    person = enrollment.participant
    return known_as(person.display_name, person.email)


def words_context(request: HttpRequest, cohort: Cohort, enrollment: Enrollment) -> Context:
    """The forms of a coach on the page about one participant: a note, a nudge, one's own note."""
    own = CoachNote.objects.owned_by(request.user).of(enrollment).first()
    return {
        "name": name_of(enrollment),
        "note_form": new_note_form(request, enrollment),
        "nudge_form": NudgeForm(auto_id="nudge-%s"),
        "may_nudge": Nudge.objects.may_be_sent(cohort, enrollment, request.now),
        "private_note": own or CoachNote(text="", version=0),
    }


def new_note_form(
    request: HttpRequest, enrollment: Enrollment, auto_id: str = "note-%s", **initial: Any
) -> EncouragementForm:
    """Its id is made with the page, so that a double tap is one note."""
    initial = {"client_id": uuid.uuid4(), **initial}
    days = lived_days(request, enrollment)
    return EncouragementForm(days=days, initial=initial, auto_id=auto_id)


def notes_by_day(coach: User, enrollment: Enrollment) -> dict[date, list[Encouragement]]:
    """What the coaches wrote on each day as far as this one sees it, oldest first; a day without
    any is absent."""
    found: dict[date, list[Encouragement]] = {}
    notes = Encouragement.objects.coached_by(coach).of(enrollment)
    for note in notes.kept().with_coach().oldest_first():
        found.setdefault(note.day, []).append(note)
    return found


def participant_url(cohort: Cohort, enrollment: Enrollment, anchor: str = "") -> str:
    return reverse("participant_detail", args=[cohort.pk, enrollment.pk]) + anchor


def words_page(
    request: HttpRequest, cohort: Cohort, enrollment: Enrollment, *, status: int = 422, **words: Any
) -> HttpResponse:
    """The form that was not taken, with its words; or what was removed, with the way back."""
    context = {
        **coach_nav(request, "cohort", cohort),
        "enrollment": enrollment,
        "name": name_of(enrollment),
        **words,
    }
    return render(request, PAGE, context, status=status)
