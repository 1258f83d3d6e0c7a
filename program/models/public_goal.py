"""What a visitor of a public page gets, as values: there is no way from them to anything else."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from program.curriculum import PRACTICES


@dataclass(frozen=True)
class Climb:
    totals: tuple[int | None, ...]  # stones of the fourteen days, None for one still ahead
    today: int | None  # 1 to 14


@dataclass(frozen=True)
class PublicMoment:
    title: str
    before: str
    moment: str
    after: str


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


def placed_of_each(cells: Collection[Mapping[str, Any]]) -> tuple[int, ...]:
    return tuple(
        sum(cell["placed"] for cell in cells if cell["practice"] == practice.key)
        for practice in PRACTICES
    )
