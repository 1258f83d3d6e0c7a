"""The mountain under the fourteen days: heights, the line, and what is cut out of it."""

from collections.abc import Sequence
from functools import cached_property

from program.curriculum import DAYS, STONES_PER_DAY
from program.ridge.frames import Frame, Point, path, points

# The share of the height that time alone gives, and how much the slope steepens toward the top.
BY_TIME, BEND = 0.30, 1.22

# How far below and above the straight line the two notches between two days lie.
_NOTCHES = ((4, -3), (6, 2), (3, -4), (7, 0), (2, -2), (5, 3), (6, -3))

# Length (of what it could be) and lean of the spurs, by the day's number.
_SPURS = points("0.66,-0.1 0.36,0.1 0.52,-0.02 0.8,-0.12 0.44,0.08 0.6,-0.06 0.34,0.08")

# Shares of the way from the summit to the valley's far corner.
_FAR_SIDE = points(
    "0.07,0.05 0.11,0.045 0.22,0.17 0.29,0.17 0.42,0.36 0.5,0.37 0.63,0.58 0.72,0.61 0.86,0.84 1,1"
)

# Behind it, the same for everybody. Shares of width, and of height upward.
_FAR = points(
    "0,0 0.06,0.14 0.11,0.25 0.16,0.3 0.2,0.4 0.25,0.475 0.29,0.46 0.335,0.515 0.375,0.54 "
    "0.42,0.615 0.465,0.605 0.5,0.535 0.555,0.55 0.6,0.605 0.645,0.5 0.7,0.465 0.75,0.38 "
    "0.81,0.34 0.865,0.26 0.92,0.15 1,0"
)
_NEAR = points(
    "0,0 0.075,0.09 0.13,0.15 0.19,0.215 0.25,0.255 0.31,0.29 0.375,0.32 0.435,0.375 "
    "0.5,0.365 0.57,0.38 0.63,0.355 0.71,0.335 0.775,0.295 0.84,0.22 0.9,0.13 1,0"
)


def heights(totals: Sequence[int | None]) -> list[float]:
    """0 to 1 for days 0 to 14; days still ahead count as full, for that is open to them."""
    stones, found = 0, [0.0]
    for day, total in enumerate(totals, 1):
        stones += STONES_PER_DAY if total is None else total
        by_stones = stones / (DAYS * STONES_PER_DAY)
        found.append((BY_TIME * day / DAYS + (1 - BY_TIME) * by_stones) ** BEND)
    return found


class Mountain:
    def __init__(self, totals: Sequence[int | None], frame: Frame) -> None:
        self.frame = frame
        width, height = frame.x_last - frame.x_first, frame.y_low - frame.y_high
        self.points: list[Point] = [  # of day 0 to 14
            (frame.x_first + day * width / DAYS, frame.y_low - share * height)
            for day, share in enumerate(heights(totals))
        ]

    @cached_property
    def line(self) -> list[Point]:
        """The valley's corner, a step up from it, day 0, then two notches and a point for each day.

        The point of day d is element 2 + 3 * d.
        """
        (x, y), unit = self.points[0], 0.8 * self.frame.scale
        line = [(0.0, self.frame.height), (0.5 * x, y + 0.45 * (self.frame.height - y)), (x, y)]
        for day in range(1, DAYS + 1):
            (x, y), (x_next, y_next) = self.points[day - 1], self.points[day]
            low, high = _NOTCHES[(day - 1) % len(_NOTCHES)]
            line += [
                (x + 0.36 * (x_next - x), y + 0.30 * (y_next - y) + low * unit),
                (x + 0.68 * (x_next - x), y + 0.72 * (y_next - y) + high * unit),
                (x_next, y_next),
            ]
        return line

    def way_to(self, day: int) -> list[Point]:
        return self.line[: 3 + 3 * day]

    def way_from(self, day: int) -> list[Point]:
        return self.line[2 + 3 * day :]

    @cached_property
    def far_side(self) -> list[Point]:
        x, y = self.points[DAYS]
        right, down = self.frame.width - x, self.frame.height - y
        return [(x + right * one, y + down * two) for one, two in _FAR_SIDE]

    def spur(self, day: int, share: float, lean: float) -> list[Point]:
        """A jagged way down from the day's point, without it: `share` of the way to the valley."""
        x, y = self.points[day]
        length = (self.frame.height - y) * share
        parts = max(3, round(length / (26 * self.frame.scale)))
        way = []
        for part in range(1, parts + 1):
            down = length * part / parts
            jag = 0 if part == parts else (5 if part % 2 else -4) * self.frame.scale
            way.append((x + lean * down + jag, y + down))
        return way

    def facet(self, day: int) -> str:
        """The face between the ridge after the day and the spur that runs down from its point."""
        if day == DAYS:
            # The far side of the summit lies in shade down to the valley.
            edge, spur = [self.points[day], *self.far_side], self.spur(day, 1, -0.16)
        else:
            share, lean = _SPURS[day % len(_SPURS)]
            point, low, (x, y), *_rest = self.way_from(day)
            # A hair below the line, which is drawn over it.
            edge = [point, low, (x, y + 5 * self.frame.scale)]
            spur = self.spur(day, 0.82 * share, lean)
        return path([*edge, *reversed(spur)], closed=True)


def ranges(frame: Frame, room: float) -> tuple[str, str]:
    """The far one and the near one; where `room` is low they stand lower, so that none is cut."""
    height = min(frame.height, room / 0.66)
    far, near = (
        path([(x * frame.width, frame.height - y * height) for x, y in shares], closed=True)
        for shares in (_FAR, _NEAR)
    )
    return far, near
