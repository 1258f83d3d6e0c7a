"""What came before somebody's breakthrough moments, beside what is usual for them.

Pure: plain values in, findings out. It says what came before and never what caused it, and it says
nothing where a coincidence could say as much.
"""

import enum
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from program import calendar

# A placed entry: its day, its practice, the ids of the people it is about, the size of a request.
# What came back is not asked for: an answer has no date of its own, and may be the later one.
Entry = tuple[date, str, tuple[int, ...], str]

# Fewer days with a moment than three have no pattern, and a habit takes a week of days to show.
MIN_MOMENT_DAYS = 3
MIN_LIVED_DAYS = 8
# Clearly more or less: by half at least, …
CLEAR_RATIO = Fraction(3, 2)
# … and by one whole thing at least: an entry before each moment, or, where there is only being
# there or not, one moment more than chance would have given.
CLEAR_DIFFERENCE = 1
MAX_FINDINGS = 3
# What is usual counts as this much at least when findings are ranked, or all that is rare would
# stand first.
_RARE = Fraction(1, 4)


class Kind(enum.Enum):
    PRACTICE = "practice"
    SIZE = "size"
    PERSON = "person"


@dataclass(frozen=True)
class Finding:
    """`before` and `usual` are entries in two days (practices) or shares of spans, 0 to 1.

    `subject` is the key of a practice, a size of requests or the id of a person; `moment_days` is
    how many days with a moment were looked at.
    """

    kind: Kind
    subject: str | int
    before: Fraction
    usual: Fraction
    moment_days: int

    @property
    def times(self) -> int:
        """Before how many of the days with a moment it came, where `before` is a share."""
        return round(self.before * self.moment_days)


def precursors(
    entries: Iterable[Entry], moment_days: Iterable[date], lived: Iterable[date]
) -> list[Finding]:
    """At most three things that stand out before the moments, the clearest first.

    The 48 hours before a moment are its day and the day before, because entries carry dates;
    moments of one day count as one. Usual is the average over all `lived` days whose day before
    was lived too, days with moments included.

    Nothing is said below MIN_MOMENT_DAYS and MIN_LIVED_DAYS, nor of what differs less than by
    CLEAR_RATIO and CLEAR_DIFFERENCE, nor of what only a half of the moments, or less, bear out.
    Of people and sizes only more is told: who was not there led to nothing.
    """
    moments, days = sorted(set(moment_days)), set(lived)
    pairs = [day for day in days if calendar.day_before(day) in days]
    if len(moments) < MIN_MOMENT_DAYS or len(days) < MIN_LIVED_DAYS or not pairs:
        return []
    found = []
    for (kind, subject), counts in _counts(entries).items():
        before = [_held(kind, counts, day) for day in moments]
        usual = [_held(kind, counts, day) for day in pairs]
        if _is_clear(kind, before, usual):
            found.append(Finding(kind, subject, _mean(before), _mean(usual), len(moments)))
    return sorted(found, key=_clearest_first)[:MAX_FINDINGS]


def _counts(entries: Iterable[Entry]) -> dict[tuple[Kind, str | int], Counter[date]]:
    """How many entries each day holds of each thing that could stand out."""
    counts: dict[tuple[Kind, str | int], Counter[date]] = defaultdict(Counter)
    for day, practice, people, size in entries:
        counts[Kind.PRACTICE, practice][day] += 1
        for person in people:
            counts[Kind.PERSON, person][day] += 1
        if size:
            counts[Kind.SIZE, size][day] += 1
    return counts


def _held(kind: Kind, counts: Counter[date], day: date) -> int:
    """What `day` and the day before it hold: entries of a practice; of the rest, there or not."""
    count = counts[day] + counts[calendar.day_before(day)]
    return count if kind is Kind.PRACTICE else min(1, count)


def _is_clear(kind: Kind, before: list[int], usual: list[int]) -> bool:
    mean_before, mean_usual = _mean(before), _mean(usual)
    less, more = sorted((mean_before, mean_usual))
    is_more = mean_before > mean_usual
    difference = more - less
    if kind is not Kind.PRACTICE:
        if not is_more:
            return False
        difference *= len(before)
    bear_it_out = sum(held > mean_usual if is_more else held < mean_usual for held in before)
    return (
        more >= CLEAR_RATIO * less
        and difference >= CLEAR_DIFFERENCE
        and 2 * bear_it_out > len(before)
    )


def _mean(numbers: list[int]) -> Fraction:
    return Fraction(sum(numbers), len(numbers))


def _clearest_first(finding: Finding) -> tuple[Fraction, str, str]:
    less, more = sorted((finding.before, finding.usual))
    # The rest makes the order that entries come in no matter.
    return -more / max(less, _RARE), finding.kind.value, str(finding.subject)
