"""What of the entries counts: two of each practice a day are stones, what goes past is pebbles."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Count

from program.curriculum import STONES_PER_PRACTICE

if TYPE_CHECKING:
    from program.models.enrollments import Enrollment
    from program.models.entries import DailyEntry

Counts = dict[date, dict[str, int]]


def stones(counts: dict[str, int]) -> int:
    """0-6 from the counts of a day by practice: two of each at most."""
    return sum(min(STONES_PER_PRACTICE, count) for count in counts.values())


def pebbles(counts: dict[str, int]) -> int:
    """The extras of a day, past two of each practice."""
    return sum(counts.values()) - stones(counts)


def by_day(rows: Iterable[tuple[date, str, int]]) -> Counts:
    counts: Counts = defaultdict(dict)
    for day, practice, count in rows:
        counts[day][practice] = count
    return counts


class StoneQuerySet(models.QuerySet["DailyEntry"]):
    """What DailyEntry.objects knows about stones."""

    def placed(self) -> Self:
        return self.filter(placed_at__isnull=False, removed_at__isnull=True)

    def counts(self) -> Counts:
        """Placed entries as {day: {practice: count}}; a day without any is absent."""
        return by_day(self.count_rows())

    def count_rows(self) -> "models.QuerySet[DailyEntry, tuple[date, str, int]]":
        return self.placed().values_list("day", "practice").annotate(Count("pk")).order_by()

    def stones_by_enrollment(self) -> dict[int, int]:
        """{pk of the enrollment: its stones, 0 to 84}; one without any is absent."""
        rows = self.placed().values_list("enrollment", "day", "practice").annotate(Count("pk"))
        found: dict[int, int] = defaultdict(int)
        for enrollment, _day, _practice, count in rows.order_by():
            found[enrollment] += min(STONES_PER_PRACTICE, count)
        return found


def filled_up(
    rows: list["DailyEntry"], enrollment: "Enrollment", day: date, practice: str
) -> list["DailyEntry"]:
    """A practice's entries of a day, and open places up to two; DailyEntryQuerySet.places() says
    which."""
    from program.models.entries import DailyEntry  # it reads this module first

    kept = {row.client_id: row for row in rows if not row.removed_at and row.says_something}
    # A row that is undone and without words is as good as open: its id is used again.
    removed = {row.client_id for row in rows if row.removed_at}
    still_open = max(0, STONES_PER_PRACTICE - len(kept))

    places = []
    for number in range(1, len(rows) + STONES_PER_PRACTICE + 1):
        client_id = enrollment.stone_id(day, practice, number)
        if client_id in kept:
            places.append(kept.pop(client_id))
        elif still_open and client_id not in removed:
            places.append(
                DailyEntry(enrollment=enrollment, day=day, practice=practice, client_id=client_id)
            )
            still_open -= 1
    # Entries made by "One more" or offline have ids of their own and stand last.
    return [*places, *(row for row in rows if row.client_id in kept)]
