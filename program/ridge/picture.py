"""The drawing as a PNG of 1200 x 630, which is what chats show beside a link; no words stand in it.

It is made of the same paths as the page's own drawing, in the colors of the light theme
(static/css/tokens.css).
"""

import io
import itertools
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from program.ridge import Ridge
from program.ridge.frames import WIDE, Point

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

WIDTH, HEIGHT = 1200, 630
# Drawn larger and made smaller, for smooth edges.
_FINER = 2
_SCALE = WIDTH / WIDE.width * _FINER

_PAPER, _INK, _SPRUCE, _BLAZE, _SURFACE = "#f2f4ef", "#16242a", "#1e5a4c", "#f5c236", "#fbfcfa"
_FAR, _NEAR, _AHEAD, _ROCK, _LINE = "#e4e9e2", "#d5dfd8", "#d8e1d9", "#c9d7cf", "#7b8884"
_SHADE, _SHADE_AHEAD = (22, 36, 42, 33), (22, 36, 42, 14)

_STEP = re.compile(r"([MLlCSZz])([^MLlCSZz]*)")
_NUMBER = re.compile(r"-?[\d.]+")
# Straight parts that a curve is made of.
_PARTS = 8


def png(ridge: Ridge) -> bytes:
    """Of a ridge in the wide frame."""
    # Only here: a worker that draws none does without the library.
    from PIL import Image, ImageDraw

    size = (WIDTH * _FINER, HEIGHT * _FINER)
    image = Image.new("RGB", size, _PAPER)
    shade = Image.new("RGBA", size, (0, 0, 0, 0))
    draw, over = ImageDraw.Draw(image), ImageDraw.Draw(shade)
    for path, color in (
        *zip(ridge.ranges, (_FAR, _NEAR), strict=True),
        (ridge.ahead, _AHEAD),
        (ridge.body, _ROCK),
    ):
        _fill(draw, path, color)
    _fill(over, ridge.shade_ahead, _SHADE_AHEAD)
    _fill(over, ridge.shade, _SHADE)
    image.paste(shade, mask=shade)
    _dot(draw, ridge.pencil)
    _stroke(draw, ridge.walked, 3)
    _stroke(draw, ridge.pole, 2)
    _fill(draw, ridge.flag, _SPRUCE)
    _stroke(draw, ridge.flag, 1.5)
    for waypoint in ridge.waypoints:
        at = (waypoint.x, waypoint.y)
        for stone in ridge.stones[: waypoint.stones or 0]:
            _fill(draw, stone, _SURFACE, at)
            _stroke(draw, stone, 1.5, at)
        if not waypoint.stones:
            is_ahead = waypoint.stones is None
            _ring(draw, at, float(ridge.ring), _LINE if is_ahead else _INK)
        if waypoint.here:
            _fill(draw, waypoint.here, _BLAZE, at)
            _stroke(draw, waypoint.here, 1.5, at)
    file = io.BytesIO()
    small = image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    # A third of the bytes. This method keeps the few dots of yellow, which others give up.
    small = small.quantize(128, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    small.save(file, "PNG", optimize=True)
    return file.getvalue()


def _fill(draw: "ImageDraw", path: str, color: str | tuple[int, ...], at: Point = (0, 0)) -> None:
    for line in _lines(path, at):
        draw.polygon(line, fill=color)


def _stroke(draw: "ImageDraw", path: str, width: float, at: Point = (0, 0)) -> None:
    for line in _lines(path, at):
        draw.line(line, fill=_INK, width=round(width * _SCALE), joint="curve")


def _dot(draw: "ImageDraw", path: str) -> None:
    """A dotted line, seven units from dot to dot."""
    step, radius = 7 * _SCALE, 1.1 * _SCALE
    for line in _lines(path):
        ahead = 0.0
        for (x, y), (x_next, y_next) in itertools.pairwise(line):
            length = ((x_next - x) ** 2 + (y_next - y) ** 2) ** 0.5
            while ahead < length:
                share = ahead / length
                _disc(draw, (x + share * (x_next - x), y + share * (y_next - y)), radius, _LINE)
                ahead += step
            ahead -= length


def _ring(draw: "ImageDraw", at: Point, radius: float, color: str) -> None:
    center = _placed(at)
    _disc(draw, center, (radius + 0.9) * _SCALE, color)
    _disc(draw, center, (radius - 0.9) * _SCALE, _PAPER)


def _disc(draw: "ImageDraw", center: Point, radius: float, color: str) -> None:
    x, y = center
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=color)


# --- From the paths of the drawing to points of the picture ---------------------------------------


def _placed(point: Point, at: Point = (0, 0)) -> Point:
    """The valley lies on the lower edge."""
    x, y = point[0] + at[0], point[1] + at[1]
    return (x * _SCALE, HEIGHT * _FINER - (WIDE.height - y) * _SCALE)


def _lines(path: str, at: Point = (0, 0)) -> Iterator[list[Point]]:
    """Each part of a path, as points of the picture."""
    line: list[Point] = []
    control: Point = (0, 0)
    for command, text in _STEP.findall(path):
        numbers = [float(number) for number in _NUMBER.findall(text)]
        points = list(zip(numbers[::2], numbers[1::2], strict=True))
        if command in "Zz":
            line.append(line[0])
        elif command == "M":
            if line:
                yield [_placed(point, at) for point in line]
            line = points
        elif command == "l":
            for x, y in points:
                line.append((line[-1][0] + x, line[-1][1] + y))
        elif command == "L":
            line += points
        else:
            # S goes on in the direction in which the curve before it came in.
            first = points[0] if command == "C" else _mirrored(control, line[-1])
            control, end = points[-2:]
            line += _curve(line[-1], first, control, end)
    if line:
        yield [_placed(point, at) for point in line]


def _mirrored(control: Point, around: Point) -> Point:
    return (2 * around[0] - control[0], 2 * around[1] - control[1])


def _curve(start: Point, one: Point, two: Point, end: Point) -> Iterator[Point]:
    for part in range(1, _PARTS + 1):
        t = part / _PARTS
        weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
        x, y = (
            sum(
                weight * point[axis]
                for weight, point in zip(weights, (start, one, two, end), strict=True)
            )
            for axis in (0, 1)
        )
        yield (x, y)
