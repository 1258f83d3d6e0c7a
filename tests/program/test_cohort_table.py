"""What the table says of one person and in which order: plain values, at noon of day nine."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from uuid import UUID

import pytest

from program.calendar import Phase, program_dates
from program.cohort_table import DayCounts, Fact, Member, Show, in_order, named, shown

DATES = program_dates(date(2027, 3, 8))
DAY_9 = DATES[8]
ALL_SIX: DayCounts = (2, 2, 2)


def member(
    *totals: DayCounts,
    name: str = "Alice",
    today: date = DAY_9,
    dates: tuple[date, ...] = DATES,
    active_on: date | None = None,
) -> Member:
    """Somebody who put down `totals` on their first days."""
    return Member(
        pk=1,
        public_id=UUID(int=1),
        name=name,
        scope="entries",
        dates=dates,
        today=today,
        has_ended=False,
        counts=dict(zip(dates, totals, strict=False)),
        steps_marked=0,
        active_at=datetime.combine(active_on, time(), UTC) if active_on else None,
        active_on=active_on,
    )


def test_days_hold_six_at_most_and_nothing_of_what_is_ahead() -> None:
    alice = member((5, 0, 1), ALL_SIX, today=DATES[2])

    assert alice.days == (3, 6, 0, *[None] * 11)
    assert alice.stones == 9
    assert alice.stones_today == 0


@pytest.mark.parametrize(
    ("days_with_stones", "stirs_today", "quiet"),
    [(8, False, 0), (6, False, 2), (5, False, 3), (4, False, 4), (5, True, 0), (0, False, 8)],
)
def test_quiet_counts_full_days_without_anything(
    days_with_stones: int, stirs_today: bool, quiet: int
) -> None:
    alice = member(*[ALL_SIX] * days_with_stones)
    if stirs_today:
        alice = replace(alice, counts={**alice.counts, DAY_9: (1, 0, 0)})

    assert alice.quiet_days == quiet
    assert (Fact.QUIET in alice.facts) == (quiet >= 3)


def test_quiet_ends_with_whatever_was_written_on_a_later_day() -> None:
    alice = member(*[ALL_SIX] * 5)

    assert replace(alice, active_on=DATES[4]).quiet_days == 3
    assert replace(alice, active_on=DATES[6]).quiet_days == 1
    assert replace(alice, active_on=DAY_9).quiet_days == 0


@pytest.mark.parametrize(("number", "flagged"), [(3, False), (4, True), (14, True)])
def test_no_request_is_a_fact_from_day_four_on(number: int, flagged: bool) -> None:
    alice = member(*[(2, 2, 0)] * number, today=DATES[number - 1])

    assert (Fact.NO_REQUESTS in alice.facts) == flagged
    assert Fact.NO_REQUESTS not in replace(alice, counts={DATES[0]: (0, 0, 1)}).facts


def test_few_stones_are_counted_over_the_last_four_full_days() -> None:
    before = [ALL_SIX] * 4
    seven = member(*before, (2, 0, 0), (2, 0, 0), (2, 0, 0), (0, 0, 1))
    eight = member(*before, (2, 0, 0), (2, 0, 0), (2, 0, 0), (1, 0, 1))

    assert seven.facts == (Fact.FEW_STONES,)
    assert eight.facts == ()
    # Of today nothing can be said yet, and there are not four full days before day five.
    assert replace(eight, counts={**eight.counts, DAY_9: (0, 0, 0)}).facts == ()
    assert member((1, 0, 1), (0, 0, 1), (0, 0, 1), today=DATES[3]).facts == ()


def test_quiet_says_it_once() -> None:
    assert member((0, 0, 1)).facts == (Fact.QUIET,)


@pytest.mark.parametrize("phase", [Phase.BEFORE, Phase.AFTER, Phase.PAUSED])
def test_outside_of_the_fourteen_days_there_is_no_fact(phase: Phase) -> None:
    dates = program_dates(date(2027, 3, 8), [(date(2027, 3, 12), date(2027, 3, 14))])
    today = {
        Phase.BEFORE: date(2027, 3, 7),
        Phase.AFTER: date(2027, 3, 25),
        Phase.PAUSED: date(2027, 3, 14),
    }[phase]
    alice = member(dates=dates, today=today)

    assert alice.position == phase
    assert alice.facts == ()
    assert alice.stones_today is None
    assert (alice.requests is None) == (phase != Phase.PAUSED)


def test_days_of_a_pause_are_not_quiet() -> None:
    dates = program_dates(date(2027, 3, 8), [(date(2027, 3, 12), date(2027, 3, 14))])
    alice = member(*[ALL_SIX] * 4, dates=dates, today=date(2027, 3, 16))

    assert alice.position == 6
    assert alice.quiet_days == 1


def test_two_weeks_that_were_ended_have_no_today() -> None:
    alice = replace(member(ALL_SIX), has_ended=True)

    assert alice.position == Phase.AFTER
    assert alice.facts == ()


def test_requests_are_those_of_the_running_program_week() -> None:
    alice = member(*[(0, 0, 1)] * 9)

    assert alice.requests == 2
    assert replace(alice, today=DATES[6]).requests == 7


def test_the_tenth_step_is_in_place_with_five_requests_in_every_week_that_has_come() -> None:
    first = [(0, 0, 5)] + [(0, 0, 0)] * 6
    assert member(*first, today=DATES[6]).steps == 1
    assert member(*first).steps == 0
    assert member(*first, (0, 0, 5)).steps == 1
    assert replace(member(*first, (0, 0, 5)), steps_marked=9).steps == 10
    assert member(today=date(2027, 3, 1)).steps == 0


def test_order_is_who_needs_a_word_and_then_by_name() -> None:
    quiet: list[DayCounts] = []
    fine = [ALL_SIX] * 9
    people = [
        member(*fine, name="bob"),
        member(*quiet, name="Zoe"),
        member(*fine, name="Åsa"),
        member(*quiet, name="Erin"),
    ]

    assert [m.name for m in in_order(people)] == ["Erin", "Zoe", "Åsa", "bob"]
    assert [m.name for m in in_order(people, "name")] == ["Åsa", "bob", "Erin", "Zoe"]
    assert [m.name for m in in_order(people, "-name")] == ["Zoe", "Erin", "bob", "Åsa"]
    assert [m.name for m in in_order(people, "stones")] == ["Erin", "Zoe", "Åsa", "bob"]
    assert [m.name for m in in_order(people, "-stones")] == ["Åsa", "bob", "Erin", "Zoe"]


@pytest.mark.parametrize("sort", ["today", "-today", "requests", "-active"])
def test_who_has_no_value_comes_last_in_both_directions(sort: str) -> None:
    started = member(ALL_SIX, name="Bob", active_on=DATES[0])
    ahead = member(name="Alice", today=date(2027, 3, 1))

    assert [m.name for m in in_order([ahead, started], sort)] == ["Bob", "Alice"]


def test_filters_hold_who_they_name() -> None:
    quiet = member(name="Quiet")
    busy = member(*[ALL_SIX] * 9, name="Busy")
    busier = member(*[(2, 2, 3)] * 9, name="Busier")
    counts = replace(busier, name="Counts", scope="counts")
    people = [quiet, busy, busier, counts]

    found = {show: [m.name for m in shown(people, show)] for show in Show}

    assert found == {
        Show.EVERYONE: ["Quiet", "Busy", "Busier", "Counts"],
        Show.NEEDS_A_WORD: ["Quiet"],
        Show.FEW_REQUESTS: ["Quiet", "Busy"],
        Show.COUNTS_ONLY: ["Counts"],
    }


def test_a_search_finds_names_by_any_part_and_without_their_accents() -> None:
    people = [member(name="Åsa Nyström"), member(name="Bob")]

    assert [m.name for m in named(people, "nystrom asa")] == ["Åsa Nyström"]
    assert [m.name for m in named(people, "B")] == ["Bob"]
    assert named(people, "asa bob") == []
    assert named(people, " ") == people
