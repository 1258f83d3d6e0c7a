"""What the journeys share: names for what stands on a page, and a look at what is stored."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.core import mail
from django.test import Client
from playwright._impl._api_structures import SetCookieParam
from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    Response,
    expect,
)

from accounts.models import User
from program.models import DailyEntry, Enrollment
from tests.waiting import wait_until

PHONE, DESK = (390, 844), (1280, 900)
# Milliseconds. It costs nothing while all is well, and a busy machine makes everybody wait.
PATIENCE = 30_000

# The browser adds this, not the page, so it runs under any policy.
_REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  reportViolation(`${event.effectiveDirective} blocked ${event.blockedURI}`))
"""


class OpenContext(Protocol):
    def __call__(self, size: tuple[int, int] = PHONE, **options: Any) -> BrowserContext: ...


class OpenPhone(Protocol):
    def __call__(self, folder: Path | None = None, **options: Any) -> BrowserContext: ...


class LogIn(Protocol):
    def __call__(
        self, user: User, context: BrowserContext | None = None, **options: Any
    ) -> Page: ...


class Complaints:
    """What the pages of a test complained of; a test says beforehand what it makes them say."""

    def __init__(self) -> None:
        self._said: list[str] = []
        # What Playwright says of a context without the worker.
        self._expected: list[str] = ["Service Worker registration blocked by Playwright"]

    def expect_status(self, status: int) -> None:
        """The browser and htmx each have words of their own for it."""
        self._expected += [f"a status of {status}", f"Status Error Code {status}"]

    def expect(self, words: str) -> None:
        self._expected.append(words)

    def expect_no_network(self) -> None:
        self._expected += ["ERR_INTERNET_DISCONNECTED", "htmx:sendError", "htmx:afterRequest"]

    def listen_to(self, context: BrowserContext) -> None:
        context.on("weberror", lambda error: self._said.append(str(error.error)))
        context.on("console", self._hear)
        context.expose_binding("reportViolation", lambda _source, words: self._said.append(words))
        context.add_init_script(_REPORT_VIOLATIONS)

    def unexpected(self) -> list[str]:
        return [said for said in self._said if not any(words in said for words in self._expected)]

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self._said.append(f"{message.text} at {message.location['url']}")


def session_cookie(user: User, url: str) -> SetCookieParam:
    client = Client()
    client.force_login(user)
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    return {"name": settings.SESSION_COOKIE_NAME, "value": value, "url": url}


def emailed_code(*, mails: int = 1) -> str:
    """The six digits of the newest of that many mails; the server may still be sending it."""
    wait_until(lambda: len(mail.outbox) >= mails)
    assert len(mail.outbox) == mails
    found = re.search(r"^\s*(\d{6})\s*$", str(mail.outbox[-1].body), re.MULTILINE)
    assert found, mail.outbox[-1].body
    return found[1]


STONES = {"share": "Tell someone", "act": "Do something", "request": "Ask for something"}
LINES = {
    "share": "Share {}: Whom did you tell?",
    "act": "Act {}: What did you do?",
    "request": "Request {}: Whom did you ask, and for what?",
}


def stone(page: Page, practice: str, number: int) -> Locator:
    name = re.compile(rf"^{STONES[practice]}, {number}( of 2)?$")
    return page.get_by_role("button", name=name)


def line(page: Page, practice: str, number: int) -> Locator:
    return page.get_by_role("textbox", name=LINES[practice].format(number), exact=True)


def is_save(response: Response) -> bool:
    """For expect_response: the answer to a stone, a line, an outcome or a reflection."""
    return response.request.method == "POST" and "/days/" in response.url


def wait_until_drawn(page: Page) -> None:
    """No answer is awaited any more, and all that came are on the page.

    htmx marks an element in the very task that sends, and takes the mark off in the one that draws
    the answer. An answer that Playwright tells of may still have to be drawn.
    """
    expect(page.locator(".htmx-request")).to_have_count(0)


@contextmanager
def answered(page: Page, wanted: Callable[[Response], bool] = is_save) -> Iterator[None]:
    """What is done inside gets such an answer, and the page has drawn it."""
    with page.expect_response(wanted):
        yield
    wait_until_drawn(page)


@contextmanager
def unanswered(page: Page) -> Iterator[None]:
    """What is done inside does not get through, and the page knows it."""
    with page.expect_event("requestfailed", _is_post):  # and not the icon of the page
        yield
    wait_until_drawn(page)


def _is_post(request: Request) -> bool:
    return request.method == "POST"


def write(page: Page, practice: str, number: int, words: str) -> None:
    """Type into a line and leave it; back when it is saved."""
    with answered(page, _is_line_saved):
        leave(line(page, practice, number), words)


def leave(field: Locator, words: str) -> None:
    """Type into a field that saves itself, and go on."""
    field.fill(words)
    field.blur()


def pass_double_tap(page: Page) -> None:
    """Be slower than a double tap: what comes next is meant."""
    page.wait_for_function(
        "since => performance.now() - since > 400", arg=page.evaluate("performance.now()")
    )


def _is_line_saved(response: Response) -> bool:
    return is_save(response) and "line=" in (response.request.post_data or "") and response.ok


def stored(enrollment: Enrollment) -> list[tuple[str, str, bool]]:
    """Practice, line and placed or not of every entry, in the order of their making."""
    rows = DailyEntry.objects.of(enrollment).filter(removed_at=None).in_order()
    return [(row.practice, row.line, row.is_placed) for row in rows]


def shoot(page: Page, name: str) -> None:
    """A picture for a person to look at, where SCREENSHOTS names a folder."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
