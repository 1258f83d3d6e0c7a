"""The climb never falls, and what was walked stays where it is."""

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from program.curriculum import DAYS
from program.ridge import TALL, WIDE, Frame, Ridge, ridge

stones = st.integers(0, 6)
frames = st.sampled_from([WIDE, TALL])
NINE_DAYS = [4, 6, 5, 3, 0, 2, 6, 5, 3]


def with_days_ahead(walked: list[int]) -> list[int | None]:
    return [*walked, *[None] * (DAYS - len(walked))]


def points(drawn: Ridge) -> list[tuple[float, float]]:
    return [(waypoint.x, waypoint.y) for waypoint in drawn.waypoints]


def numbers(path: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?[\d.]+", path)]


# --- The points -----------------------------------------------------------------------------------


def test_ridge_has_the_points_of_the_design() -> None:
    drawn = ridge(with_days_ahead(NINE_DAYS), 9, WIDE)

    assert [(round(x), round(y, 1)) for x, y in points(drawn)] == [
        *((122, 429.3), (174, 410.4), (226, 391.4), (279, 376.5), (331, 369.4), (383, 356.5)),
        *((435, 331.2), (487, 307.9), (539, 290.3), (591, 262.5), (644, 233.9), (696, 204.5)),
        *((748, 174.5), (800, 143.8)),
    ]
    assert drawn.view_box == "0 87.8 1000 392.2"


@settings(deadline=None)
@given(totals=st.lists(stones, min_size=DAYS, max_size=DAYS), frame=frames)
def test_ridge_never_falls(totals: list[int], frame: Frame) -> None:
    for walked in range(DAYS + 1):
        ys = [y for _x, y in points(ridge(with_days_ahead(totals[:walked]), None, frame))]

        assert all(later < earlier for earlier, later in pairwise([frame.y_low, *ys]))


@settings(deadline=None)
@given(
    one=st.lists(stones, min_size=DAYS, max_size=DAYS),
    other=st.lists(stones | st.none(), min_size=DAYS, max_size=DAYS),
    day=st.integers(0, DAYS),
    frame=frames,
)
def test_ridge_point_of_a_day_depends_on_the_days_up_to_it_alone(
    one: list[int], other: list[int | None], day: int, frame: Frame
) -> None:
    later = [*one[:day], *sorted(other[day:], key=lambda total: total is None)]

    before = points(ridge(with_days_ahead(one[:day]), day or None, frame))
    after = points(ridge(later, None, frame))

    assert before[:day] == after[:day]


@settings(deadline=None)
@given(totals=st.lists(stones, min_size=DAYS, max_size=DAYS), day=st.integers(0, DAYS - 1))
def test_ridge_climbs_higher_for_each_stone(totals: list[int], day: int) -> None:
    totals[day] = min(totals[day], 5)
    more = [*totals]
    more[day] += 1

    less_high, higher = (points(ridge(days, None, WIDE))[day][1] for days in (totals, more))

    assert higher < less_high


@pytest.mark.parametrize("frame", [WIDE, TALL], ids=["wide", "tall"])
def test_ridge_of_a_perfect_fortnight_reaches_the_top(frame: Frame) -> None:
    x, y = points(ridge([6] * DAYS, None, frame))[-1]

    assert (x, y) == pytest.approx((frame.x_last, frame.y_high))


# --- The drawing ----------------------------------------------------------------------------------


@settings(deadline=None)
@given(
    totals=st.lists(stones, min_size=DAYS, max_size=DAYS), days=st.integers(0, DAYS), frame=frames
)
def test_ridge_stays_within_its_view_box(totals: list[int], days: int, frame: Frame) -> None:
    drawn = ridge(with_days_ahead(totals[:days]), days or None, frame)

    left, top, width, height = numbers(drawn.view_box)
    for waypoint in drawn.waypoints:
        over = numbers(waypoint.here)[1] - 15 if waypoint.is_today else -41 * frame.scale
        assert left + 10 < waypoint.x < left + width - 10
        assert top < waypoint.y + over
        assert waypoint.y < top + height
    for path in (drawn.flag, drawn.pole):
        assert numbers(path)[1] >= top


def test_ridge_draws_in_ink_what_was_walked_and_in_pencil_what_is_open() -> None:
    drawn = ridge(with_days_ahead(NINE_DAYS), 9, WIDE)

    assert drawn.walked.startswith("M0 480L")
    assert drawn.walked.endswith("L539.3 290.3")
    assert drawn.pencil.startswith("M539.3 290.3L")
    assert drawn.pencil.endswith("L800 143.8")
    assert drawn.body.startswith(drawn.walked)
    # A facet for each day, the last below the summit: eight lie under the ink.
    assert (drawn.shade.count("M"), drawn.shade_ahead.count("M")) == (8, 6)
    assert [waypoint.number for waypoint in drawn.waypoints if waypoint.is_today] == [9]
    assert [bool(waypoint.here) for waypoint in drawn.waypoints].index(True) == 8


def test_ridge_before_day_1_is_all_pencil() -> None:
    drawn = ridge([None] * DAYS, None, WIDE)

    assert (drawn.walked, drawn.body, drawn.shade) == ("", "", "")
    assert drawn.pencil.startswith("M0 480L")
    assert not any(waypoint.here for waypoint in drawn.waypoints)


def test_ridge_of_day_1_walks_one_day() -> None:
    drawn = ridge(with_days_ahead([0]), 1, WIDE)

    assert drawn.walked.endswith("L122.1 436.6")
    assert drawn.shade == ""


@pytest.mark.parametrize("total", [0, 6])
def test_ridge_that_is_finished_is_all_ink(total: int) -> None:
    drawn = ridge([total] * DAYS, None, WIDE)

    assert drawn.pencil == drawn.ahead == drawn.shade_ahead == ""
    assert drawn.walked.endswith("L1000 480")
    assert drawn.shade.count("M") == DAYS


def test_ridge_on_day_14_is_not_finished_before_the_day_is_over() -> None:
    on_the_day = ridge([6] * DAYS, 14, WIDE)

    assert on_the_day.pencil == ""
    assert on_the_day.walked.endswith("L800 70")
    assert on_the_day.ahead.endswith("L1000 480Z")
    # The flag stands above the mark, which stands above the cairn.
    foot_of_pole, foot_of_mark = (
        numbers(on_the_day.pole)[1],
        numbers(on_the_day.waypoints[13].here)[1],
    )
    assert foot_of_pole == pytest.approx(70 + foot_of_mark - 15, abs=0.1)


def test_ridge_writes_numbers_for_svg() -> None:
    for frame in (WIDE, TALL):
        drawn = ridge(with_days_ahead(NINE_DAYS), 9, frame)

        for path in (drawn.view_box, drawn.walked, drawn.pencil, drawn.shade, *drawn.stones):
            assert re.fullmatch(r"[MLCSZ \d.-]+", path)
            assert not re.search(r"-0(?![\d.])|\.\d\d|\.0\b", path)


def test_ridge_carries_what_the_caller_says_of_the_days() -> None:
    days = [f"{number}" for number in range(1, DAYS + 1)]

    drawn = ridge([0] * DAYS, None, TALL, labels=[f"Day {day}" for day in days], urls=days)

    assert [(waypoint.label, waypoint.url) for waypoint in drawn.waypoints] == [
        (f"Day {day}", day) for day in days
    ]
