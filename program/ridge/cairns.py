"""What stands on the mountain: stones, the mark over today, the flag."""

from program.ridge.frames import Frame, Point, pair, points, rounded

# Outlines in widths and steps of a stone that lies around x = 0 on y = 0: a start, then control
# and end points of curves.
_OUTLINES = (
    points(
        "-0.5,-0.35 -0.49,-0.5 -0.43,-0.8 -0.35,-0.91 -0.13,-0.97 -0.03,-0.98 0.24,-1.06 "
        "0.33,-0.98 0.49,-0.61 0.5,-0.45 0.46,-0.01 0.37,0.08 0.1,0.14 -0.03,0.14 -0.35,0.16 "
        "-0.43,0.08 -0.51,-0.19 -0.5,-0.35"
    ),
    points(
        "-0.47,-0.29 -0.46,-0.44 -0.4,-0.74 -0.32,-0.86 -0.1,-0.99 0.01,-0.99 0.3,-0.93 "
        "0.38,-0.81 0.54,-0.4 0.53,-0.25 0.43,0.07 0.35,0.13 0.1,0.13 -0.02,0.13 -0.31,0.17 "
        "-0.38,0.1 -0.48,-0.14 -0.47,-0.29"
    ),
    points(
        "-0.54,-0.39 -0.53,-0.54 -0.46,-0.82 -0.37,-0.91 -0.11,-1.01 0,-0.99 0.25,-0.91 "
        "0.32,-0.8 0.46,-0.45 0.45,-0.3 0.37,0.01 0.28,0.08 0.04,0.14 -0.08,0.12 -0.38,0.12 "
        "-0.45,0.04 -0.56,-0.24 -0.54,-0.39"
    ),
)

# Half a diagonal of the mark and its distance: the same in all frames, as it is looked for.
_HERE, _GAP = 7.5, 3


def stone(frame: Frame, number: int) -> str:
    """The stone that has `number` others below it, over a point at 0 0."""
    width = frame.stone_width * (1 - 0.125 * number)
    start, *curves = [
        pair((x * width, (y - number) * frame.stone_step))
        for x, y in _OUTLINES[number % len(_OUTLINES)]
    ]
    smooth = "".join(f"S{one} {two}" for one, two in zip(curves[3::2], curves[4::2], strict=True))
    return f"M{start}C{' '.join(curves[:3])}{smooth}Z"


def hit(frame: Frame) -> str:
    width, above, below = frame.hit_width, 44 * frame.scale + 3, 30 * frame.scale - 4
    box = f"h{rounded(width)}v{rounded(above + below)}h{rounded(-width)}z"
    return f"M{pair((-width / 2, -above))}{box}"


def here(frame: Frame, stones: int | None) -> str:
    """The diamond over a point at 0 0 with what stands on it."""
    foot = -reach(frame, stones) - _GAP
    return f"M0 {rounded(foot)}l{_HERE} -{_HERE} -{_HERE} -{_HERE} -{_HERE} {_HERE}z"


def flag(frame: Frame, top: Point) -> str:
    scale = frame.scale
    return f"M{pair(top)}l{pair((22 * scale, 6 * scale))} {pair((-22 * scale, 7 * scale))}z"


def reach(frame: Frame, stones: int | None, *, is_today: bool = False) -> float:
    """How high what stands on a point reaches over it."""
    height = stones * frame.stone_step if stones else 4 * frame.scale
    return height + (2 * _HERE + _GAP if is_today else 0)
