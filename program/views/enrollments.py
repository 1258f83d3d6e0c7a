from collections import defaultdict
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from breakthrough.http import HttpRequest
from program.calendar import Phase
from program.curriculum import DAYS
from program.forms.enrollments import EnrollmentForm
from program.models import DailyEntry, Enrollment, Finish, Goal, Reflection
from program.views.current import posted_uuid
from program.views.finish import report

TEMPLATE = "program/enrollments/form.html"


@require_http_methods(["GET", "HEAD", "POST"])
def enrollment_create(request: HttpRequest) -> HttpResponse:
    current = Enrollment.objects.owned_by(request.user).current().first()
    form = EnrollmentForm(
        request.POST or None,
        initial=request.GET.dict(),
        user=request.user,
        now=request.now,
        waiting=DailyEntry.objects.of(current).waiting().count() if current else 0,
    )
    if current and current.program_day(request.now) != Phase.AFTER:
        return _already_running(request, form)
    if form.is_valid():
        return _begin(request, form)
    context = {"form": form, "is_first": current is None}
    if request.htmx and request.method == "GET":
        # Another zone or day-end hour was chosen: the dates of the choices follow.
        return render(request, f"{TEMPLATE}#start-options", context)
    return render(request, TEMPLATE, context, status=422 if form.errors else 200)


def _begin(request: HttpRequest, form: EnrollmentForm) -> HttpResponse:
    data = form.cleaned_data
    try:
        with transaction.atomic():
            request.user.set_clock(time_zone=data["time_zone"], day_end_hour=data["day_end_hour"])
            Enrollment.begin(
                participant=request.user,
                starts_on=data["starts_on"],
                now=request.now,
                carries_requests=data.get("carries_requests", False),
                **{name: data[name] for name in Goal.WORDS},
            )
            form.save_reminders(request.user, request.now)
    except IntegrityError:
        # Another tab was first, or day fourteen is not over by the zone that was chosen here.
        return _already_running(request, form)
    return redirect("today")


def _already_running(request: HttpRequest, form: EnrollmentForm) -> HttpResponse:
    """Today; but words that stand nowhere yet are kept in the form, with a 409 and a way on."""
    if not form.has_words():
        return redirect("today")
    if form.is_valid():
        versions = Goal.objects.owned_by(request.user).current().newest_first()
        if any(goal.says_the_same(form.instance) for goal in versions):
            return redirect("today")  # a double tap
    return render(request, TEMPLATE, {"form": form, "is_running": True}, status=409)


@require_POST
def enrollment_start(request: HttpRequest) -> HttpResponse:
    """Start two weeks that were planned for later today."""
    enrollment = get_object_or_404(Enrollment.objects.owned_by(request.user).current())
    is_before = enrollment.program_day(request.now) == Phase.BEFORE
    if is_before and enrollment.last_used_day() is None:
        enrollment.start_on(enrollment.today(request.now), now=request.now)
    return redirect("today")


@require_POST
def enrollment_restart(request: HttpRequest) -> HttpResponse:
    """End the two weeks that the form was made for and begin again today."""
    enrollments = Enrollment.objects.owned_by(request.user)
    enrollment = get_object_or_404(enrollments, public_id=posted_uuid(request, "enrollment"))
    enrollment.restart(now=request.now)
    return redirect("today")


@require_safe
def enrollment_list(request: HttpRequest) -> HttpResponse:
    enrollments = Enrollment.objects.owned_by(request.user).with_goal().with_pauses()
    stones = DailyEntry.objects.owned_by(request.user).stones_by_enrollment()
    context = {
        "enrollments": [
            {
                "enrollment": enrollment,
                "starts_on": enrollment.dates[0],
                "ends_on": enrollment.dates[-1],
                "stones": stones.get(enrollment.pk, 0),
            }
            for enrollment in enrollments.newest_first()
        ]
    }
    return render(request, "program/enrollments/list.html", context)


@require_safe
def enrollment_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Two weeks that have ended, to be read; the current ones have pages of their own."""
    ended = Enrollment.objects.owned_by(request.user).ended().with_pauses()
    enrollment = get_object_or_404(ended, pk=pk)
    enrollment.participant = request.user
    finish = Finish.objects.of(enrollment).first()
    found = report(request, enrollment)
    context = {
        **found,
        "section": "",
        "finish": finish,
        "looking_back": [text for text in finish.words() if text] if finish else [],
        "later": [text for text in finish.later_words() if text] if finish else [],
        **_days(enrollment, found["entries"]),
    }
    return render(request, "program/enrollments/detail.html", context)


def _days(enrollment: Enrollment, entries: list[DailyEntry]) -> dict[str, Any]:
    """All that was put down on each day; `left_open` is the first of those that never came."""
    of_day: dict[date, list[DailyEntry]] = defaultdict(list)
    for entry in entries:
        of_day[entry.day].append(entry)
    reflections = dict(Reflection.objects.of(enrollment).values_list("day", "text"))
    ended_on = [enrollment.today(enrollment.ended_at)] if enrollment.ended_at else []
    last = max([*ended_on, *of_day, *reflections])
    days = [
        {
            "number": number,
            "day": day,
            "entries": of_day[day],
            "reflection": reflections.get(day, ""),
        }
        for number, day in enumerate(enrollment.dates, 1)
        if day <= last
    ]
    return {"days": days, "left_open": len(days) + 1 if len(days) < DAYS else None}
