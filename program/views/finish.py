"""The finish: what the fourteen days came to, looking back, and what could be next."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from breakthrough.http import HttpRequest
from program.calendar import Phase
from program.curriculum import DAYS, STEPS
from program.forms.finish import FinishForm
from program.forms.requests import MAIL_LINK_MAX_LENGTH, mail_link
from program.models import (
    Breakthrough,
    DailyEntry,
    Enrollment,
    Finish,
    Goal,
    MailChoice,
    MailKind,
    Person,
    StepProgress,
)
from program.models.finish import FinishConflictError, Totals
from program.models.steps import request_weeks, requests_state
from program.views.current import current_enrollment
from program.views.map import ridges


@require_http_methods(["GET", "HEAD", "POST"])
def finish_detail(request: HttpRequest) -> HttpResponse:
    enrollment = current_enrollment(request)
    if enrollment is None:
        return redirect("enrollment_create")
    if enrollment.program_day(request.now) not in {DAYS, Phase.AFTER}:
        context = {"section": "map", "opens_on": enrollment.dates[-1]}
        return render(request, "program/finish/ahead.html", context)
    form = _form(request, enrollment)
    status, other = 422 if form.errors else 200, None
    if form.is_valid():
        other = _save(request, form)
        if other is None:
            form.save_choice(request.user, request.now)
            messages.success(request, _("Saved."))
            return redirect("finish_detail")
        status = 409
    context = {**report(request, enrollment), "form": form, "other": other}
    return render(request, "program/finish/detail.html", context, status=status)


def _form(request: HttpRequest, enrollment: Enrollment) -> FinishForm:
    stored = Finish.objects.of(enrollment).first() or Finish(enrollment=enrollment, version=0)
    choices = MailChoice.objects.owned_by(request.user).of_kinds(MailKind.LATER_QUESTIONS)
    wants_mail = choices.wanted().exists()
    today, later = enrollment.today(request.now), enrollment.later_dates
    return FinishForm(
        request.POST or None,
        instance=Finish(enrollment=enrollment, **stored.said()),
        initial={"version": stored.version, "later_questions": wants_mail},
        asks_later=today >= later[0] or any(stored.later_words()),
        offers_mail=wants_mail or today < later[-1],
    )


def _save(request: HttpRequest, form: FinishForm) -> Finish | None:
    """What is stored instead, when it was saved in another tab meanwhile."""
    try:
        Finish.objects.save_words(
            form.instance, based_on=form.cleaned_data["version"], now=request.now
        )
    except FinishConflictError as conflict:
        # Both are shown; saving once more is meant.
        data = request.POST.copy()
        data["version"] = str(conflict.stored.version)
        form.data = data
        return conflict.stored
    return None


def report(request: HttpRequest, enrollment: Enrollment) -> dict[str, Any]:
    """What two weeks came to; the same for those that run and for earlier ones."""
    entries = list(DailyEntry.objects.of(enrollment).kept().with_person().in_day_order())
    goal = Goal.objects.of(enrollment).newest_first()[0]
    counts = DailyEntry.objects.of(enrollment).counts()
    today = enrollment.today(request.now)
    steps = StepProgress.objects.of(enrollment).by_number()
    tenth = requests_state(request_weeks(enrollment.dates, counts, today))
    totals = Totals.of(entries, enrollment.dates)
    return {
        "section": "map",
        "enrollment": enrollment,
        "goal": goal,
        "starts_on": enrollment.dates[0],
        "ends_on": enrollment.dates[-1],
        "ridges": ridges(enrollment, counts, request.now, summit=goal.statement),
        "totals": totals,
        "outcomes": _labelled(DailyEntry.Outcome, totals.by_outcome),
        "sizes": _labelled(DailyEntry.Size, totals.by_size),
        "granted": [
            entry
            for entry in entries
            if entry.is_placed and entry.outcome == DailyEntry.Outcome.GRANTED
        ],
        "steps_in_place": sum(step.is_in_place for step in steps.values())
        + (tenth == StepProgress.State.IN_PLACE),
        "steps_total": len(STEPS),
        "untouched": [
            {"number": number, "name": STEPS[number - 1]}
            for number, step in steps.items()
            if step.state == StepProgress.State.NOT_BEGUN
        ],
        "moments": [
            {"moment": moment, "number": enrollment.number_of(moment.day)}
            for moment in Breakthrough.objects.of(enrollment).kept().newest_first()
        ],
        "entries": entries,
    }


def _labelled(choices: Any, found: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {"label": choice.label, "count": found[choice.value]}
        for choice in choices
        if found.get(choice.value)
    ]


@require_safe
def thanks_draft(request: HttpRequest) -> HttpResponse:
    """A draft of thanks to everybody who helped; the app sends nothing."""
    enrollment = current_enrollment(request)
    if enrollment is None:
        return redirect("enrollment_create")
    goal = get_object_or_404(Goal.objects.of(enrollment).newest_first()[:1])
    requests = DailyEntry.objects.of(enrollment).granted().with_person().in_day_order()
    people = Person.objects.owned_by(request.user).kept().by_name()
    context = {
        "section": "people",
        "drafts": _drafts(goal, requests, people),
        "mail_limit": MAIL_LINK_MAX_LENGTH,
    }
    return render(request, "program/finish/thanks.html", context)


def _drafts(
    goal: Goal, requests: Iterable[DailyEntry], people: Iterable[Person]
) -> list[dict[str, Any]]:
    """One draft a person: who said yes first, then everybody else who has a part."""
    asked: dict[int, str] = {}
    for entry in requests:
        if entry.person_id:
            asked.setdefault(entry.person_id, entry.line)
    drafts = []
    for person in sorted(people, key=lambda person: person.pk not in asked):
        words = _thanks(person, goal, asked.get(person.pk, ""))
        drafts.append(
            {
                "person": person,
                "words": words,
                "mail": mail_link(_("Thank you"), words),
            }
        )
    return drafts


def _thanks(person: Person, goal: Goal, asked: str) -> str:
    why = _("You were one of the people who carried it with me.")
    if asked:
        why = _("I asked you for this: “%(asked)s”. You said yes.") % {"asked": asked}
    elif person.is_evangelist:
        why = _("You spoke of it when I was not in the room.")
    elif person.is_advisor:
        why = _("You told me what I did not know.")
    words = _(
        "Dear %(name)s,\n\ntwo weeks ago I set out to do this: %(goal)s\n\n%(why)s It counted, and"
        " I wanted you to hear it from me.\n\nThank you."
    )
    return words % {"name": person.name, "goal": goal.statement, "why": why}
