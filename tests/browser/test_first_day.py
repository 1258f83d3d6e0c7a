"""From the landing page to a first day's six stones, with JavaScript and without."""

import re

from playwright.sync_api import Page, expect

from accounts.models import User
from program.models import DailyEntry, Enrollment, Reflection
from tests.browser.pages import (
    OpenContext,
    answered,
    emailed_code,
    line,
    shoot,
    stone,
    stored,
    write,
)
from tests.factories import PASSWORD

LINES = {
    ("share", 1): "My sister on the phone",
    ("share", 2): "Omar at lunch",
    ("act", 1): "Wrote to the library",
    ("act", 2): "Borrowed a soldering iron",
    ("request", 1): "The library, for a table on Saturdays",
    ("request", 2): "Jonas, for an hour a week",
}
GOAL = "Open a repair corner in the library"


def test_a_new_person_places_six_stones_and_leaves_nothing_behind(
    open_context: OpenContext,
) -> None:
    page = open_context(timezone_id="Asia/Kolkata").new_page()
    sign_up(page)
    expect(page.get_by_label("Your time zone")).to_have_value("Asia/Kolkata")
    begin(page)
    for (practice, number), words in LINES.items():
        with answered(page):
            stone(page, practice, number).click()
        write(page, practice, number, words)
    shoot(page, "first-day-six")

    page.reload()

    expect(page.locator("#tally")).to_have_text("All six. That is a whole cairn.")
    expect_all_lines(page)
    nina = User.objects.get(email="nina@example.org")
    assert nina.time_zone == "Asia/Kolkata"
    assert stored(Enrollment.objects.get()) == [(key[0], LINES[key], True) for key in LINES]

    page.get_by_role("button", name="Account of Nina").click()
    page.get_by_role("button", name="Log out").click()
    expect(page).to_have_url(re.compile("/$"))
    expect(page.get_by_role("link", name="Log in").first).to_be_visible()
    page.go_back()

    # The login page it is, in whatever way the browser went back.
    expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
    assert GOAL not in page.content()
    assert LINES["share", 1] not in page.content()
    assert "Nina" not in page.content()


def test_a_whole_day_works_without_javascript(open_context: OpenContext) -> None:
    page = open_context(java_script_enabled=False).new_page()
    sign_up(page)
    page.get_by_label("Your time zone").select_option("Asia/Kolkata")
    begin(page)

    for (practice, number), words in LINES.items():
        line(page, practice, number).fill(words)
        stone(page, practice, number).click()
        expect(stone(page, practice, number)).to_have_attribute("aria-pressed", "true")

    expect(page.locator("#tally")).to_have_text("All six. That is a whole cairn.")
    expect_all_lines(page)
    enrollment = Enrollment.objects.get()
    assert stored(enrollment) == [(key[0], LINES[key], True) for key in LINES]

    # Enter in a line saves the words and leaves the stone as it is.
    line(page, "act", 1).fill("Wrote to the library twice")
    with page.expect_navigation():
        line(page, "act", 1).press("Enter")
    expect(stone(page, "act", 1)).to_have_attribute("aria-pressed", "true")
    expect(line(page, "act", 1)).to_have_value("Wrote to the library twice")

    answer = page.get_by_role("group", name="What came back on request 1?")
    answer.get_by_text("Counter-offer").click()
    with page.expect_navigation():
        answer.get_by_role("button", name="Save").click()
    expect(answer.get_by_role("radio", name="Counter-offer")).to_be_checked()
    outcome = DailyEntry.objects.of(enrollment).get(line=LINES["request", 1]).outcome
    assert outcome == DailyEntry.Outcome.COUNTERED

    reflection = page.get_by_role("textbox", name="Today, in a line or two")
    reflection.fill("It was easier to ask once I had asked.\nTwice.")
    page.locator("#reflection").get_by_role("button", name="Save").click()
    expect(page).to_have_url(re.compile("#reflection$"))
    expect(reflection).to_have_value("It was easier to ask once I had asked.\nTwice.")
    assert Reflection.objects.get().text == "It was easier to ask once I had asked.\nTwice."

    page.get_by_role("button", name="Told one more").click()
    expect(stone(page, "share", 3)).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#tally")).to_have_text("All six, and 1 more.")
    shoot(page, "no-javascript-seven")

    stone(page, "act", 2).click()
    expect(stone(page, "act", 2)).to_have_attribute("aria-pressed", "false")
    expect(line(page, "act", 2)).to_have_value(LINES["act", 2])
    stone(page, "act", 2).click()
    expect(stone(page, "act", 2)).to_have_attribute("aria-pressed", "true")

    page.get_by_role("button", name="Remove Share 2").click()
    expect(page.get_by_text(LINES["share", 2])).to_have_count(0)
    expect(page.locator("#count-share")).to_have_text("2 of 2")
    page.get_by_role("button", name="Undo").click()
    expect(line(page, "share", 2)).to_have_value(LINES["share", 2])
    expect(page.locator("#count-share")).to_have_text("2 of 2 +1")

    page.get_by_role("button", name="Account of Nina").click()
    page.get_by_role("button", name="Log out").click()
    expect(page).to_have_url(re.compile("/$"))


def sign_up(page: Page) -> None:
    """Through the landing page, the form and the mail, as Nina."""
    page.goto("/")
    page.get_by_role("link", name="Start").first.click()
    page.get_by_label("What should we call you?").fill("Nina")
    page.get_by_label("Email").fill("nina@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create my account").click()
    expect(page.get_by_role("heading", name="Check your email")).to_be_visible()
    page.get_by_label("Code").fill(emailed_code())
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", name="Where do you want to go?")).to_be_visible()


def begin(page: Page) -> None:
    page.get_by_label("The breakthrough").fill(GOAL)
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("heading", name="Day 1 of 14")).to_be_visible()
    page.wait_for_load_state()  # and its scripts have run


def expect_all_lines(page: Page) -> None:
    for (practice, number), words in LINES.items():
        expect(stone(page, practice, number)).to_have_attribute("aria-pressed", "true")
        expect(line(page, practice, number)).to_have_value(words)
