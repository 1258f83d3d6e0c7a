"""Fourteen days as a climb: pure geometry, from stones a day to the paths of a drawing.

Height is what a day keeps. The path never falls, and a day's point depends on the days up to it
alone, so that nothing that happens later moves what was walked before.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from program.curriculum import DAYS, STONES_PER_DAY
from program.ridge import cairns
from program.ridge.frames import TALL, WIDE, Frame, pair, path, rounded
from program.ridge.mountain import Mountain, ranges

__all__ = ["TALL", "WIDE", "Frame", "Ridge", "Waypoint", "ridge"]


@dataclass(frozen=True)
class Waypoint:
    """A day on the mountain. Texts that go into the drawing are in its units, or paths in them."""

    number: int
    x: float
    y: float
    stones: int | None  # None: the day is still ahead
    is_today: bool
    label: str
    url: str
    at: str  # x and y; `here`, and what all waypoints share, are relative to them
    here: str  # the mark over today


@dataclass(frozen=True)
class Ridge:
    """A drawing, ready for templates/components/ridge.html."""

    frame: str
    view_box: str
    ranges: tuple[str, ...]
    ahead: str  # the mountain as it can still become
    body: str  # as much of it as was walked
    shade: str
    shade_ahead: str
    pencil: str
    walked: str
    pole: str
    flag: str
    summit: str  # what stands beside the flag
    summit_at: tuple[str, str]
    waypoints: tuple[Waypoint, ...]
    stones: tuple[str, ...]  # from the ground up, over a waypoint
    hit: str  # what a finger finds around a waypoint
    number_at: tuple[str, str]
    ring: str  # radius of a day without a stone
    ring_ahead: str
    label: str  # what it is, for those who follow its links without seeing it
    summary: str  # what it shows, where it has none


def ridge(
    totals: Sequence[int | None],
    today: int | None,
    frame: Frame,
    *,
    labels: Sequence[str] = ("",) * DAYS,
    urls: Sequence[str] = ("",) * DAYS,
    label: str = "",
    summary: str = "",
    summit: str = "",
) -> Ridge:
    """Draw the fourteen days whose stones are `totals`: 0 to 6, None for a day still ahead.

    `today` (1 to 14) has the mark "you are here"; None when it is none of the fourteen. `labels`
    and `urls` belong to the days.
    """
    mountain = Mountain(totals, frame)
    walked = sum(total is not None for total in totals)
    is_whole = walked == DAYS and today is None
    way = mountain.way_to(walked) if walked else []
    edge = mountain.far_side if is_whole else mountain.spur(walked, 1, 0.14)
    facets = [mountain.facet(day) for day in range(1, DAYS + 1)]
    in_shade = DAYS if is_whole else max(0, walked - 1)
    summit_x, summit_y = mountain.points[DAYS]
    pole_foot = summit_y - cairns.reach(frame, totals[-1], is_today=today == DAYS)
    pole_top = pole_foot - 34 * frame.scale
    # Beside the flag, and above what stands on the days before it.
    summit_text_y = min(
        pole_top + 10,
        *(
            mountain.points[day][1]
            - cairns.reach(frame, totals[day - 1], is_today=day == today)
            - 8
            for day in range(DAYS - 5, DAYS)
        ),
    )
    # No empty sky: room for what stands on the summit, and for the flag with its words.
    over = 98 if totals[-1] or today == DAYS else 56
    sky = min(summit_y - over * frame.scale, summit_text_y - 18)
    return Ridge(
        frame=frame.name,
        view_box=f"0 {rounded(sky)} {rounded(frame.width)} {rounded(frame.height - sky)}",
        ranges=ranges(frame, frame.height - sky),
        ahead="" if is_whole else path([*mountain.line, *mountain.far_side], closed=True),
        body=path([*way, *edge], closed=True) if walked else "",
        shade="".join(facets[:in_shade]),
        shade_ahead="".join(facets[in_shade:]),
        pencil=path(mountain.way_from(walked) if walked else mountain.line),
        walked=path([*way, *edge] if is_whole else way),
        pole=path([(summit_x, pole_foot), (summit_x, pole_top)]),
        flag=cairns.flag(frame, (summit_x, pole_top)),
        summit=summit,
        summit_at=(rounded(summit_x - 12), rounded(summit_text_y)),
        waypoints=tuple(
            Waypoint(
                number=day,
                x=x,
                y=y,
                stones=totals[day - 1],
                is_today=day == today,
                label=labels[day - 1],
                url=urls[day - 1],
                at=pair((x, y)),
                here=cairns.here(frame, totals[day - 1]) if day == today else "",
            )
            for day, (x, y) in enumerate(mountain.points[1:], 1)
        ),
        stones=tuple(cairns.stone(frame, number) for number in range(STONES_PER_DAY)),
        hit=cairns.hit(frame),
        number_at=(rounded(frame.number_at[0]), rounded(frame.number_at[1])),
        ring=rounded(4 * frame.scale),
        ring_ahead=rounded(3.6 * frame.scale),
        label=label,
        summary=summary,
    )
