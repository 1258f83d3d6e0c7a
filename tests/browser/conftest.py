"""One Chromium for all, a context of its own for every person in a test, and no complaint of a
page left unread: errors, console errors and violations of the policy fail the test at its end.
"""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import connections
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from program.models import Enrollment
from tests.browser.pages import PHONE, Complaints, LogIn, OpenContext, session_cookie

NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def browser(django_db_setup: None) -> Iterator[Browser]:
    chromium = next(filter(None, map(shutil.which, NAMES)), None)
    assert chromium, "The browser tests need Chromium: run bin/find-chromium."
    # Playwright keeps an event loop in this thread, which Django takes for async code: it asks for
    # leave, and opens connections of its own beside those from before.
    connections.close_all()
    with sync_playwright() as playwright:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
        browser = playwright.chromium.launch(
            executable_path=chromium,
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
def open_context(
    browser: Browser,
    complaints: Complaints,
    transactional_db: None,
    noon: time_machine.Traveller,
    live_server: LiveServer,
) -> Iterator[OpenContext]:
    """Opens a browser without a history or cookies; all contexts close with the test."""
    contexts = []

    def open_it(size: tuple[int, int] = PHONE, **options: Any) -> BrowserContext:
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": size[0], "height": size[1]},
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(10_000)
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
