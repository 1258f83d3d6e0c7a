"""What a coach's table says of each person, and in which order: plain values in and out.

No models and no clock inside. A flag states a fact about the days that are over; what it means is
for the coach to ask.
"""

import enum
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, cached_property
from uuid import UUID

from program import calendar
from program.calendar import Phase
from program.curriculum import REQUESTS_PER_WEEK, STONES_PER_PRACTICE

# Placed entries of one day: (shares, acts, requests), extras included.
DayCounts = tuple[int, int, int]
NOTHING: DayCounts = (0, 0, 0)

QUIET_DAYS = 3
FIRST_REQUEST_BY = 4
SLOW_DAYS, SLOW_STONES_A_DAY = 4, 2


class Fact(enum.Enum):
    QUIET = "quiet"
    NO_REQUESTS = "no_requests"
    FEW_STONES = "few_stones"


class Show(enum.Enum):
    """The filters, as they stand in the address."""

    EVERYONE = "everyone"
    NEEDS_A_WORD = "word"
    FEW_REQUESTS = "requests"
    COUNTS_ONLY = "counts"


@dataclass(frozen=True)
class Member:
    """One person's two weeks; `today` and `dates` are their own, by their zone and their pauses."""

    pk: int
    public_id: UUID
    name: str
    scope: str
    dates: tuple[date, ...]
    today: date  # of two weeks that were ended, the day of that
    has_ended: bool
    counts: Mapping[date, DayCounts]
    steps_marked: int  # of the nine, those in place
    active_at: datetime | None
    active_on: date | None

    @property
    def is_counts_only(self) -> bool:
        return self.scope == "counts"

    @cached_property
    def position(self) -> int | Phase:
        return Phase.AFTER if self.has_ended else calendar.program_day(self.dates, self.today)

    @cached_property
    def days(self) -> tuple[int | None, ...]:
        """Stones of each of the fourteen, 0 to 6; None for a day still ahead."""
        return tuple(None if day > self.today else self._stones(day) for day in self.dates)

    @cached_property
    def stones(self) -> int:
        return sum(filter(None, self.days))

    @cached_property
    def stones_today(self) -> int | None:
        """None when today is none of the fourteen."""
        return None if isinstance(self.position, Phase) else self._stones(self.today)

    @cached_property
    def requests(self) -> int | None:
        """Made in the running program week, which a pause only stretches; None outside of both."""
        if self.position in (Phase.BEFORE, Phase.AFTER):
            return None
        number = sum(day <= self.today for day in self.dates)
        return sum(self._requests(self.dates[n - 1]) for n in calendar.program_week(number))

    @cached_property
    def steps(self) -> int:
        """In place of the ten; the tenth is, when every week that is over or runs has its five."""
        weeks = [self.dates[: calendar.DAYS_PER_WEEK], self.dates[calendar.DAYS_PER_WEEK :]]
        come = [week for week in weeks if week[0] <= self.today]
        enough = [sum(map(self._requests, week)) >= REQUESTS_PER_WEEK for week in come]
        return self.steps_marked + bool(come and all(enough))

    @cached_property
    def quiet_days(self) -> int:
        """Full days in a row, up to today, on which nothing was put down or written."""
        if isinstance(self.position, Phase) or self._stirred_on(self.today):
            return 0
        quiet = 0
        for day in reversed(self._full_days):
            if self._stirred_on(day):
                break
            quiet += 1
        return quiet

    @cached_property
    def facts(self) -> tuple[Fact, ...]:
        """What might deserve a word; nothing outside of the fourteen days, or in a pause."""
        if isinstance(self.position, Phase):
            return ()
        facts = []
        if self.quiet_days >= QUIET_DAYS:
            facts.append(Fact.QUIET)
        if self.position >= FIRST_REQUEST_BY and not any(map(self._requests, self.dates)):
            facts.append(Fact.NO_REQUESTS)
        last = self._full_days[-SLOW_DAYS:]
        few = (
            len(last) == SLOW_DAYS and sum(map(self._stones, last)) < SLOW_DAYS * SLOW_STONES_A_DAY
        )
        # Of somebody who is quiet it is said already.
        if few and Fact.QUIET not in facts:
            facts.append(Fact.FEW_STONES)
        return tuple(facts)

    @property
    def walked(self) -> list[tuple[int, date, DayCounts, int]]:
        """Each day so far: its number, date, placed entries and stones."""
        return [
            (number, day, self.counts.get(day, NOTHING), stones)
            for number, (day, stones) in enumerate(zip(self.dates, self.days, strict=True), 1)
            if stones is not None
        ]

    @cached_property
    def sort_name(self) -> str:
        return _plain(self.name)

    @cached_property
    def _full_days(self) -> Sequence[date]:
        return [day for day in self.dates if day < self.today]

    def _stones(self, day: date) -> int:
        return _stones(self.counts.get(day, NOTHING))

    def _requests(self, day: date) -> int:
        return self.counts.get(day, NOTHING)[2]

    def _stirred_on(self, day: date) -> bool:
        """Something was put down for the day, or on it or later for whichever day."""
        return any(self.counts.get(day, NOTHING)) or bool(self.active_on and day <= self.active_on)


# A thousand people have fourteen thousand days, and few of them differ.
@cache
def _stones(counts: DayCounts) -> int:
    return sum(min(STONES_PER_PRACTICE, count) for count in counts)


# What a column is sorted by; None comes last in both directions.
Value = Callable[[Member], float | str | None]
COLUMNS: dict[str, Value] = {
    "name": lambda member: member.sort_name,
    "stones": lambda member: member.stones,
    "today": lambda member: member.stones_today,
    "requests": lambda member: member.requests,
    "steps": lambda member: member.steps,
    "active": lambda member: member.active_at.timestamp() if member.active_at else None,
}


def in_order(members: Sequence[Member], sort: str = "") -> list[Member]:
    """By a column, or by "-" and a column; else those whom a flag names first, then by name."""
    by_name = sorted(members, key=lambda member: (member.sort_name, member.pk))
    value = COLUMNS.get(sort.removeprefix("-"))
    if value is None:
        return sorted(by_name, key=lambda member: not member.facts)
    told = [member for member in by_name if value(member) is not None]
    untold = [member for member in by_name if value(member) is None]
    # Stable both ways: those with the same value stay by name.
    return sorted(told, key=value, reverse=sort.startswith("-")) + untold  # type: ignore[arg-type]


def shown(members: Sequence[Member], show: Show) -> list[Member]:
    return [member for member in members if _FILTERS[show](member)]


def named(members: Sequence[Member], words: str) -> list[Member]:
    """Those whose name holds all the words, whatever their accents and letters' size."""
    wanted = _plain(words).split()
    return [member for member in members if all(word in member.sort_name for word in wanted)]


def _plain(name: str) -> str:
    """Å stands with a, as somebody who looks for a name expects."""
    letters = unicodedata.normalize("NFKD", name)
    return "".join(char for char in letters if not unicodedata.combining(char)).casefold()


_FILTERS: dict[Show, Callable[[Member], bool]] = {
    Show.EVERYONE: lambda member: True,
    Show.NEEDS_A_WORD: lambda member: bool(member.facts),
    Show.FEW_REQUESTS: lambda member: (
        member.requests is not None and member.requests < REQUESTS_PER_WEEK
    ),
    Show.COUNTS_ONLY: lambda member: member.is_counts_only,
}
