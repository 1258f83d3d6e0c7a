"""The strip of the fourteen days above a day, and the ways to the one before and after."""

from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _

from breakthrough.http import HttpRequest
from program.models import Enrollment
from program.models.stones import Counts, stones

Context = dict[str, Any]


class DayLook(NamedTuple):
    """A day of the strip, without its address."""

    number: int
    stones: int | str  # none of a day that is still ahead
    current: str

    @property
    def label(self) -> str:
        if self.stones == "":
            return _("Day %(number)d, still ahead") % {"number": self.number}
        values = {"number": self.number, "placed": self.stones}
        return _("Day %(number)d, %(placed)d of 6") % values


def days(
    enrollment: Enrollment, shown: date | None, counts: Counts, request: HttpRequest
) -> list[Context]:
    now = enrollment.today(request.now)
    return [day_link(enrollment, day, shown, counts, now) for day in enrollment.dates]


def day_link(
    enrollment: Enrollment, day: date, shown: date | None, counts: Counts, now: date
) -> Context:
    look = DayLook(
        number=enrollment.dates.index(day) + 1,
        stones="" if day > now else stones(counts.get(day, {})),
        # As ARIA names them: "date" is today's, "page" another day that is looked at.
        current="date" if day == now else "page" if day == shown else "",
    )
    return {"look": look, "url": day_url(day, now)}


class Neighbor(NamedTuple):
    url: str
    number: int


def neighbors(enrollment: Enrollment, day: date, now: date) -> Context:
    dates, position = enrollment.dates, enrollment.dates.index(day)
    before = dates[position - 1] if position else None
    after = dates[position + 1] if position + 1 < len(dates) else None
    return {
        "previous": before and Neighbor(day_url(before, now), position),
        "next": after and Neighbor(day_url(after, now), position + 2),
    }


@lru_cache(1000)  # a page names all fourteen
def _url(day: date) -> str:
    return reverse("day_detail", args=[day])


def day_url(day: date, now: date) -> str:
    return reverse("today") if day == now else _url(day)
