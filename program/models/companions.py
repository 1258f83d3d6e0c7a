"""What a member of a cohort sees of the others: names, stones a day, and the lines they share.

The only door is CohortMembership.objects.walked_beside(). What a level does not hold is not asked
for.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, QuerySet
from django.db.models.functions import Lower

from accounts.models import User
from accounts.time_zones import zone_or_utc
from program import calendar
from program.models.cohorts import Cohort, CohortMembership
from program.models.consents import Consent
from program.models.enrollments import Enrollment
from program.models.entries import DailyEntry
from program.models.scopes import WITH_ENTRIES, MembersSee
from program.models.stones import stones

_NAME = F("enrollment__participant__display_name")


@dataclass(frozen=True)
class Companion:
    """`days` are the stones of each of the fourteen, 0 to 6 and None for one ahead; None as a
    whole where the user sees no stones of theirs."""

    pk: int
    name: str
    days: tuple[int | None, ...] | None
    shares_lines: bool


def companions(user: User, cohort: Cohort) -> "QuerySet[CohortMembership, Any]":
    """The other people of the cohort whom the user sees, by name, as dicts for as_companions();
    each once, by the two weeks they brought last."""
    later = CohortMembership.objects.standing().filter(
        cohort=OuterRef("cohort"),
        enrollment__participant=OuterRef("enrollment__participant"),
        pk__gt=OuterRef("pk"),
    )
    return (
        CohortMembership.objects.walked_beside(user)
        .of(cohort)
        .exclude(enrollment__participant=user)
        .filter(~Exists(later))
        .order_by(Lower(_NAME), "pk")
        .values("pk", name=_NAME, shares_lines=Exists(sharing(user).filter(pk=OuterRef("pk"))))
    )


def as_companions(
    rows: Collection[dict[str, Any]], *, user: User, now: datetime
) -> list[Companion]:
    """Of a page of companions(); two queries for all."""
    days = _days([row["pk"] for row in rows], user, now)
    return [Companion(days=days.get(row["pk"]), **row) for row in rows]


def sharing(user: User) -> "QuerySet[CohortMembership]":
    """Those whose lines the user reads: they agreed to it, and let a coach of the cohort read them
    too."""
    read = Consent.objects.standing().filter(
        enrollment=OuterRef("enrollment"),
        cohort=OuterRef("cohort"),
        scope__in=WITH_ENTRIES,
        cohort__coaches__coach=F("coach"),
        cohort__coaches__left_at__isnull=True,
    )
    beside = CohortMembership.objects.walked_beside(user, MembersSee.ENTRIES)
    return beside.filter(Exists(read))


def shared_lines(user: User, membership: CohortMembership) -> dict[date, list[dict[str, Any]]]:
    """By day, the latest first, what the user reads of theirs: `practice` and `line` of what was
    done, and nothing that is marked as private."""
    seen = sharing(user).filter(pk=membership.pk)
    entries = DailyEntry.objects.placed().filter(
        enrollment__in=seen.values("enrollment"), line__gt="", is_private=False
    )
    lines: dict[date, list[dict[str, Any]]] = defaultdict(list)
    rows = entries.order_by("-day", "created_at", "pk").values("day", "practice", "line")
    for row in rows:
        lines[row["day"]].append({**row, "label": DailyEntry.Practice(row["practice"]).label})
    return lines


def _days(pks: Collection[int], user: User, now: datetime) -> dict[int, tuple[int | None, ...]]:
    """By membership, of those who show their stones to the user."""
    shown = CohortMembership.objects.walked_beside(user, MembersSee.COUNTS).filter(pk__in=pks)
    weeks: Any = Enrollment.objects.with_pauses()
    rows = list(
        # One join: the memberships that are named are those that are shown.
        weeks.filter(memberships__in=shown)
        .order_by("pk")
        .values_list(
            "memberships",
            "pk",
            "starts_on",
            "paused",
            "ended_at",
            "participant__time_zone",
            "participant__day_end_hour",
        )
    )
    made = _made([row[1] for row in rows])
    found = {}
    for membership, pk, starts_on, paused, ended_at, zone, hour in rows:
        today = calendar.local_date(min(now, ended_at or now), zone_or_utc(zone), hour)
        spans = [(date.fromisoformat(p["first"]), date.fromisoformat(p["last"])) for p in paused]
        found[membership] = tuple(
            None if day > today else stones(made[pk].get(day, {}))
            for day in calendar.program_dates(starts_on, spans)
        )
    return found


def _made(pks: Collection[int]) -> dict[int, dict[date, dict[str, int]]]:
    """Placed entries by enrollment, day and practice."""
    rows = (
        DailyEntry.objects.placed()
        .filter(enrollment__in=pks)
        .values_list("enrollment", "day", "practice")
        .annotate(Count("pk"))
        .order_by()
    )
    made: dict[int, dict[date, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    for pk, day, practice, count in rows:
        made[pk][day][practice] = count
    return made
