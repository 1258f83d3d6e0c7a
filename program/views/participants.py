"""One participant, as far as they let this coach see."""

from collections import defaultdict
from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from breakthrough.http import HttpRequest
from program.cohort_table import Member
from program.curriculum import PRACTICES
from program.models import (
    Breakthrough,
    Cohort,
    DailyEntry,
    Encouragement,
    Enrollment,
    Goal,
    Reflection,
)
from program.models.progress import members
from program.models.scopes import WITH_ENTRIES, WITH_MOMENTS, Scope
from program.progress_words import active_words, fact_words, strip_words, where_words
from program.views.coach_nav import coach_nav
from program.views.coaching import notes_by_day, words_context
from program.views.map import ridges
from program.views.progress import note_visit

Context = dict[str, Any]


@require_safe
def participant_detail(request: HttpRequest, pk: int, enrollment_pk: int) -> HttpResponse:
    cohort = get_object_or_404(Cohort.objects.coached_by(request.user), pk=pk)
    context = seen_by_coach(request, request.user, cohort, enrollment_pk)
    context |= coach_nav(request, "cohort", cohort)
    context |= words_context(request, cohort, context["enrollment"])
    note_visit(request, [enrollment_pk])
    return render(request, "program/participants/detail.html", context)


def seen_by_coach(request: HttpRequest, coach: User, cohort: Cohort, pk: int) -> Context:
    """All that the page shows of the two weeks `pk` to `coach`, whoever looks; else a 404."""
    seen = Enrollment.objects.coached_by(coach).in_cohort(cohort)
    enrollment = seen.with_pauses().select_related("participant").numbered(pk).first()
    found = members(seen.numbered(pk), request.now)
    if enrollment is None or not found:
        raise Http404
    words = _words(coach, enrollment)
    return {
        "cohort": cohort,
        "enrollment": enrollment,
        "reader": coach,
        **_progress(request.now, coach, enrollment, found[0], words["goal"]),
        **words,
        "days": _days(
            found[0], words["entries"], words["reflections"], notes_by_day(coach, enrollment)
        ),
    }


def _progress(
    now: datetime, coach: User, enrollment: Enrollment, member: Member, goal: Goal | None
) -> Context:
    """Counts, which every consent grants."""
    keys = [practice.key for practice in PRACTICES]
    counts = {day: dict(zip(keys, made, strict=True)) for day, made in member.counts.items()}
    summit = goal.statement if goal else ""
    return {
        "member": member,
        "shares_what": _shared(member.scope),
        "strip": strip_words(member.days),
        "where": where_words(member),
        "active": active_words(member.active_at, now, coach),
        "facts": fact_words(member),
        "ridges": ridges(enrollment, counts, now, summit=summit),
        "requests_made": sum(made[2] for made in member.counts.values()),
    }


def _shared(scope: str) -> str:
    return {
        Scope.COUNTS: _("Shares progress with you, and no words."),
        Scope.ENTRIES: _("Shares progress and notes with you."),
        Scope.MOMENTS: _("Shares progress, notes and moments with you."),
    }[Scope(scope)]


def _words(coach: User, enrollment: Enrollment) -> Context:
    """What was written, asked for only as far as it is granted."""
    words: Context = {"goal": None, "entries": {}, "reflections": {}, "moments": []}
    if enrollment.scope in WITH_ENTRIES:
        goals = Goal.objects.coached_by(coach).of(enrollment)
        entries = DailyEntry.objects.coached_by(coach).of(enrollment).kept().in_day_order()
        reflections = Reflection.objects.coached_by(coach).of(enrollment)
        words["goal"] = goals.newest_first().first()
        words["entries"] = _by_day(list(entries))
        words["reflections"] = dict(reflections.values_list("day", "text"))
    if enrollment.scope in WITH_MOMENTS:
        moments = Breakthrough.objects.coached_by(coach).of(enrollment).kept().newest_first()
        words["moments"] = [
            {"moment": moment, "number": enrollment.number_of(moment.day)} for moment in moments
        ]
    return words


def _by_day(entries: list[DailyEntry]) -> dict[date, list[DailyEntry]]:
    """Those that say something; stones without words are counted already."""
    of_day: dict[date, list[DailyEntry]] = defaultdict(list)
    for entry in entries:
        if entry.line or entry.answer:
            of_day[entry.day].append(entry)
    return of_day


def _days(
    member: Member,
    entries: dict[date, list[DailyEntry]],
    reflections: dict[date, str],
    notes: dict[date, list[Encouragement]],
) -> list[Context]:
    """The days so far, the latest first."""
    return [
        {
            "number": number,
            "day": day,
            "is_today": day == member.today,
            "counts": list(zip([practice.name for practice in PRACTICES], made, strict=True)),
            "stones": stones,
            "entries": entries.get(day, []),
            "reflection": reflections.get(day, "").strip(),
            "notes": notes.get(day, []),
        }
        for number, day, made, stones in reversed(member.walked)
    ]
