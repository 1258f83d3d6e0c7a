"""Forms at the edge: two tabs, a second tap, and words that do not fit the page."""

import re

from playwright.sync_api import expect

from accounts.models import User
from tests.browser.pages import Complaints, LogIn, OpenContext
from tests.factories import PASSWORD, make_enrollment

NARROW = (320, 640)


def test_a_second_tap_for_a_new_code_stays_where_the_code_is_typed(
    open_context: OpenContext,
) -> None:
    page = open_context().new_page()
    page.goto("/accounts/signup/")
    page.get_by_label("What should we call you?").fill("Nora")
    page.get_by_label("Email").fill("nora@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create my account").click()

    page.get_by_role("button", name="Send a new code").click()

    expect(page.get_by_role("status").first).to_contain_text("A code was sent a moment ago.")
    expect(page.get_by_label("Code")).to_be_visible()


def test_a_goal_of_another_tab_becomes_the_goal_when_it_is_meant(
    log_in: LogIn, alice: User, complaints: Complaints
) -> None:
    complaints.expect_status(409)
    page = log_in(alice)
    page.goto("/enrollments/new/")
    enrollment = make_enrollment(participant=alice)
    page.get_by_label("The breakthrough").fill("Typed in the other tab")

    page.get_by_role("button", name="Begin").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    page.get_by_role("button", name="Make these words the goal").click()
    page.get_by_role("button", name="Keep these words").click()

    expect(page.locator(".aim__goal")).to_contain_text("Typed in the other tab")
    assert enrollment.goals.count() == 2


def test_a_goal_of_one_long_word_makes_no_page_wider(log_in: LogIn, alice: User) -> None:
    make_enrollment(participant=alice, statement="o" * 200)
    page = log_in(alice, size=NARROW)

    widths = []
    for path in ("/today/", "/goals/"):
        page.goto(path)
        widths.append(page.evaluate("document.documentElement.scrollWidth"))

    assert widths == [320, 320]


def test_a_refused_beginning_keeps_the_zone_that_was_chosen(
    log_in: LogIn, erin: User, complaints: Complaints
) -> None:
    complaints.expect_status(422)
    page = log_in(erin, timezone_id="Asia/Kolkata")
    page.goto("/enrollments/new/")
    page.get_by_label("Your time zone").select_option("Europe/Berlin")

    page.get_by_role("button", name="Begin").click()

    expect(page.locator("[data-error-summary]")).to_be_focused()
    expect(page.get_by_label("Your time zone")).to_have_value("Europe/Berlin")


def test_back_past_a_refused_form_asks_for_no_second_sending(
    log_in: LogIn, erin: User, complaints: Complaints
) -> None:
    complaints.expect_status(422)
    page = log_in(erin)
    page.goto("/enrollments/new/")
    page.get_by_role("button", name="Begin").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    page.get_by_label("The breakthrough").fill("Open a repair corner")
    page.get_by_role("button", name="Begin").click()
    expect(page).to_have_url(re.compile("/today/$"))

    page.go_back()

    expect(page.locator(".aim__goal")).to_contain_text("Open a repair corner")
