"""The time zones a person can choose, from the pinned tzdata package.

A zone is stored by its IANA name, never as an offset: an offset is wrong twice a year.
"""

from collections import defaultdict
from datetime import datetime
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from django.core.exceptions import ValidationError
from django.utils.formats import time_format
from django.utils.translation import gettext_lazy as _

UTC = "UTC"
# The zone of a machine that nobody has set up, and of no person.
UNSET = "Factory"


def zone_or_utc(name: str) -> ZoneInfo:
    """The zone named, or UTC when this release of the zone data does not know the name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(UTC)


def is_known(name: str) -> bool:
    return name in _known_names()


def canonical(name: str) -> str:
    """The name in use today for `name` ("Asia/Calcutta" is Asia/Kolkata); names in use stay.

    Raises ValidationError for a name that the zone data does not hold.
    """
    if not is_known(name):
        raise ValidationError(_("Choose a time zone from the list."), code="unknown_zone")
    listed, links = set(names()), _links()
    while name not in listed and name in links:
        name = links[name]
    return name


@cache
def names() -> tuple[str, ...]:
    """Every place of the zone data's own list (zone.tab), and UTC; about 420 names."""
    rows = _data("zone.tab").splitlines()
    places = {row.split("\t")[2] for row in rows if row and not row.startswith("#")}
    return (*sorted(places & _known_names()), UTC)


def choices(now: datetime, current: str) -> list[tuple[str, str | list[tuple[str, str]]]]:
    """Choices of a select, grouped by region, each with the time it is there at `now`.

    A `current` zone that is not among them stands first, so that no other is chosen unseen.
    """
    groups: dict[str, list[tuple[str, str]]] = defaultdict(list)
    written = cache(time_format)  # some forty times of day for four hundred places
    for name, zone in _zones().items():
        region, _slash, place = name.partition("/")
        clock = written(now.astimezone(zone).time())
        groups[region].append((name, f"{(place or region).replace('_', ' ')} ({clock})"))
    unlisted = [] if current in _zones() else [(current, current)]
    return [*unlisted, *groups.items()]


@cache
def aliases() -> dict[str, str]:
    """The name we list by the older one that a browser may still go by; about seventy."""
    listed = set(names())
    regions = {name.partition("/")[0] for name in listed}
    found = {name: canonical(name) for name in _links() if name.partition("/")[0] in regions}
    return {name: now for name, now in found.items() if name not in listed and now in listed}


@cache
def _zones() -> dict[str, ZoneInfo]:
    # ZoneInfo itself keeps eight; to read all of them for each form took 30 ms.
    return {name: ZoneInfo(name) for name in names()}


@cache
def _known_names() -> frozenset[str]:
    # Every page asks; reading the list takes as long as a query.
    return frozenset(available_timezones() - {UNSET})


@cache
def _links() -> dict[str, str]:
    # Lines such as "L Asia/Kolkata Asia/Calcutta": the name in use, then the alias.
    rows = (row.split() for row in _data("tzdata.zi").splitlines() if row.startswith("L "))
    links = {alias: target for _letter, target, alias in rows}
    return {**links, "Etc/UTC": UTC}  # We list it by its short name.


def _data(name: str) -> str:
    return resources.files("tzdata.zoneinfo").joinpath(name).read_text("utf-8")
