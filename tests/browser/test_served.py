"""The site as a server runs it: DEBUG off, files collected, granian with several processes."""

import http.client
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Browser

from accounts.models import User
from tests.browser.pages import PHONE, session_cookie
from tests.factories import make_enrollment
from tests.resilience.launched import copied_project, free_port
from tests.waiting import wait_until

CLIENTS = 12


@dataclass(frozen=True)
class Served:
    port: int

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def ask(
        self, method: str, path: str, body: dict[str, str] | None = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        web = http.client.HTTPConnection("localhost", self.port, timeout=60)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            named["Content-Type"] = "application/x-www-form-urlencoded"
        web.request(method, path, urlencode(body) if body is not None else None, named)
        answer = web.getresponse()
        found = answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        web.close()
        return found


@pytest.fixture(scope="module")
def served(django_db_setup: None) -> Iterator[Served]:
    """We play the one proxy that it trusts, so X-Forwarded-For says who asks."""
    served = Served(free_port())
    database = urlsplit(os.environ["DATABASE_URL"])
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "breakthrough.settings",
        "SECRET_KEY": os.environ["SECRET_KEY"],
        "SITE_URL": served.url,
        "DATABASE_URL": database._replace(path=f"/{connection.settings_dict['NAME']}").geturl(),
        "TRUSTED_PROXY_COUNT": "1",
    }
    granian = "--interface wsgi --workers 4 --blocking-threads 1 --no-ws --log-level warning"
    with copied_project() as folder:
        run: dict[str, Any] = {"cwd": folder, "env": environment}
        collect = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity=0"]
        subprocess.run(collect, check=True, **run)
        command = [sys.executable, "-m", "granian", *granian.split(), "--port", str(served.port)]
        server = subprocess.Popen([*command, "breakthrough.wsgi:application"], **run)
        wait_until(lambda: _answers(served), 120)
        yield served
        server.terminate()
        server.wait(timeout=60)


def _answers(served: Served) -> bool:
    with suppress(OSError):
        return served.ask("HEAD", "/")[0] == 200
    return False


# --- What a first visit weighs ------------------------------------------------------------------


@dataclass(frozen=True)
class Weight:
    by_url: dict[str, int]
    headers: int

    @property
    def total(self) -> int:
        return sum(self.by_url.values())


def weigh(browser: Browser, served: Served, path: str, user: User | None = None) -> Weight:
    """Bytes of a cold load by URL: all that came over the wire, headers included."""
    context = browser.new_context(viewport={"width": PHONE[0], "height": PHONE[1]})
    if user:
        context.add_cookies([session_cookie(user, served.url)])
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})
    urls: dict[str, str] = {}
    weight: dict[str, int] = {}
    headers = 0

    def start(event: Any) -> None:
        nonlocal headers
        headers += int(event["response"]["encodedDataLength"])

    def finish(event: Any) -> None:
        weight[urls[event["requestId"]]] = int(event["encodedDataLength"])

    devtools.on(
        "Network.requestWillBeSent", lambda e: urls.update({e["requestId"]: e["request"]["url"]})
    )
    devtools.on("Network.responseReceived", start)
    devtools.on("Network.loadingFinished", finish)
    page.goto(f"{served.url}{path}", wait_until="networkidle")
    assert urlsplit(page.url).path == path
    # The icon may come late. Asked, the page hands on what it has said meanwhile.
    wait_until(lambda: page.evaluate("true") and sorted(weight) == sorted(urls.values()))
    context.close()
    print(f"{path}: {sum(weight.values())} bytes, {headers} of them headers: {weight}")
    return Weight(weight, headers)


def test_first_visit_to_today_is_30_kilobytes_in_5_requests(
    browser: Browser, served: Served, transactional_db: None, alice: User
) -> None:
    make_enrollment(participant=alice, starts_on=timezone.localdate() - timedelta(days=3))

    weight = weigh(browser, served, "/today/", alice)

    # Headers are counted too, as HTTP/1.1 spells them out; the icon is the browser's own affair.
    icon = sum(size for url, size in weight.by_url.items() if "/img/icon" in url)
    assert weight.total - icon <= 30 * 1024
    assert len(weight.by_url) <= 5
    assert not any(re.search(r"\.(woff2?|ttf|otf)", url) for url in weight.by_url)


def test_first_visit_to_the_landing_page_is_45_kilobytes(
    browser: Browser, served: Served, transactional_db: None
) -> None:
    weight = weigh(browser, served, "/")

    assert weight.total <= 45_000
    assert not any(re.search(r"\.(woff2?|ttf|otf)", url) for url in weight.by_url)


def test_static_files_are_compressed_and_kept_for_good(served: Served, db: None) -> None:
    page = served.ask("GET", "/")[2].decode()
    names = sorted(set(re.findall(r'"(/static/[^"#]+)', page)))

    assert len(names) == 4
    for name in names:
        status, headers, _body = served.ask("GET", name, Accept_Encoding="gzip, br")
        assert status == 200
        assert headers["cache-control"] == "max-age=315360000, public, immutable"
        assert headers["content-encoding"] == "br"
        assert headers["x-content-type-options"] == "nosniff"
        assert re.search(r"\.[0-9a-f]{12}\.", name)


# --- A limit is one limit for all processes ------------------------------------------------------


def at_once(
    served: Served, path: str, posts: list[tuple[dict[str, str], str]]
) -> list[tuple[int, bytes]]:
    """Posts each of (fields, address of the client), CLIENTS at a time."""
    page = served.ask("GET", path)[1]
    cookie = page["set-cookie"].split(";")[0]
    token = cookie.partition("=")[2]

    def post(fields: dict[str, str], address: str) -> tuple[int, bytes]:
        headers = {"Cookie": cookie, "X_CSRFToken": token, "X_Forwarded_For": address}
        status, _headers, body = served.ask("POST", path, fields, **headers)
        return status, body

    with ThreadPoolExecutor(CLIENTS) as clients:
        return list(clients.map(lambda one: post(*one), posts))


def test_wrong_passwords_are_looked_at_five_times(
    served: Served, transactional_db: None, alice: User
) -> None:
    fields = {"login": alice.email, "password": "not the one"}

    answers = at_once(served, "/accounts/login/", [(fields, f"9.9.9.{n}") for n in range(24)])

    assert {status for status, _body in answers} == {200}
    assert sum(b"do not belong together" in body for _status, body in answers) == 5
    assert sum(b"a lot of tries" in body for _status, body in answers) == 19


def test_new_passwords_are_asked_for_five_times(
    served: Served, transactional_db: None, alice: User
) -> None:
    posts = [({"email": alice.email}, f"9.9.9.{n}") for n in range(24)]

    answers = at_once(served, "/accounts/password/reset/", posts)

    assert sorted(status for status, _body in answers) == [302] * 5 + [429] * 19


def test_login_codes_are_asked_for_three_times(
    served: Served, transactional_db: None, alice: User
) -> None:
    posts = [({"email": alice.email}, f"9.9.9.{n}") for n in range(24)]

    answers = at_once(served, "/accounts/login/code/", posts)

    assert sorted(status for status, _body in answers) == [200] * 21 + [302] * 3


def test_signups_from_one_address_are_looked_at_twenty_times(
    served: Served, transactional_db: None
) -> None:
    answers = at_once(served, "/accounts/signup/", [({}, "9.9.9.9")] * 36)

    assert sorted(status for status, _body in answers) == [200] * 20 + [429] * 16
