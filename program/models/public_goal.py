"""What a visitor of a public page gets, as values: there is no way from them to anything else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

from accounts import time_zones
from program import calendar
from program.curriculum import PRACTICES
from program.models.stones import stones


@dataclass(frozen=True)
class Climb:
    totals: tuple[int | None, ...]  # stones of the fourteen days, None for one still ahead
    today: int | None  # 1 to 14

    @classmethod
    def of_row(cls, row: Mapping[str, Any], now: datetime) -> Self:
        pauses = [[date.fromisoformat(day) for day in pause] for pause in row["pauses"]]
        dates = calendar.program_dates(
            date.fromisoformat(row["starts_on"]), [(first, last) for first, last in pauses]
        )
        zone = time_zones.zone_or_utc(row["time_zone"])
        today = calendar.local_date(now, zone, row["day_end_hour"])
        counts: dict[str, dict[str, int]] = {day.isoformat(): {} for day in dates}
        for day, practice, placed in row["placed"]:
            counts[day][practice] = placed
        return cls(
            totals=tuple(None if day > today else stones(counts[day.isoformat()]) for day in dates),
            today=dates.index(today) + 1 if today in dates else None,
        )


@dataclass(frozen=True)
class PublicMoment:
    title: str
    before: str
    moment: str
    after: str


@dataclass(frozen=True)
class PublicReply:
    """What a visitor left and the page's owner let stand."""

    kind: str
    name: str
    words: str


@dataclass(frozen=True)
class PublicGoal:
    """Only what its owner chose is in it; all else is empty, None or ()."""

    is_listed: bool
    name: str
    statement: str
    why: str
    climb: Climb | None
    totals: tuple[int, ...] | None  # placed, of each of PRACTICES
    moments: tuple[PublicMoment, ...]
    replies: tuple[PublicReply, ...] = ()

    @classmethod
    def of_row(cls, row: Mapping[str, Any], now: datetime) -> Self:
        """Of PublicPageQuerySet.rows(), where what was not chosen is null."""
        return cls(
            is_listed=row["listed"],
            name=row["name"],
            statement=row["statement"] or "",
            why=row["why"] or "",
            climb=Climb.of_row(row["climb"], now) if row["climb"] else None,
            totals=_totals(row["totals"]) if row["totals"] is not None else None,
            moments=tuple(PublicMoment(**words) for words in row["moments"]),
            replies=tuple(PublicReply(**left) for left in row["replies"]),
        )


def _totals(placed: list[list[Any]]) -> tuple[int, ...]:
    counts = dict(placed)
    return tuple(counts.get(practice.key, 0) for practice in PRACTICES)
