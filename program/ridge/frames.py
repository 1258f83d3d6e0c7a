"""The formats of the drawing, and how its points are written down."""

from collections.abc import Iterable
from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True)
class Frame:
    """A format of the drawing; lengths are in its own units, y points down."""

    name: str
    width: float
    height: float
    x_first: float  # of day 0 and day 14
    x_last: float
    y_low: float  # of no height and of a perfect fortnight
    y_high: float
    scale: float
    stone_width: float  # of the lowest stone
    stone_step: float
    hit_width: float  # what a finger finds around a waypoint
    number_at: Point  # below a waypoint


WIDE = Frame("wide", 1000, 480, 70, 800, 440, 70, 1, 26, 6.6, 52, (0, 26))
TALL = Frame("tall", 358, 560, 22, 280, 530, 56, 0.8, 17, 5.4, 24, (5, 17.5))


def points(text: str) -> tuple[Point, ...]:
    """Points written as `x,y x,y`."""
    return tuple((float(x), float(y)) for x, y in (pair.split(",") for pair in text.split()))


def path(way: Iterable[Point], *, closed: bool = False) -> str:
    """Empty where there is nothing to draw."""
    steps = [pair(point) for point in way]
    return f"M{'L'.join(steps)}{'Z' if closed else ''}" if len(steps) > 1 else ""


def pair(point: Point) -> str:
    return f"{rounded(point[0])} {rounded(point[1])}"


def rounded(value: float) -> str:
    """To a tenth: `12.5`, `12`; never `-0` and never in the digits of another language."""
    return f"{round(value, 1) + 0:.1f}".removesuffix(".0")
