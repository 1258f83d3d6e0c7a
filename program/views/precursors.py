"""What came before somebody's moments, in words."""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from breakthrough.http import HttpRequest
from program.models import DailyEntry, Enrollment, Person
from program.names import NameFinder
from program.precursors import (
    MIN_LIVED_DAYS,
    MIN_MOMENT_DAYS,
    Entry,
    Finding,
    Kind,
    precursors,
)


def came_before(
    request: HttpRequest, enrollment: Enrollment, moments: list[date], lived: list[date]
) -> dict[str, Any] | None:
    """{"findings": [sentence, …]} or {"words": sentence}, from the day of each moment and the days
    lived so far; None while there is no moment.
    """
    if not moments:
        return None
    days = set(moments)
    if len(moments) < MIN_MOMENT_DAYS:
        return {
            "words": _("When you have caught three, this page will show what came before them.")
        }
    if len(days) < MIN_MOMENT_DAYS:
        return {"words": _("When they lie on three days, this page will show what came before.")}
    if len(lived) < MIN_LIVED_DAYS:
        words = _("From day %(number)d on, this page will show what came before them.")
        return {"words": words % {"number": MIN_LIVED_DAYS}}
    people = dict(Person.objects.owned_by(request.user).names())
    findings = precursors(_entries(enrollment, people), days, lived)
    if not findings:
        return {"words": _("So far, the days before them are much like your other days.")}
    return {"findings": [_in_words(finding, people) for finding in findings]}


def _entries(enrollment: Enrollment, people: dict[int, str]) -> Iterable[Entry]:
    finder = NameFinder(people.items())
    rows = DailyEntry.objects.of(enrollment).placed()
    for day, practice, person, line, size in rows.values_list(
        "day", "practice", "person_id", "line", "size"
    ):
        named = {person, *finder.in_line(line)} & people.keys()
        yield day, practice, tuple(sorted(named)), size


def _in_words(finding: Finding, people: dict[int, str]) -> str:
    if finding.kind is Kind.PRACTICE:
        return _practice_words(finding)
    match finding.kind, finding.subject:
        case Kind.PERSON, _pk:
            words = ngettext(
                "%(name)s was there before %(times)d of your %(days)d moment.",
                "%(name)s was there before %(times)d of your %(days)d moments.",
                finding.moment_days,
            )
        case _size, DailyEntry.Size.EASY:
            words = ngettext(
                "Easy requests came up before %(times)d of your %(days)d moment.",
                "Easy requests came up before %(times)d of your %(days)d moments.",
                finding.moment_days,
            )
        case _size, DailyEntry.Size.STRETCH:
            words = ngettext(
                "Stretch requests came up before %(times)d of your %(days)d moment.",
                "Stretch requests came up before %(times)d of your %(days)d moments.",
                finding.moment_days,
            )
        case _other:
            words = ngettext(
                "Unreasonable requests came up before %(times)d of your %(days)d moment.",
                "Unreasonable requests came up before %(times)d of your %(days)d moments.",
                finding.moment_days,
            )
    name = people[int(finding.subject)] if finding.kind is Kind.PERSON else ""
    return words % {"name": name, "times": finding.times, "days": finding.moment_days}


def _practice_words(finding: Finding) -> str:
    before, usual = _number_words(finding.before), _number_words(finding.usual)
    # Words for one thing go with one alone: 1.5 and 0.7 are several.
    count = 1 if finding.before == 1 else 2
    match finding.subject:
        case DailyEntry.Practice.SHARE:
            words = ngettext(
                "Before your moments you told %(before)s person in two days; usually %(usual)s.",
                "Before your moments you told %(before)s people in two days; usually %(usual)s.",
                count,
            )
        case DailyEntry.Practice.ACT:
            words = ngettext(
                "Before your moments you took %(before)s action in two days; usually %(usual)s.",
                "Before your moments you took %(before)s actions in two days; usually %(usual)s.",
                count,
            )
        case _other:
            words = ngettext(
                "Before your moments you made %(before)s request in two days; usually %(usual)s.",
                "Before your moments you made %(before)s requests in two days; usually %(usual)s.",
                count,
            )
    return words % {"before": before, "usual": usual}


def _number_words(number: Fraction) -> str:
    rounded = round(float(number), 1)
    return number_format(rounded, 0 if rounded.is_integer() else 1)
