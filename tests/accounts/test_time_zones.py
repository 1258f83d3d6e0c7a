import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts import time_zones
from accounts.models import User
from program.models import Enrollment
from tests.posting import text_of
from tests.zones import NAMES, clock

HOSTILE = [
    *("", " ", ".", "..", "/", "\\", "\0", "UTC\0", "UTC ", " UTC", "utc", "\ud800", "é", "日本"),
    *("../UTC", "../../etc/passwd", "/etc/localtime", "Europe/../UTC", "Europe/./Stockholm"),
    *("Europe", "America/Argentina", "Europe/", "/Europe/Stockholm", "Europe//Stockholm"),
    *("zone.tab", "tzdata.zi", "zones", "__init__", "__init__.py", "Europe/__init__.py"),
    *("Europe/Atlantis", "Mars/Olympus", "UTC+2", "GMT+25", "+02:00", "120", "None", "null"),
    *("posix/Europe/Stockholm", "right/UTC", "posixrules", "localtime", "leapseconds"),
    *("x" * 65, "x" * 5000, "a/" * 500, "%00", "<b>", "'; DROP TABLE accounts_user;--"),
    *("CON", "Europe/Stockholm\n", "Europe\\Stockholm", "Europe:Stockholm", "tzdata.zoneinfo"),
]
# Once known, and no longer in the data under any name.
GONE = [
    "Asia/Riyadh87",
    "Mideast/Riyadh89",
    "SystemV/EST5EDT",
    "US/Pacific-New",
    "Canada/East-Saskatchewan",
]


@pytest.mark.parametrize("name", HOSTILE + GONE)
def test_zone_or_utc_of_an_unknown_name_is_utc(name: str) -> None:
    assert time_zones.zone_or_utc(name).key == "UTC"
    assert not time_zones.is_known(name)


@given(st.text(max_size=80))
def test_zone_or_utc_never_raises(name: str) -> None:
    zone = time_zones.zone_or_utc(name)

    assert zone.key in (name, "UTC")


@pytest.mark.parametrize("name", HOSTILE + GONE)
def test_canonical_refuses_an_unknown_name(name: str) -> None:
    with pytest.raises(ValidationError, match="Choose a time zone"):
        time_zones.canonical(name)


def test_canonical_of_every_name_runs_like_it_and_is_in_use() -> None:
    in_use = {name: time_zones.canonical(name) for name in NAMES if name != time_zones.UNSET}

    assert len(in_use) >= 597
    assert [name for name in in_use if clock(in_use[name]) != clock(name)] == []
    assert [name for name in in_use.values() if time_zones.canonical(name) != name] == []
    # Names without a place, such as Etc/GMT+5, are the only ones beside the list.
    beside = {name for name in in_use.values() if name not in time_zones.names()}
    assert {name for name in beside if "/" in name and not name.startswith("Etc/")} == set()


def test_canonical_refuses_the_zone_of_a_machine_that_nobody_has_set() -> None:
    with pytest.raises(ValidationError, match="Choose a time zone"):
        time_zones.canonical("Factory")


def test_canonical_leaves_every_listed_name() -> None:
    assert len(time_zones.names()) > 400
    assert [time_zones.canonical(name) for name in time_zones.names()] == list(time_zones.names())


def test_aliases_lead_from_older_names_to_listed_ones() -> None:
    aliases = time_zones.aliases()

    assert aliases["Asia/Calcutta"] == "Asia/Kolkata"
    assert aliases["Europe/Kiev"] == "Europe/Kyiv"
    assert not set(aliases) & set(time_zones.names())
    assert set(aliases.values()) <= set(time_zones.names())


@pytest.mark.parametrize("name", ["Europe/Atlantis", "Asia/Riyadh87", "../etc/passwd", "<b>", " "])
def test_page_of_somebody_with_an_unknown_zone_says_so_and_goes_by_utc(
    alice_client: Client, alice: User, enrollment: Enrollment, name: str
) -> None:
    alice.set_clock(time_zone=name, day_end_hour=0)

    response = alice_client.get("/today/")

    page = text_of(response)
    assert response.status_code == 200
    assert "Day 9 of 14" in page
    assert "We do not know the time zone" in page
    assert "<b>”" not in page


def test_page_of_somebody_with_a_known_zone_says_nothing(
    alice_client: Client, enrollment: Enrollment
) -> None:
    page = text_of(alice_client.get("/today/"))

    assert "We do not know the time zone" not in page
