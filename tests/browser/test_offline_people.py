"""Without a connection: what is refused, whose it is on a device of several, and new versions."""

import uuid

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import BrowserContext, expect

from accounts.models import User
from program.models import Enrollment
from tests.browser.pages import leave, line, shoot, stone, stored
from tests.browser.phones import (
    expect_unsent,
    go_online,
    in_worker,
    kept,
    log_in_as,
    log_out,
    open_today,
    wait_until_sent,
)
from tests.browser.wire import Wire, fine
from tests.factories import make_enrollment, make_entry
from tests.waiting import wait_until

# --- Refused -------------------------------------------------------------------------------------


def test_what_is_refused_is_shown_with_its_words_and_goes_only_when_let_go(
    phone: BrowserContext, wire: Wire, enrollment: Enrollment
) -> None:
    page = open_today(phone)
    with wire.down():
        leave(line(page, "share", 1), "My sister <b>on</b> the phone")
        expect_unsent(page, 1)
        entry = page.locator("form.entry").first.get_attribute("id") or ""
        other = make_entry(enrollment=enrollment, practice="act")
        other.client_id = uuid.UUID(entry.removeprefix("entry-"))  # another entry's by now
        other.save()
        page.close()
    page = open_today(phone)

    expect(page.locator(".unsent")).to_have_text("Not taken (1)")
    page.locator(".unsent a").click()
    item = page.locator("#unsent li")
    expect(item).to_contain_text("My sister <b>on</b> the phone")
    expect(item).to_contain_text("That entry belongs to another day.")
    shoot(page, "refused")
    page.reload()
    expect(item).to_have_count(1)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    item.get_by_role("button", name="Copy the words").click()
    expect(page.locator("#unsent-status")).to_have_text("Copied.")
    item.get_by_role("button", name="Let it go").click()
    expect(item).to_have_count(0)
    assert kept(phone) == []


# --- One device, several people ------------------------------------------------------------------


def test_an_ended_session_waits_for_its_owner_whoever_logs_in_meanwhile(
    phone: BrowserContext, wire: Wire, enrollment: Enrollment, bob: User
) -> None:
    bobs = make_enrollment(participant=bob, statement="Sing in public")
    page = open_today(phone)
    with wire.down():
        leave(line(page, "share", 1), "Alice's sister")
        expect_unsent(page, 1)
    Session.objects.all().delete()
    page.goto("/offline/")
    expect(page.get_by_text("Log in when there is a connection.")).to_be_visible()
    assert "Alice's sister" not in page.content()

    def tries() -> int:
        return sum(asked.method == "POST" and "/entries/" in asked.path for asked in wire.asked)

    tried = tries()
    log_in_as(page, "bob")
    is_bobs = f"about().then((here) => here?.account === '{bob.offline_key}')"
    wait_until(lambda: in_worker(phone, is_bobs))
    expect(page.locator(".unsent")).to_have_count(0)
    page.goto("/offline/")
    expect(page.get_by_role("heading", name="Not sent yet", exact=True)).to_be_visible()
    assert "Alice's sister" not in page.content()
    page.goto("/today/")
    log_out(page)
    expect(page.get_by_role("link", name="Log in").first).to_be_visible()
    assert len(kept(phone)) == 1
    assert stored(bobs) == stored(enrollment) == []
    assert tries() == tried, "her words were sent with his session"

    log_in_as(page, "alice")
    wait_until_sent(phone)
    assert stored(enrollment) == [("share", "Alice's sister", False)]
    assert stored(bobs) == []


def test_logging_out_asks_where_something_is_unsent(
    phone: BrowserContext, wire: Wire, enrollment: Enrollment
) -> None:
    page = open_today(phone)
    wire.trouble = lambda asked: "away" if "/days/" in asked.path else ""
    leave(line(page, "share", 1), "My sister")
    expect_unsent(page, 1)

    log_out(page)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("What you wrote here is not sent yet (1).")
    shoot(page, "leaving")
    dialog.get_by_role("button", name="Stay logged in").click()
    expect(dialog).to_have_count(0)
    assert len(kept(phone)) == 1
    log_out(page)
    dialog.get_by_role("button", name="Delete it and log out").click()

    expect(page.get_by_role("link", name="Log in").first).to_be_visible()
    databases = page.evaluate("indexedDB.databases().then((all) => all.length)")
    assert (databases, page.evaluate("caches.keys()")) == (0, [])
    assert stored(enrollment) == []


# --- A new version -------------------------------------------------------------------------------


def test_a_new_version_takes_over_and_sends_what_the_old_one_kept(
    phone: BrowserContext,
    wire: Wire,
    enrollment: Enrollment,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = open_today(phone)
    old = in_worker(phone, "SETUP.version")
    wire.trouble = lambda asked: "away" if asked.method == "POST" else ""
    stone(page, "share", 1).click()
    expect_unsent(page, 1)
    monkeypatch.setattr("program.views.offline._offline_page", lambda: "<title>new</title>")

    page.evaluate("navigator.serviceWorker.ready.then((here) => here.update())")
    wait_until(lambda: in_worker(phone, "SETUP.version") != old)
    page.wait_for_function("() => caches.keys().then((names) => names.length === 1)")
    assert len(kept(phone)) == 1
    wire.trouble = fine
    go_online(page)  # a page of the old version

    wait_until_sent(phone)
    assert stored(enrollment) == [("share", "", True)]
