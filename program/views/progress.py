"""What coaches see of their cohorts: the coach home, the table of one, and its file."""

import hashlib
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.formats import date_format
from django.utils.text import capfirst, slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_safe

from breakthrough.http import HttpRequest
from program import calendar, cohort_table
from program.calendar import Phase
from program.cohort_table import Member, Show
from program.exports import csv_text
from program.models import CoachVisit, Cohort, Enrollment
from program.models.progress import members
from program.progress_words import active_words, fact_words, strip_words, where_words
from program.views.coach_nav import coach_nav
from program.views.map import in_words

Context = dict[str, Any]

PER_PAGE = 50
TEMPLATE = "program/cohorts/detail.html"


def coachs_today(request: HttpRequest) -> date:
    return calendar.local_date(request.now, request.user.zone, request.user.day_end_hour)


@require_safe
def cohort_list(request: HttpRequest) -> HttpResponse:
    cohorts = Cohort.objects.coached_by(request.user).with_member_pks().newest_first()
    seen = members(Enrollment.objects.coached_by(request.user), request.now)
    by_pk = {member.pk: member for member in seen}
    today = coachs_today(request)
    groups: dict[tuple[int, int], Context] = {}
    for cohort in cohorts:
        key, label = _group(cohort, today)
        shared = [by_pk[pk] for pk in cohort.member_pks if pk in by_pk]
        row = {
            "cohort": cohort,
            "size": len(cohort.member_pks),
            "in_today": sum(bool(member.stones_today) for member in shared),
            "words_due": sum(bool(member.facts) for member in shared),
        }
        groups.setdefault(key, {"label": label, "rows": []})["rows"].append(row)
    context = {
        **coach_nav(request, "cohorts"),
        "groups": [groups[key] for key in sorted(groups)],
        "earlier": [
            {"name": cohort.name, "closed_on": calendar.local_date(closed_at, request.user.zone)}
            for cohort in Cohort.objects.once_coached_by(request.user).newest_first()
            if (closed_at := cohort.closed_at)
        ],
    }
    return render(request, "program/cohorts/list.html", context)


def _group(cohort: Cohort, today: date) -> tuple[tuple[int, int], str]:
    """Where it stands on the coach home, and the words over it."""
    if cohort.starts_on is None:
        return (2, 0), _("Each on their own day")
    position = calendar.program_day(calendar.program_dates(cohort.starts_on), today)
    if position == Phase.BEFORE:
        day = date_format(cohort.starts_on, "WEEKDAY_FORMAT")
        return (1, cohort.starts_on.toordinal()), _("Starts on %(day)s") % {"day": day}
    if isinstance(position, Phase):
        return (3, 0), _("Over")
    return (0, position), _("Day %(number)d") % {"number": position}


# --- The table ------------------------------------------------------------------------------------


@require_safe
def cohort_detail(request: HttpRequest, pk: int) -> HttpResponse:
    cohort = get_object_or_404(Cohort.objects.coached_by(request.user).with_member_pks(), pk=pk)
    context = {
        **coach_nav(request, "cohort", cohort),
        "lede": _where(cohort, coachs_today(request)),
        **_table(request, cohort),
    }
    version = context["version"]
    if request.htmx and not request.htmx.history_restore_request:
        # The page asks every few seconds, whether somebody looks at it or not.
        if request.GET.get("version") == version:
            return HttpResponse(status=204)
        return render(request, f"{TEMPLATE}#live-answer", {**context, "oob": True})
    note_visit(request, [row["member"].pk for row in context["rows"]])
    return render(request, TEMPLATE, context)


def _where(cohort: Cohort, today: date) -> str:
    if cohort.starts_on is None:
        return _("Each on their own day.")
    words = {"day": date_format(today, "WEEKDAY_FORMAT")}
    position = calendar.program_day(calendar.program_dates(cohort.starts_on), today)
    if position == Phase.BEFORE:
        starts_on = date_format(cohort.starts_on, "WEEKDAY_FORMAT")
        return _("You all start on %(day)s.") % {"day": starts_on}
    if isinstance(position, Phase):
        return _("The fourteen days are over.")
    return _("Day %(number)d of 14, %(day)s.") % {**words, "number": position}


def _table(request: HttpRequest, cohort: Cohort) -> Context:
    """What the page shows of the members, and its `version`: another where anything is another."""
    seen = members(Enrollment.objects.coached_by(request.user).in_cohort(cohort), request.now)
    chosen = _chosen(request)
    found = cohort_table.shown(seen, chosen["show"])
    found = cohort_table.named(found, chosen["q"])
    ordered = cohort_table.in_order(found, chosen["sort"])
    page = Paginator(ordered, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "rows": [_row(member, request) for member in page.object_list],
        "found": len(found),
        "has_members": bool(cohort.member_pks),
        "has_seen": bool(seen),
        "not_shared": len(cohort.member_pks) - len(seen),
        "columns": [_column(key, label, chosen) for key, label in _column_labels().items()],
        "q": chosen["q"],
        "hidden": [(key, value) for key, value in _parts(chosen).items() if key != "q"],
        **_summary(seen, chosen),
        **_pages(page, chosen),
    }
    return {**context, "version": hashlib.sha256(repr(context).encode()).hexdigest()[:16]}


def _summary(seen: list[Member], chosen: Context) -> Context:
    """What stands over the table, of everybody and not only of those who are shown."""
    running = [member for member in seen if member.stones_today is not None]
    return {
        "facts": {
            "running": len(running),
            "in_today": sum(bool(member.stones_today) for member in running),
            "stones": sum(member.stones_today or 0 for member in running),
            "requests": sum(member.requests or 0 for member in seen),
        },
        "words_due": _words_due(len(cohort_table.shown(seen, Show.NEEDS_A_WORD))),
        "tabs": [
            {
                "key": show.value,
                "label": label,
                "count": len(cohort_table.shown(seen, show)),
                "is_chosen": show == chosen["show"],
                "url": _address(chosen, show=show),
            }
            for show, label in _tab_labels().items()
        ],
    }


def _pages(page: Page, chosen: Context) -> Context:
    return {
        "page": page,
        "here": _address(chosen, page=page.number),
        "first_url": _address(chosen, sort=""),
        "everyone": _address(chosen, show=Show.EVERYONE, q=""),
        "before": _address(chosen, page=page.number - 1),
        "after": _address(chosen, page=page.number + 1),
    }


def _chosen(request: HttpRequest) -> Context:
    """What the address asks for; whatever it says else is as if it were not there."""
    show, sort = request.GET.get("show", ""), request.GET.get("sort", "")
    is_known = sort.removeprefix("-") in cohort_table.COLUMNS
    return {
        "show": Show(show) if show in {known.value for known in Show} else Show.EVERYONE,
        "sort": sort if is_known else "",
        "q": request.GET.get("q", "").replace("\0", "").strip()[:100],
    }


def _parts(chosen: Context) -> dict[str, str]:
    parts = {**chosen, "show": chosen["show"].value}
    if chosen["show"] == Show.EVERYONE:
        del parts["show"]
    return {key: str(value) for key, value in parts.items() if value}


def _address(chosen: Context, **changed: object) -> str:
    return f"?{urlencode(_parts({**chosen, **changed}))}"


def _column(key: str, label: str, chosen: Context) -> Context:
    """A click on the column that is sorted by turns the order around."""
    sort = chosen["sort"]
    wanted = f"-{key}" if sort == key else key
    direction = "ascending" if sort == key else "descending" if sort == f"-{key}" else ""
    return {
        "key": key,
        "label": label,
        "url": _address(chosen, sort=wanted),
        "direction": direction,
    }


def _column_labels() -> dict[str, str]:
    return {
        "name": _("Name"),
        "stones": _("Fourteen days"),
        "today": pgettext("column", "Today"),
        "requests": _("Requests, week"),
        "steps": _("Steps"),
        "active": _("Last active"),
    }


def _tab_labels() -> dict[Show, str]:
    return {
        Show.EVERYONE: _("Everyone"),
        Show.NEEDS_A_WORD: _("Needs a nudge"),
        Show.FEW_REQUESTS: _("Under 5 requests"),
        Show.COUNTS_ONLY: _("Progress only"),
    }


def _words_due(count: int) -> str:
    if not count:
        return ""
    words = ngettext(
        "%(number)s person might like a word from you.",
        "%(number)s people might like a word from you.",
        count,
    )
    return capfirst(words % {"number": in_words(count)})


def _row(member: Member, request: HttpRequest) -> Context:
    return {
        "member": member,
        "strip": strip_words(member.days),
        "where": where_words(member),
        "active": active_words(member.active_at, request.now, request.user),
        "facts": fact_words(member),
    }


# --- The file -------------------------------------------------------------------------------------


@require_safe
def cohort_export(request: HttpRequest, pk: int) -> HttpResponse:
    """A row for each person and day so far, as CSV; counts, which every consent grants."""
    cohort = get_object_or_404(Cohort.objects.coached_by(request.user), pk=pk)
    seen = members(Enrollment.objects.coached_by(request.user).in_cohort(cohort), request.now)
    header = ["participant", "name", "day", "date", "shares", "acts", "requests", "stones"]
    rows = [
        (str(member.public_id), member.name, number, day.isoformat(), *counts, stones)
        for member in cohort_table.in_order(seen, "name")
        for number, day, counts, stones in member.walked
    ]
    note_visit(request, [member.pk for member in seen])
    response = HttpResponse(csv_text(header, rows), content_type="text/csv; charset=utf-8")
    name = slugify(cohort.name) or "cohort"
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def note_visit(request: HttpRequest, pks: list[int]) -> None:
    """For the participants to read; the day is the coach's."""
    CoachVisit.objects.note(
        coach=request.user, enrollments=pks, on=coachs_today(request), now=request.now
    )
