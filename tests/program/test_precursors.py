from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from program.precursors import (
    CLEAR_DIFFERENCE,
    CLEAR_RATIO,
    MAX_FINDINGS,
    MIN_LIVED_DAYS,
    MIN_MOMENT_DAYS,
    Entry,
    Finding,
    Kind,
    precursors,
)

FORTNIGHT = [date(2027, 3, number) for number in range(8, 22)]


def day(number: int) -> date:
    """Program day 1 to 14."""
    return FORTNIGHT[number - 1]


def requests(counts: dict[int, int], *, size: str = "", person: int | None = None) -> list[Entry]:
    """So many requests on each of the days that are named by their number."""
    return [
        (day(number), "request", (person,) if person else (), size)
        for number, count in counts.items()
        for _each in range(count)
    ]


def found(
    entries: list[Entry], moments: tuple[int, ...] = (4, 8, 12), lived: int = 14
) -> list[Finding]:
    return precursors(entries, [day(number) for number in moments], FORTNIGHT[:lived])


# Two spans see each of the six.
SIX_BEFORE_THREE = {3: 2, 7: 2, 11: 2}


def test_precursors_says_what_was_more_before_the_moments_than_usual() -> None:
    (finding,) = found(requests(SIX_BEFORE_THREE))

    assert (finding.kind, finding.subject) == (Kind.PRACTICE, "request")
    assert float(finding.before) == 2
    assert float(finding.usual) == pytest.approx(12 / 13)


def test_precursors_looks_at_the_day_of_a_moment_and_the_day_before_it() -> None:
    assert found(requests({4: 2, 8: 2, 12: 2}))
    assert not found(requests({2: 2, 6: 2, 10: 2}))
    assert not found(requests({5: 2, 9: 2, 13: 2}))


def test_precursors_says_what_was_less() -> None:
    often = {number: 2 for number in range(1, 15) if number not in {3, 4, 7, 8, 11, 12}}

    (finding,) = found(requests(often))

    assert finding.before == 0
    assert float(finding.usual) > CLEAR_DIFFERENCE


@pytest.mark.parametrize(
    ("moments", "lived", "speaks"),
    [
        ((4, 8, 12), 14, True),
        ((4, 8), 14, False),
        ((4, 4, 8), 14, False),  # Three moments, and two days
        ((1, 5, 8), 8, True),
        ((1, 4, 7), 7, False),
    ],
)
def test_precursors_is_silent_until_there_are_enough_moments_and_days(
    moments: tuple[int, ...], lived: int, speaks: bool
) -> None:
    entries = requests(dict.fromkeys(moments, 4))

    assert bool(found(entries, moments, lived)) == speaks


def test_precursors_is_silent_without_a_day_that_follows_another() -> None:
    every_other = [*FORTNIGHT[::2], date(2027, 4, 2)]

    assert precursors(requests(SIX_BEFORE_THREE), every_other[:3], every_other) == []


@pytest.mark.parametrize(
    ("elsewhere", "speaks"),
    [
        # Six before each moment, which two spans see; of 4 they are half as many more.
        ({2: 8}, True),  # 36 and 16 in 13 spans
        ({2: 8, 14: 1}, False),  # One more, which one span sees
    ],
)
def test_precursors_asks_for_half_as_many_more(elsewhere: dict[int, int], speaks: bool) -> None:
    assert bool(found(requests({4: 6, 8: 6, 12: 6, **elsewhere}))) == speaks


@pytest.mark.parametrize(
    ("elsewhere", "lived", "speaks"),
    [
        # Two before each moment, which two spans see.
        ({}, 14, True),  # 12 in 13 spans
        ({}, 13, True),  # 12 in 12: one whole entry more
        ({14: 1}, 14, True),  # 13 in 13
        ({6: 1}, 14, False),  # 14 in 13
    ],
)
def test_precursors_asks_for_one_whole_entry_more(
    elsewhere: dict[int, int], lived: int, speaks: bool
) -> None:
    assert bool(found(requests({4: 2, 8: 2, 12: 2, **elsewhere}), lived=lived)) == speaks


def test_precursors_is_silent_where_one_busy_day_makes_the_average() -> None:
    assert not found(requests({4: 9}))
    assert found(requests({4: 9, 8: 3}))


def test_precursors_says_which_size_and_person_was_there() -> None:
    entries = requests({3: 1, 8: 1, 11: 1}, size="stretch", person=7)

    findings = {(it.kind, it.subject): it for it in found(entries)}

    assert findings[Kind.SIZE, "stretch"].times == 3
    assert findings[Kind.PERSON, 7].times == 3
    assert findings[Kind.PERSON, 7].moment_days == 3


def test_precursors_of_a_person_wants_more_than_half_and_one_more_than_chance() -> None:
    # There before one of three moments, and never else.
    assert Kind.PERSON not in {it.kind for it in found(requests({4: 1}, person=7))}
    # Before two of three, and at no other time: chance would have given 4 in 13.
    assert Kind.PERSON in {it.kind for it in found(requests({4: 1, 8: 1}, person=7))}
    # Before two of three, and twice more: chance would have given 6 in 13.
    many = requests({1: 1, 4: 1, 8: 1, 14: 1}, person=7)
    assert Kind.PERSON not in {it.kind for it in found(many)}


def test_precursors_never_says_that_somebody_was_not_there() -> None:
    absent = {number: 1 for number in range(1, 15) if number not in {3, 4, 7, 8, 11, 12}}

    kinds = {it.kind for it in found(requests(absent, size="easy", person=7))}

    assert kinds <= {Kind.PRACTICE}


def test_precursors_of_a_moment_on_the_first_day_looks_at_that_day() -> None:
    (finding,) = found(requests({1: 3, 5: 3, 9: 3}), moments=(1, 5, 9))

    assert finding.before == 3


def test_precursors_puts_the_clearest_first_and_three_at_most() -> None:
    entries = [
        *requests({4: 2, 8: 2, 12: 2}, size="stretch", person=1),
        *requests({4: 1, 8: 1, 12: 1, 14: 1}, size="easy", person=2),
    ]

    findings = found(entries)

    assert len(findings) == MAX_FINDINGS
    clear = [
        max(it.before, it.usual) / max(0.25, float(min(it.before, it.usual))) for it in findings
    ]
    assert clear == sorted(clear, reverse=True)


ENTRIES = st.lists(
    st.tuples(
        st.sampled_from(FORTNIGHT),
        st.sampled_from(["share", "act", "request"]),
        st.lists(st.integers(1, 4), max_size=2).map(tuple),
        st.sampled_from(["", "easy", "stretch", "unreasonable"]),
    ),
    max_size=60,
)
DAYS = st.lists(st.sampled_from(FORTNIGHT))


@given(entries=ENTRIES, moments=DAYS, lived=DAYS)
def test_precursors_never_speaks_below_its_thresholds(
    entries: list[Entry], moments: list[date], lived: list[date]
) -> None:
    findings = precursors(entries, moments, lived)

    assert len(findings) <= MAX_FINDINGS
    if findings:
        assert len(set(moments)) >= MIN_MOMENT_DAYS
        assert len(set(lived)) >= MIN_LIVED_DAYS
    for it in findings:
        less, more = sorted((it.before, it.usual))
        assert more >= CLEAR_RATIO * less
        weight = 1 if it.kind is Kind.PRACTICE else it.moment_days
        assert (more - less) * weight >= CLEAR_DIFFERENCE
        assert it.kind is Kind.PRACTICE or 2 * it.times > it.moment_days


@given(data=st.data(), entries=ENTRIES, moments=DAYS)
def test_precursors_does_not_mind_the_order_of_what_it_is_given(
    data: st.DataObject, entries: list[Entry], moments: list[date]
) -> None:
    shuffled = data.draw(st.permutations(entries))
    lived = data.draw(st.permutations(FORTNIGHT))

    assert precursors(shuffled, moments[::-1], lived) == precursors(entries, moments, FORTNIGHT)
