"""Phones whose network comes and goes, and what their workers keep."""

from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from tests.factories import PASSWORD
from tests.waiting import wait_until


def open_today(context: BrowserContext, path: str = "/today/") -> Page:
    """Once the worker stands between this page and the network, and knows whose browser it is."""
    page = context.new_page()
    page.goto(path)
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    wait_until(lambda: in_worker(context, "about()") is not None)
    return page


def in_worker(context: BrowserContext, script: str) -> Any:
    return context.service_workers[-1].evaluate(script)


def kept(context: BrowserContext) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = in_worker(context, "all()")
    return found


def expect_unsent(page: Page, count: int) -> None:
    expect(page.locator(".unsent")).to_have_text(f"Not sent yet ({count})")


def wait_until_sent(context: BrowserContext) -> None:
    wait_until(lambda: kept(context) == [], 60)


def log_in_as(page: Page, name: str) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(f"{name}@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Day 9 of 14")).to_be_visible()


def log_out(page: Page) -> None:
    page.locator(".menu-button").click()
    page.get_by_role("button", name="Log out").click()


def go_online(page: Page) -> None:
    """As the browser says it, when a network is there again."""
    page.evaluate("dispatchEvent(new Event('online'))")
