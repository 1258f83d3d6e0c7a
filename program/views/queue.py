"""The days of a cohort that hold shared words, and no coach's answer since."""

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from breakthrough.http import HttpRequest
from program import calendar
from program.forms.coaching import EncouragementForm, NudgeAllForm
from program.models import Cohort, DailyEntry, Reflection
from program.models.coaching import WAITING_DAYS, without_answer
from program.views.coach_nav import coach_nav
from program.views.coaching import name_of, new_note_form
from program.views.progress import coachs_today, note_visit

Context = dict[str, Any]

# As many as somebody reads at once; those that come after move up as these are answered.
MAX_ENTRIES, MAX_ITEMS = 300, 40


@require_safe
def encouragement_queue(request: HttpRequest, pk: int) -> HttpResponse:
    cohort = get_object_or_404(Cohort.objects.coached_by(request.user), pk=pk)
    found = _items(request, cohort)
    items = found[:MAX_ITEMS]
    for number, item in enumerate(items):
        item["form"] = new_note_form(
            request,
            item["enrollment"],
            auto_id=f"note-{number}-%s",
            day=item["day"].isoformat(),
            back=EncouragementForm.QUEUE,
        )
    note_visit(request, [item["enrollment"].pk for item in items])
    context = {
        **coach_nav(request, "queue", cohort),
        "items": items,
        "more": len(found) - len(items),
        "nudge_all_form": NudgeAllForm(auto_id="nudge-%s"),
    }
    return render(request, "program/coaching/queue.html", context)


def _items(request: HttpRequest, cohort: Cohort) -> list[Context]:
    """One for each person and day, the latest words first."""
    since = calendar.in_days(coachs_today(request), 1 - WAITING_DAYS)
    entries = without_answer(
        DailyEntry.objects.coached_by(request.user).with_words().newest_first(),
        cohort=cohort,
        since=since,
        written_at="created_at",
    )
    reflections = without_answer(
        Reflection.objects.coached_by(request.user).with_words().newest_first(),
        cohort=cohort,
        since=since,
        written_at="updated_at",
    )
    items: dict[tuple[int, date], Context] = {}
    for entry in entries[:MAX_ENTRIES]:
        item = _item(items, entry)
        item["entries"].insert(0, entry)
        item["at"] = max(item["at"], entry.created_at)
    for reflection in reflections[:MAX_ENTRIES]:
        item = _item(items, reflection)
        item["reflection"] = reflection.text.strip()
        item["at"] = max(item["at"], reflection.updated_at)
    # A day that a pause took out of the fourteen takes no note.
    of_fourteen = [item for item in items.values() if item["number"]]
    return sorted(of_fourteen, key=lambda item: (item["day"], item["at"]), reverse=True)


def _item(items: dict[tuple[int, date], Context], row: DailyEntry | Reflection) -> Context:
    enrollment = row.enrollment
    return items.setdefault(
        (enrollment.pk, row.day),
        {
            "enrollment": enrollment,
            "name": name_of(enrollment),
            "day": row.day,
            "number": enrollment.number_of(row.day),
            "entries": [],
            "reflection": "",
            "at": row.created_at if isinstance(row, DailyEntry) else row.updated_at,
        },
    )
