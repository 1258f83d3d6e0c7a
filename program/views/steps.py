"""The ten steps: what is in place, and what the two weeks themselves say about it."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.wording import OurWords
from breakthrough.http import HttpRequest
from program import prompts
from program.curriculum import REQUESTS_PER_WEEK, STEPS
from program.forms.steps import StepEvidenceForm, StepNoteForm, StepStateForm
from program.models import DailyEntry, Enrollment, StepProgress
from program.models.steps import (
    MARKED_STEPS,
    REQUESTS_STEP,
    LiveEvidence,
    StepNoteConflictError,
    attachable,
    request_weeks,
    requests_state,
)
from program.views.current import (
    current_enrollment,
    current_enrollment_or_404,
    enrollment_of_form,
)

Context = dict[str, Any]

NEWEST = 40


@require_safe
def step_list(request: HttpRequest) -> HttpResponse:
    enrollment = current_enrollment(request)
    if enrollment is None:
        return redirect("enrollment_create")
    return _page(request, enrollment)


@require_POST
def step_mark(request: HttpRequest, number: int) -> HttpResponse:
    enrollment = _enrollment(request, number)
    form = StepStateForm(request.POST)
    if not form.is_valid():
        return _refusal(request, enrollment, form)
    steps = StepProgress.objects.owned_by(request.user)
    steps.mark(enrollment=enrollment, number=number, state=form.wanted(), now=request.now)
    if not request.htmx:
        return redirect(_url(number))
    context = {**_progress(request, enrollment), "oob": True}
    context["step"] = _step(number, context["progress"][number])
    return render(request, "program/steps/list.html#mark-answer", context)


@require_POST
def step_note(request: HttpRequest, number: int) -> HttpResponse:
    enrollment = _enrollment(request, number)
    form = StepNoteForm(request.POST)
    if not form.is_valid():
        return _refusal(request, enrollment, form, refused=_written(request, form, number))
    steps = StepProgress.objects.owned_by(request.user)
    try:
        step = steps.save_note(
            enrollment=enrollment, number=number, now=request.now, **form.wanted()
        )
    except StepNoteConflictError as conflict:
        return _conflict(request, enrollment, _written(request, form, number), conflict.stored)
    if not request.htmx:
        return redirect(_url(number))
    context = {"enrollment": enrollment, "step": _step(number, step), "oob": True}
    return render(request, "program/steps/list.html#note-answer", context)


@require_http_methods(["GET", "HEAD", "POST"])
def step_attach(request: HttpRequest, number: int) -> HttpResponse:
    """The step with the entries that can be its evidence; by POST, one of them attached or not."""
    if request.method == "POST":
        return _attach(request, number)
    enrollment = current_enrollment_or_404(request)
    if number not in MARKED_STEPS:
        raise Http404
    picking = "" if "done" in request.GET else "all" if "all" in request.GET else "newest"
    if not request.htmx:
        return _page(request, enrollment, picker=_picker(enrollment, number, picking))
    return _evidence_answer(request, enrollment, number, picking)


def _attach(request: HttpRequest, number: int) -> HttpResponse:
    enrollment = _enrollment(request, number)
    form = StepEvidenceForm(request.POST)
    if not form.is_valid():
        return _refusal(request, enrollment, form)
    data = form.cleaned_data
    entries = DailyEntry.objects.of(enrollment)
    entry = get_object_or_404(entries, client_id=data["entry"], removed_at__isnull=True)
    StepProgress.objects.owned_by(request.user).attach(
        enrollment=enrollment,
        number=number,
        entry=entry,
        wanted=data["attached"],
        now=request.now,
    )
    picking = data["picking"]
    detached = None if data["attached"] or picking else {"number": number, "entry": entry}
    if request.htmx:
        return _evidence_answer(request, enrollment, number, picking, detached=detached, oob=True)
    if detached:
        # A page and no redirect, because the page offers the way back.
        return _page(request, enrollment, detached=detached)
    return redirect(_url(number, picking))


def _enrollment(request: HttpRequest, number: int) -> Enrollment:
    """The two weeks that the form was made for; 404 when `number` is none of the first nine."""
    if number not in MARKED_STEPS:
        raise Http404
    return enrollment_of_form(request)


def _url(number: int, picking: str = "") -> str:
    url = reverse("step_attach", args=[number]) if picking else reverse("step_list")
    return f"{url}{'?all' if picking == 'all' else ''}#step-{number}"


def _written(request: HttpRequest, form: StepNoteForm, number: int) -> StepProgress:
    """The note as it was posted, on the version that it was written on."""
    text = request.POST.get("text", "").replace("\r\n", "\n")
    return StepProgress(number=number, note=text, version=form.cleaned_data.get("version") or 0)


def _refusal(
    request: HttpRequest, enrollment: Enrollment, form: OurWords, **extra: Any
) -> HttpResponse:
    """422, in the toast for htmx, else on the page with the words that were posted."""
    if request.htmx:
        return render(request, "toast_error.html", {"message": form.complaints()}, status=422)
    return _page(request, enrollment, status=422, error=form.complaints(), **extra)


def _conflict(
    request: HttpRequest, enrollment: Enrollment, mine: StepProgress, stored: StepProgress
) -> HttpResponse:
    if not request.htmx:
        return _page(request, enrollment, status=409, refused=mine, other=stored)
    context = {"step": _step(mine.number, mine), "other": stored, "oob": True}
    return render(request, "program/steps/list.html#conflict-answer", context, status=409)


def _page(
    request: HttpRequest, enrollment: Enrollment, status: int = 200, **extra: Any
) -> HttpResponse:
    """`extra`: the `picker`, the note that was `refused` or conflicts with `other`, an `error`."""
    context = _progress(request, enrollment)
    context |= {
        "section": "steps",
        "steps": [_step(number, step) for number, step in context["progress"].items()],
        "requests_step": _step(REQUESTS_STEP, None),
        "live": LiveEvidence.of(enrollment, context["counts"]),
        **extra,
    }
    return render(request, "program/steps/list.html", context, status=status)


def _progress(request: HttpRequest, enrollment: Enrollment) -> Context:
    counts = DailyEntry.objects.of(enrollment).counts()
    weeks = request_weeks(enrollment.dates, counts, enrollment.today(request.now))
    progress = StepProgress.objects.of(enrollment).with_evidence().by_number()
    states = [*(step.state for step in progress.values()), requests_state(weeks)]
    return {
        "enrollment": enrollment,
        "counts": counts,
        "progress": progress,
        "in_place": states.count(StepProgress.State.IN_PLACE),
        "all_steps": len(STEPS),
        "weeks": weeks,
        "requests_state": requests_state(weeks),
        "week_goal": REQUESTS_PER_WEEK,
        "week_marks": range(1, REQUESTS_PER_WEEK + 1),
    }


def _step(number: int, progress: StepProgress | None) -> Context:
    return {
        "number": number,
        "name": STEPS[number - 1],
        "guidance": prompts.step(number),
        "progress": progress,
    }


def _picker(enrollment: Enrollment, number: int, picking: str) -> Context:
    """The entries that can be attached to step `number`: the newest 40, or all of them."""
    entries = attachable(enrollment, None if picking == "all" else NEWEST + 1)
    has_more = picking != "all" and len(entries) > NEWEST
    return {
        "number": number,
        "picking": picking,
        "entries": entries[:NEWEST] if has_more else entries,
        "has_more": has_more,
    }


def _evidence_answer(
    request: HttpRequest, enrollment: Enrollment, number: int, picking: str, **extra: Any
) -> HttpResponse:
    progress = StepProgress.objects.of(enrollment).with_evidence().by_number()
    context = {
        "enrollment": enrollment,
        "step": _step(number, progress[number]),
        "picker": _picker(enrollment, number, picking) if picking else None,
        **extra,
    }
    return render(request, "program/steps/list.html#evidence-answer", context)
