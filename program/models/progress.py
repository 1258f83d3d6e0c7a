"""How far the two weeks are that a coach sees: counts and instants, and not a word of them."""

from collections import defaultdict
from collections.abc import Collection
from datetime import UTC, date, datetime
from functools import cache, partial

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connections
from django.db.models import Count, FloatField, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Cast, Coalesce, Extract

from accounts.time_zones import zone_or_utc
from breakthrough import replica
from program import calendar
from program.cohort_table import DayCounts, Member
from program.models.enrollments import Enrollment
from program.models.entries import DailyEntry
from program.models.reflections import Reflection
from program.models.steps import StepProgress

# Of each of the two weeks; no column here holds a text that the participant wrote about them.
_COLUMNS = (
    *("pk", "public_id", "scope", "starts_on", "ended_at", "paused", "reflected_at"),
    *("steps_in_place", "participant__display_name", "participant__email"),
    *("participant__time_zone", "participant__day_end_hour"),
)


def members(enrollments: "QuerySet[Enrollment]", now: datetime) -> list[Member]:
    """The rows of Enrollment.objects.coached_by() as the table needs them; two queries for all."""
    in_place = StepProgress.objects.filter(
        enrollment=OuterRef("pk"), state=StepProgress.State.IN_PLACE
    )
    reflected = Reflection.objects.filter(enrollment=OuterRef("pk")).order_by("-updated_at")
    rows = list(
        enrollments.with_pauses()  # type: ignore[attr-defined]
        .annotate(
            steps_in_place=ArraySubquery(in_place.order_by("number").values("number")),
            reflected_at=Subquery(reflected.values("updated_at")[:1]),
        )
        .order_by("pk")
        .values(*_COLUMNS)
    )
    # Whose they are is known from here on, so their counts may come from a copy.
    counts, entered_at = replica.read(partial(_entered, [row["pk"] for row in rows]))

    dates = cache(calendar.program_dates)

    @cache
    def local(instant: datetime, zone: str, hour: int) -> date:
        return calendar.local_date(instant, zone_or_utc(zone), hour)

    found = []
    for row in rows:
        clock = row["participant__time_zone"], row["participant__day_end_hour"]
        ended_at = row["ended_at"]
        active = [at for at in (entered_at.get(row["pk"]), row["reflected_at"]) if at]
        active_at = max(active, default=None)
        found.append(
            Member(
                pk=row["pk"],
                public_id=row["public_id"],
                name=known_as(row["participant__display_name"], row["participant__email"]),
                scope=row["scope"],
                dates=dates(row["starts_on"], _spans(row["paused"])),
                today=local(min(now, ended_at or now), *clock),
                has_ended=ended_at is not None,
                counts=counts.get(row["pk"], {}),
                steps_marked=len(row["steps_in_place"]),
                active_at=active_at,
                active_on=local(active_at, *clock) if active_at else None,
            )
        )
    return found


def known_as(display_name: str, email: str) -> str:
    """What a coach calls somebody; the address of who gave no name is not handed out."""
    return display_name or email.partition("@")[0]


def _entered(
    pks: Collection[int], using: str
) -> tuple[dict[int, dict[date, DayCounts]], dict[int, datetime]]:
    """By enrollment: placed entries of each day, and when something was last put down."""
    if not pks:
        return {}, {}
    placed = Q(placed_at__isnull=False)
    practices = DailyEntry.Practice
    rows = (
        DailyEntry.objects.using(using)
        .filter(enrollment__in=pks, removed_at__isnull=True)
        .values_list("enrollment", "day")
        .annotate(
            shares=Count("pk", filter=placed & Q(practice=practices.SHARE)),
            acts=Count("pk", filter=placed & Q(practice=practices.ACT)),
            requests=Count("pk", filter=placed & Q(practice=practices.REQUEST)),
            last_at=Cast(Extract(Max(Coalesce("placed_at", "created_at")), "epoch"), FloatField()),
        )
        .order_by()
    )
    counts: dict[int, dict[date, DayCounts]] = defaultdict(dict)
    last: dict[int, float] = {}
    # A thousand people have fourteen thousand of these rows. They come straight from the driver: to
    # make each an instant, and to ask each column for its converter, takes longer than to count.
    with connections[using].cursor() as cursor:
        cursor.execute(*rows.query.sql_with_params())
        for pk, day, shares, acts, requests, last_at in cursor.fetchall():
            counts[pk][day] = (shares, acts, requests)
            last[pk] = max(last_at, last.get(pk, last_at))
    return counts, {pk: datetime.fromtimestamp(at, UTC) for pk, at in last.items()}


def _spans(paused: list[dict[str, str]]) -> tuple[tuple[date, date], ...]:
    return tuple((date.fromisoformat(p["first"]), date.fromisoformat(p["last"])) for p in paused)
