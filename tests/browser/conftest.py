"""One Chromium for all, a context of its own for every person in a test, and no complaint of a
page left unread: errors, console errors and violations of the policy fail the test at its end.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.signals import request_finished, request_started
from django.db import connections
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from program.models import Enrollment
from tests.browser.pages import (
    PATIENCE,
    PHONE,
    Complaints,
    LogIn,
    OpenContext,
    OpenPhone,
    session_cookie,
)
from tests.browser.wire import Wire, fine
from tests.waiting import wait_until

NAMES = ("chromium", "chromium-browser", "google-chrome")

expect.set_options(timeout=PATIENCE)


def _chromium() -> str:
    chromium = next(filter(None, map(shutil.which, NAMES)), None)
    assert chromium, "The browser tests need Chromium: run bin/find-chromium."
    return chromium


# Gone before a test of another folder comes: asyncio would not work beside the loop below.
@pytest.fixture(scope="package")
def browser(django_db_setup: None) -> Iterator[Browser]:
    # Playwright keeps an event loop in this thread, which Django takes for async code: it asks for
    # leave, and opens connections of its own beside those from before.
    connections.close_all()
    with sync_playwright() as playwright:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
        browser = playwright.chromium.launch(
            executable_path=_chromium(),
            args=["--no-sandbox", "--disable-background-networking"],
            # Playwright turns the Back of real browsers off; it is where logged-out pages leak.
            ignore_default_args=["--disable-back-forward-cache"],
        )
        yield browser
        browser.close()
        connections.close_all()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    complaints = Complaints()
    yield complaints
    assert complaints.unexpected() == []


@pytest.fixture
def server(transactional_db: None, live_server: LiveServer) -> Iterator[LiveServer]:
    """Ends when it is idle: a request that a closed page has left behind would meet the emptying of
    the tables, or write into the next test.
    """
    begun: list[object] = []
    ended: list[object] = []

    def begin(sender: object, **_more: object) -> None:
        begun.append(sender)

    def end(sender: object, **_more: object) -> None:
        ended.append(sender)

    request_started.connect(begin)
    request_finished.connect(end)
    yield live_server
    wait_until(lambda: len(ended) >= len(begun))
    request_started.disconnect(begin)
    request_finished.disconnect(end)


@pytest.fixture
def open_context(
    browser: Browser,
    complaints: Complaints,
    noon: time_machine.Traveller,
    server: LiveServer,
) -> Iterator[OpenContext]:
    """Opens a browser without a history or cookies; all contexts close with the test."""
    contexts = []

    def open_it(size: tuple[int, int] = PHONE, **options: Any) -> BrowserContext:
        context = browser.new_context(
            base_url=server.url,
            viewport={"width": size[0], "height": size[1]},
            reduced_motion="reduce",
            # Without the worker, as on a first visit: what it does has tests of its own.
            **{"service_workers": "block", **options},
        )
        context.set_default_timeout(PATIENCE)
        complaints.listen_to(context)
        contexts.append(context)
        return context

    yield open_it
    for context in contexts:
        context.close()


@pytest.fixture
def log_in(open_context: OpenContext, live_server: LiveServer) -> LogIn:
    """Opens a page for somebody who is logged in, in a context of their own or the one given."""

    def log_in(user: User, context: BrowserContext | None = None, **options: Any) -> Page:
        context = context or open_context(**options)
        context.add_cookies([session_cookie(user, live_server.url)])
        return context.new_page()

    return log_in


@pytest.fixture
def alice_page(log_in: LogIn, enrollment: Enrollment) -> Page:
    """Alice's Today on a phone: day 9 and nothing placed yet."""
    page = log_in(enrollment.participant)
    page.goto("/today/")
    return page


# --- Phones whose network comes and goes: not isolated from their worker, as the others are -----


@pytest.fixture
def wire(server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    # A style sheet is 70 files here, which a server sends as one.
    monkeypatch.setattr("program.views.offline.parts_of", lambda name: [name])
    wire = Wire(server.url)
    wire.start()
    yield wire
    wire.stop()


@pytest.fixture
def open_phone(
    browser: Browser, wire: Wire, noon: time_machine.Traveller, complaints: Complaints
) -> Iterator[OpenPhone]:
    """A browser of its own; with a folder, one that remembers what the last one there knew."""
    for words in ("ERR_", "a status of 50", "a status of 40", "Status Error Code"):
        complaints.expect(words)
    contexts = []

    def open_it(folder: Path | None = None, **more: Any) -> BrowserContext:
        options: dict[str, Any] = {
            "base_url": wire.url,
            "viewport": {"width": PHONE[0], "height": PHONE[1]},
            "reduced_motion": "reduce",
            **more,
        }
        if folder:
            context = browser.browser_type.launch_persistent_context(
                folder,
                executable_path=_chromium(),
                args=["--no-sandbox"],
                ignore_default_args=["--disable-back-forward-cache"],
                **options,
            )
        else:
            context = browser.new_context(**options)
        context.set_default_timeout(PATIENCE)
        complaints.listen_to(context)
        contexts.append(context)
        return context

    yield open_it
    wire.trouble = fine
    for context in contexts:
        context.close()


@pytest.fixture
def phone(open_phone: OpenPhone, wire: Wire, enrollment: Enrollment) -> BrowserContext:
    context = open_phone()
    context.add_cookies([session_cookie(enrollment.participant, wire.url)])
    return context
