"""What makes the site installable, and what a worker is told; what it does is in tests/browser."""

import json
import re
import struct
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from accounts.models import User
from breakthrough.development import ROOT
from program.models import Enrollment
from tests.factories import NOON, make_enrollment

WORKER = [ROOT / "static/js/worker.js", ROOT / "static/js/worker-store.js"]


def test_manifest_names_the_site_its_icons_and_two_shortcuts(client: Client) -> None:
    response = client.get("/manifest.webmanifest")

    manifest = response.json()
    assert response["Content-Type"] == "application/manifest+json"
    assert manifest["name"] == manifest["short_name"] == "Two Weeks"
    assert (manifest["start_url"], manifest["scope"]) == ("/today/", "/")
    assert [one["url"] for one in manifest["shortcuts"]] == ["/today/", "/requests/"]
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    for icon in manifest["icons"]:
        assert icon["sizes"] == "{0}x{0}".format(_width(icon["src"]))


def test_a_maskable_icon_fills_its_square() -> None:
    # Colors of a corner: without an alpha channel, or with none of it see-through, all is paint.
    file = Path(str(finders.find("img/icon-maskable-512.png")))
    assert file.read_bytes()[25] == 2  # the kind of its pixels: true color, no alpha


def _width(src: str) -> int:
    data = Path(str(finders.find(src.removeprefix("/static/")))).read_bytes()
    width: int = struct.unpack(">I", data[16:20])[0]
    return width


def test_worker_is_of_the_whole_site_and_may_only_ask_us(client: Client) -> None:
    response = client.get("/sw.js")

    assert response["Content-Type"] == "text/javascript"
    assert response["Cache-Control"] == "no-cache"
    policy = response["Content-Security-Policy"]
    assert policy == "default-src 'none'; script-src 'self'; connect-src 'self'"
    assert '"/static/js/worker.js"]);' in response.text


def test_worker_is_the_same_for_everybody(
    client: Client, alice_client: Client, enrollment: Enrollment
) -> None:
    for path in ("/sw.js", "/offline/", "/manifest.webmanifest"):
        assert alice_client.get(path).content == client.get(path).content


def test_worker_keeps_files_that_there_are_and_no_page_but_one(client: Client) -> None:
    shell = _setup(client)["shell"]

    pages = [path for path in shell if not path.startswith("/static/")]
    assert pages == ["/offline/"]
    assert client.get("/offline/").status_code == 200
    assert all(finders.find(path.removeprefix("/static/")) for path in shell if path not in pages)


def test_worker_has_another_version_where_the_page_says_something_else(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _setup(client)["version"]
    monkeypatch.setattr("program.views.offline._offline_page", lambda: "another page")

    assert _setup(client)["version"] != before


def test_worker_is_less_than_two_hundred_lines() -> None:
    for file in WORKER:
        assert len(file.read_text().splitlines()) < 200


def _setup(client: Client) -> dict[str, Any]:
    found = re.search(r"self\.SETUP = (.*);\n", client.get("/sw.js").text)
    assert found
    setup: dict[str, Any] = json.loads(found[1])
    return setup


def test_account_says_whose_browser_it_is_and_when_their_days_begin(
    alice_client: Client, alice: User, enrollment: Enrollment
) -> None:
    here = alice_client.get("/offline/account/").json()

    assert here["account"] == str(alice.offline_key)
    assert here["enrollment"] == str(enrollment.public_id)
    assert len(here["token"]) == 64
    day, begins, ends = here["days"][8]
    assert (day, len(here["days"])) == ("2027-03-16", 14)
    assert begins <= NOON.timestamp() * 1000 < ends
    assert ends - begins == timedelta(hours=24) / timedelta(milliseconds=1)


def test_account_goes_by_the_clock_of_its_owner(alice_client: Client, alice: User) -> None:
    make_enrollment(participant=alice)
    alice.set_clock(time_zone="America/New_York", day_end_hour=4)

    _day, begins, ends = alice_client.get("/offline/account/").json()["days"][5]  # clocks change

    assert ends - begins == timedelta(hours=23) / timedelta(milliseconds=1)


def test_account_of_somebody_without_two_weeks_has_no_days(client: Client, erin: User) -> None:
    client.force_login(erin)

    here = client.get("/offline/account/").json()

    assert (here["enrollment"], here["days"]) == (None, [])


def test_pages_name_the_account_by_its_own_key_alone(
    alice_client: Client, alice: User, bob: User, enrollment: Enrollment
) -> None:
    page = alice_client.get("/today/").content.decode()

    assert f'data-account="{alice.offline_key}"' in page
    assert alice.offline_key != bob.offline_key
    assert "data-account" not in Client().get("/accounts/login/").content.decode()


def test_logging_out_leaves_what_others_have_not_sent(alice_client: Client, alice: User) -> None:
    spared = alice_client.post("/accounts/logout/", {"spare": "others"})
    alice_client.force_login(alice)
    emptied = alice_client.post("/accounts/logout/")

    assert spared["Clear-Site-Data"] == '"cache"'
    assert emptied["Clear-Site-Data"] == '"cache", "storage"'
