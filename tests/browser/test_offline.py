"""Without a connection: what is checked off is kept, said to be kept, and sent once.

The browser's clock is months behind the server's in all of these tests, which stand at NOON.
"""

import random
from functools import partial
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import BrowserContext, expect

from accounts.models import User
from program.models import DailyEntry, Enrollment, Reflection
from tests.browser.pages import (
    OpenPhone,
    leave,
    line,
    pass_double_tap,
    session_cookie,
    shoot,
    stone,
    stored,
)
from tests.browser.phones import (
    expect_unsent,
    go_online,
    kept,
    open_today,
    wait_until_sent,
)
from tests.browser.wire import Asked, Wire, fine
from tests.factories import make_enrollment, make_entry
from tests.figures import figure
from tests.often import often
from tests.waiting import wait_until

# How often something comes between, in the last test: a few times here, 100 in `make resilience`.
INTERRUPTIONS = often(3, 100)
SIX = [(practice, number) for practice in ("share", "act", "request") for number in (1, 2)]


# --- Kept, and sent when there is a connection ---------------------------------------------------


def test_six_stones_survive_a_reload_and_a_closed_tab_and_arrive_once(
    phone: BrowserContext, wire: Wire, enrollment: Enrollment
) -> None:
    page = open_today(phone)
    with wire.down():
        for practice, number in SIX:
            stone(page, practice, number).click()
            expect(stone(page, practice, number)).to_have_attribute("data-unsent", "")
        expect_unsent(page, 6)
        expect(stone(page, "act", 2)).to_have_attribute("aria-pressed", "true")
        shoot(page, "unsent-stones")
        page.reload()
        expect(page.get_by_role("heading", name="You are out of range")).to_be_visible()
        expect(page.locator("#unsent li")).to_have_count(6)
        page.close()
        assert stored(enrollment) == []

    page = open_today(phone)

    wait_until_sent(phone)
    expect(page.locator("#tally")).to_have_text("All six. That is a whole cairn.")
    assert [row[0] for row in sorted(stored(enrollment))] == ["act"] * 2 + ["request"] * 2 + [
        "share"
    ] * 2
    assert wire.count("POST") == 12  # each tried twice, once without anybody there


def test_lines_outcomes_and_reflections_are_kept_too(
    phone: BrowserContext, wire: Wire, enrollment: Enrollment
) -> None:
    make_entry(enrollment=enrollment, practice="request", line="Jonas")
    page = open_today(phone)
    reflection = page.get_by_role("textbox", name="Today, in a line or two")
    with wire.down():
        leave(line(page, "share", 1), "My sister")
        page.get_by_text("Yes", exact=True).click()
        leave(reflection, "It shifted")
        leave(reflection, "It shifted, and again.")
        expect_unsent(page, 3)
        expect(page.locator("#reflection-status")).to_have_text("Not sent yet.")
    go_online(page)

    wait_until_sent(phone)
    expect(page.locator(".unsent")).to_have_count(0)
    assert ("share", "My sister", False) in stored(enrollment)
    assert DailyEntry.objects.get(practice="request").outcome == "granted"
    assert Reflection.objects.get().text == "It shifted, and again."
    leave(reflection, "It shifted, and again. Once more.")  # no other tab's
    expect(page.locator("#reflection-status")).to_have_text("Saved.")


def test_what_is_put_down_out_of_range_arrives_on_the_servers_day(
    phone: BrowserContext, wire: Wire, enrollment: Enrollment
) -> None:
    open_today(phone).close()
    page = phone.new_page()
    with wire.down():
        page.goto("/map/")
        expect(page.get_by_role("heading", name="Tuesday, March 16")).to_be_visible()
        page.get_by_role("textbox", name="Request").fill("Jonas, for an hour")
        page.get_by_role("button", name="Ask for something").click()
        expect(page.locator("#unsent li")).to_contain_text(["Jonas, for an hour"])
        expect(page.get_by_role("textbox", name="Request")).to_have_value("")
        shoot(page, "out-of-range")
    go_online(page)

    wait_until_sent(phone)
    assert stored(enrollment) == [("request", "Jonas, for an hour", True)]
    assert str(DailyEntry.objects.get().day) == "2027-03-16"


def test_a_killed_browser_sends_when_it_is_started_again(
    open_phone: OpenPhone, wire: Wire, enrollment: Enrollment, tmp_path: Path
) -> None:
    context = open_phone(tmp_path)
    context.add_cookies([session_cookie(enrollment.participant, wire.url) | {"expires": 2e9}])
    page = open_today(context)
    wire.trouble = lambda asked: "away" if asked.method == "POST" else ""
    stone(page, "share", 1).click()
    expect_unsent(page, 1)
    for process in psutil.process_iter(["cmdline"]):
        if f"--user-data-dir={tmp_path}" in (process.info["cmdline"] or []):
            process.kill()
            process.wait(30)
    wire.trouble = fine

    context = open_phone(tmp_path)
    context.add_cookies([session_cookie(enrollment.participant, wire.url)])
    open_today(context)

    wait_until(lambda: stored(enrollment) == [("share", "", True)], 60)
    assert kept(context) == []


def test_a_server_that_is_away_for_a_minute_is_asked_again(
    phone: BrowserContext, wire: Wire, enrollment: Enrollment
) -> None:
    page = open_today(phone)
    page.clock.install()
    page.reload()
    with wire.down():
        stone(page, "act", 1).click()
        expect_unsent(page, 1)
        for _half in range(2):
            page.clock.fast_forward(30_000)
        expect_unsent(page, 1)
    page.clock.fast_forward(30_000)

    wait_until_sent(phone)
    assert stored(enrollment) == [("act", "", True)]


@pytest.mark.parametrize("trouble", ["500", "503", "cut"])
def test_an_answer_that_is_none_is_followed_by_another_try(
    trouble: str, phone: BrowserContext, wire: Wire, enrollment: Enrollment
) -> None:
    page = open_today(phone)
    wire.trouble = lambda asked: trouble if asked.method == "POST" else ""
    stone(page, "share", 1).click()
    expect_unsent(page, 1)
    wire.trouble = fine

    go_online(page)

    expect(page.locator("#tally")).to_have_text("1 of 6 today. Five still open.")
    assert kept(phone) == []
    assert stored(enrollment) == [("share", "", True)]


def test_a_slow_network_is_saving_until_it_is_saved(
    phone: BrowserContext, wire: Wire, enrollment: Enrollment
) -> None:
    page = open_today(phone)
    wire.trouble, wire.delay = (lambda asked: "slow" if asked.method == "POST" else ""), 1.0

    stone(page, "share", 1).click()

    expect(page.locator(".entry.htmx-request")).to_have_count(1)
    expect(stone(page, "share", 1)).to_have_attribute("aria-pressed", "true")
    assert stored(enrollment) == []
    stone(page, "act", 1).click()
    page.close()  # the worker goes on
    wait_until(lambda: len(stored(enrollment)) == 2, 30)
    wait_until_sent(phone)


def test_the_last_wish_counts_when_a_stone_is_taken_back(
    phone: BrowserContext, wire: Wire, enrollment: Enrollment
) -> None:
    page = open_today(phone)
    with wire.down():
        for wanted in ("true", "false"):
            pass_double_tap(page)
            stone(page, "share", 1).click()
            expect(stone(page, "share", 1)).to_have_attribute("aria-pressed", wanted)
        wait_until(lambda: ["done=0" in each["body"] for each in kept(phone)] == [True])
        expect_unsent(page, 1)
    go_online(page)

    wait_until_sent(phone)
    assert stored(enrollment) == [("share", "", False)]


def test_two_tabs_show_the_same_and_send_it_once(
    phone: BrowserContext, wire: Wire, enrollment: Enrollment
) -> None:
    first, second = open_today(phone), open_today(phone)
    with wire.down():
        stone(first, "share", 1).click()
        expect_unsent(second, 1)
        expect(stone(second, "share", 1)).to_have_attribute("aria-pressed", "true")
        stone(second, "act", 1).click()
        expect_unsent(first, 2)
    for page in (first, second):
        go_online(page)

    wait_until_sent(phone)
    assert sorted(stored(enrollment)) == [("act", "", True), ("share", "", True)]
    for page in (first, second):
        expect(page.locator(".unsent")).to_have_count(0)
        expect(page.locator("#tally")).to_have_text("2 of 6 today. Four still open.")


@pytest.mark.parametrize("service_workers", ["allow", "block"])
def test_quick_taps_end_with_the_newest_tally(
    service_workers: str, open_phone: OpenPhone, wire: Wire, enrollment: Enrollment
) -> None:
    context = open_phone(service_workers=service_workers)
    context.add_cookies([session_cookie(enrollment.participant, wire.url)])
    page = open_today(context) if service_workers == "allow" else context.new_page()
    page.goto("/today/")
    wire.trouble = lambda _asked: "late" if wire.count("POST") == 1 else ""

    stone(page, "share", 1).click()
    stone(page, "act", 1).click()

    expect(page.locator(".htmx-request")).to_have_count(0)
    expect(page.locator("#tally")).to_have_text("2 of 6 today. Four still open.")


# --- Whatever comes between ----------------------------------------------------------------------


def test_six_made_arrive_once_whatever_comes_between(
    phone: BrowserContext, wire: Wire, enrollment: Enrollment, bob: User
) -> None:
    bobs = make_enrollment(participant=bob)
    seed = 7
    chance = random.Random(seed)
    interruptions = made = arrived = 0

    def trouble(asked: Asked) -> str:
        nonlocal interruptions
        if asked.method != "POST":
            return ""
        found = chance.choice(["away", "cut", "500", "slow", "", ""])
        interruptions += found not in ("", "slow")
        return found

    while interruptions < INTERRUPTIONS:
        DailyEntry.objects.of(enrollment).delete()
        page = open_today(phone)
        wire.trouble, wire.delay = trouble, 0.1
        closes_after = chance.randrange(6)
        for count, (practice, number) in enumerate(SIX):
            stone(page, practice, number).click()
            if count == closes_after:
                interruptions += 1
                # The last tap is the worker's by now: it is kept, or done already.
                wait_until(partial(_has_at_least, count + 1, phone, enrollment))
                page.close()
                page = open_today(phone)
        made += len(SIX)
        wire.trouble = fine
        page.close()
        page = open_today(phone)
        wait_until_sent(phone)
        arrived += len(stored(enrollment))
        page.close()

    holds = arrived == made and not stored(bobs)
    figure("A10", "Times something came between check-offs and server", interruptions)
    figure("A10 arrived", f"of {made} made meanwhile, each once", arrived, holds=holds)
    figure("A10 crossed", "in the account of another", len(stored(bobs)), bar="0", holds=holds)
    assert holds


def _has_at_least(count: int, phone: BrowserContext, enrollment: Enrollment) -> bool:
    return len(kept(phone)) + len(stored(enrollment)) >= count
