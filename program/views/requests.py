"""The ledger of everything that was asked for, and a helper that drafts an ask. Nothing is sent."""

import uuid
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from breakthrough.http import HttpRequest
from program import calendar
from program.calendar import Phase
from program.curriculum import REQUESTS_PER_WEEK
from program.forms.requests import OUTCOME_ICONS, DraftForm, RequestForm
from program.models import DailyEntry, Enrollment, Goal, Person
from program.models.entries import DailyEntryQuerySet
from program.models.refusals import EntryMismatchError, EntryRemovedError, TooManyEntriesError
from program.models.requests import is_due
from program.views.current import current_enrollment, current_enrollment_or_404
from program.views.strip import day_url

Context = dict[str, Any]

# The tabs beside the outcomes.
ALL, DUE = "all", "due"


@require_safe
def request_list(request: HttpRequest) -> HttpResponse:
    enrollment = current_enrollment(request)
    if enrollment is None:
        return redirect("enrollment_create")
    today = enrollment.today(request.now)
    ledger = _ledger(request, enrollment)
    chosen = request.GET.get("outcome", ALL)
    context = {
        "section": "requests",
        **_progress(request, enrollment, chosen),
        "rows": [_row(enrollment, entry, today) for entry in _matching(ledger, chosen, today)],
    }
    if _is_partial(request):
        return render(request, "program/requests/list.html#ledger-answer", context)
    planned = ledger.planned().newest_first().with_person()
    context["planned"] = [_row(enrollment, entry, today) for entry in planned]
    context["people"] = Person.objects.owned_by(request.user).kept().by_name()
    return render(request, "program/requests/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def request_detail(request: HttpRequest, client_id: uuid.UUID) -> HttpResponse:
    enrollment = current_enrollment_or_404(request)
    ledger = _ledger(request, enrollment)
    entry = ledger.identified(client_id, enrollment).with_person().first()
    if entry is None:
        raise Http404
    form = RequestForm(request.POST or None, entry=entry, today=enrollment.today(request.now))
    if form.is_valid():
        return _save(request, enrollment, entry, form)
    if form.errors and request.htmx:
        # The row keeps its fields, and what stands in them.
        return render(request, "toast_error.html", {"message": form.complaints()}, status=422)
    context = {
        "section": "requests",
        "form": form,
        "row": _row(enrollment, entry, form.today),
        "people": Person.objects.owned_by(request.user).kept().by_name(),
    }
    template = "program/requests/detail.html" + ("#request-form" if _is_partial(request) else "")
    return render(request, template, context, status=422 if form.errors else 200)


def _save(
    request: HttpRequest, enrollment: Enrollment, entry: DailyEntry, form: RequestForm
) -> HttpResponse:
    ledger = _ledger(request, enrollment)
    try:
        entry = ledger.revise(entry, form.wanted(), user=request.user, now=request.now)
    except DailyEntry.DoesNotExist:
        raise Http404 from None
    words = _("Saved.")
    if "outcome" in form.changed_data and entry.outcome == DailyEntry.Outcome.DECLINED:
        words = _("A no is a request made.")
    if request.htmx:
        context = {
            **_progress(request, enrollment, ALL),
            "row": _row(enrollment, entry, form.today),
            "words": words,
            "oob": True,
        }
        return render(request, "program/requests/list.html#saved-answer", context)
    messages.success(request, words)
    return redirect(f"{reverse('request_list')}#request-{entry.client_id}")


@require_http_methods(["GET", "HEAD", "POST"])
def request_draft(request: HttpRequest) -> HttpResponse:
    """Drafts an ask and stores nothing: what is posted comes back on the page alone."""
    enrollment = current_enrollment(request)
    if enrollment is None:
        return redirect("enrollment_create")
    initial = {"client_id": uuid.uuid4(), **_opened_from(request, enrollment)}
    form = DraftForm(request.POST or None, initial=initial)
    if form.is_valid():
        goal = Goal.objects.owned_by(request.user).current().newest_first()[0]
        form.show(draft=form.compose(goal=goal.statement, sender=request.user.display_name))
    return _render_draft(request, enrollment, form)


@require_POST
def request_plan(request: HttpRequest) -> HttpResponse:
    """Put an ask on today's list, as words without a stone."""
    enrollment = current_enrollment_or_404(request)
    form = DraftForm(request.POST)
    if form.is_valid():
        entry = _plan(request, enrollment, form)
        if entry:
            words = _("It stands on today's list. The stone waits until you have asked.")
            messages.success(request, words)
            return redirect(f"{reverse('today')}#entry-{entry.client_id}")
    return _render_draft(request, enrollment, form)


def _plan(request: HttpRequest, enrollment: Enrollment, form: DraftForm) -> DailyEntry | None:
    """None with an error in the form when today takes no request."""
    today = enrollment.today(request.now)
    if today not in enrollment.dates:
        form.add_error(None, _("Today is none of your fourteen days, so it has no list."))
        return None
    try:
        return DailyEntry.objects.save_entry(
            enrollment=enrollment,
            client_id=form.cleaned_data["client_id"],
            day=today,
            practice=DailyEntry.Practice.REQUEST,
            placed=None,
            line=form.line(),
            now=request.now,
        )
    except TooManyEntriesError as refusal:
        form.add_error(None, refusal.words)
    except (EntryRemovedError, EntryMismatchError):
        form.show(client_id=str(uuid.uuid4()))
        form.add_error(None, _("This page was used before. Press the button once more."))
    return None


def _ledger(request: HttpRequest, enrollment: Enrollment) -> DailyEntryQuerySet:
    return DailyEntry.objects.owned_by(request.user).in_ledger(enrollment)


def _matching(ledger: DailyEntryQuerySet, chosen: str, today: date) -> DailyEntryQuerySet:
    """The requests under a tab; under a name that no tab has, all of them."""
    if chosen == DUE:
        return ledger.due(today).soonest_follow_up_first().with_person()
    made = ledger.made().newest_first().with_person()
    return made.with_outcome(chosen) if chosen in DailyEntry.Outcome.values else made


def _progress(request: HttpRequest, enrollment: Enrollment, chosen: str) -> Context:
    """The facts and the tabs, which saving a row moves too."""
    today = enrollment.today(request.now)
    position = enrollment.program_day(request.now)
    week: list[date] = []
    if not isinstance(position, Phase):
        week = [enrollment.dates[number - 1] for number in calendar.program_week(position)]
    totals = _ledger(request, enrollment).totals(today, week_of=enrollment, week=week)
    tabs = [
        {"key": key, "label": label, "count": totals[key]} for key, label in _tab_labels().items()
    ]
    return {
        "totals": totals,
        "tabs": tabs,
        "chosen": next((tab for tab in tabs if tab["key"] == chosen), tabs[0]),
        "has_week": bool(week),
        "week_goal": REQUESTS_PER_WEEK,
        "week_marks": range(1, REQUESTS_PER_WEEK + 1),
    }


def _tab_labels() -> dict[str, str]:
    return {
        ALL: pgettext("requests", "All"),
        DUE: _("Ask again"),
        **{outcome.value: str(outcome.label) for outcome in OUTCOME_ICONS},
    }


def _row(enrollment: Enrollment, entry: DailyEntry, today: date) -> Context:
    own = entry.enrollment_id == enrollment.pk
    return {
        "entry": entry,
        "is_carried": not own,
        # None where the day has no page: of other two weeks, or in a pause.
        "number": enrollment.number_of(entry.day) if own else None,
        "url": day_url(entry.day, today),
        "is_due": is_due(entry, today),
    }


def _opened_from(request: HttpRequest, enrollment: Enrollment) -> Context:
    """What the request or the person in the address fills in; 404 when they are not theirs."""
    try:
        if "request" in request.GET:
            client_id = uuid.UUID(request.GET["request"])
            found = _ledger(request, enrollment).identified(client_id, enrollment)
            entry = found.with_person().first()
            if entry is None:
                raise Http404
            name = entry.person.name if entry.person else ""
            return {"to_whom": name, "what": entry.line, "is_listed": True}
        if "person" in request.GET:
            people = Person.objects.owned_by(request.user).kept()
            return {"to_whom": get_object_or_404(people, pk=int(request.GET["person"])).name}
    except ValueError:
        raise Http404 from None
    return {}


def _render_draft(request: HttpRequest, enrollment: Enrollment, form: DraftForm) -> HttpResponse:
    draft = form["draft"].value()
    context = {
        "section": "requests",
        "form": form,
        "people": Person.objects.owned_by(request.user).kept().by_name(),
        "draft": draft,
        "mail_link": form.mail_link(draft) if draft and form.is_valid() else "",
        "can_plan": enrollment.today(request.now) in enrollment.dates,
    }
    status = 422 if form.errors else 200
    return render(request, "program/requests/draft.html", context, status=status)


def _is_partial(request: HttpRequest) -> bool:
    """Asked for by htmx, and not to restore a page on the way back."""
    return bool(request.htmx and not request.htmx.history_restore_request)
