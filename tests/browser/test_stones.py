"""Stones under impatient fingers and slow networks, and all that they move on the page."""

import re

from playwright.sync_api import Page, Route, expect

from program.models import Enrollment
from tests.browser.pages import (
    LogIn,
    answered,
    line,
    pass_double_tap,
    shoot,
    stone,
    stored,
    wait_until_drawn,
    write,
)
from tests.factories import make_entry

YELLOW = "rgb(245, 194, 54)"
PLACES = [(practice, number) for practice in ("share", "act", "request") for number in (1, 2)]


def test_two_tabs_and_four_taps_place_one_stone(alice_page: Page, enrollment: Enrollment) -> None:
    second = alice_page.context.new_page()
    second.goto("/today/")

    for page in (alice_page, second):
        stone(page, "share", 1).dblclick()

    for page in (alice_page, second):
        wait_until_drawn(page)
        expect(page.locator("#tally")).to_have_text("1 of 6 today. Five still open.")
        expect(stone(page, "share", 1)).to_have_attribute("aria-pressed", "true")
    assert stored(enrollment) == [("share", "", True)]


def test_a_stone_that_shows_what_the_answer_says_is_not_put_in_anew(
    alice_page: Page, enrollment: Enrollment
) -> None:
    page = alice_page
    first = stone(page, "share", 1)
    first.evaluate("stone => { stone.isTheSame = true; }")

    with answered(page):
        first.click()

    expect(page.locator("#tally")).to_have_text("1 of 6 today. Five still open.")
    expect(first).to_have_attribute("value", "0")
    assert first.evaluate("stone => stone.isTheSame")
    expect(first).to_be_focused()


def test_a_double_tap_on_one_more_makes_one_entry(alice_page: Page, enrollment: Enrollment) -> None:
    page = alice_page
    for number in (1, 2):
        stone(page, "act", number).click()
    more = page.get_by_role("button", name="Did one more")
    expect(more).to_be_visible()

    with answered(page):
        more.dblclick()

    expect(stone(page, "act", 3)).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#count-act")).to_have_text("2 of 2 +1")
    assert stored(enrollment) == [("act", "", True)] * 3

    # The next tap a while later is one more indeed, and comes after the others.
    pass_double_tap(page)
    more.click()

    expect(stone(page, "act", 4)).to_have_attribute("aria-pressed", "true")
    labels = page.locator("[aria-labelledby=h-act] .stone").evaluate_all(
        "stones => stones.map((stone) => stone.getAttribute('aria-label'))"
    )
    assert labels == [
        "Do something, 1 of 2",
        "Do something, 2 of 2",
        "Do something, 3",
        "Do something, 4",
    ]
    assert stored(enrollment) == [("act", "", True)] * 4


def test_a_double_tap_on_what_an_answer_becomes_shows_it_once(
    alice_page: Page, enrollment: Enrollment
) -> None:
    page = alice_page
    stone(page, "share", 1).click()
    page.get_by_label("What did they say or offer?").fill("Ring the caretaker")

    page.get_by_role("button", name="Make it an action").dblclick()

    expect(line(page, "act", 3)).to_have_value("Ring the caretaker")
    assert stored(enrollment) == [("share", "", True), ("act", "Ring the caretaker", False)]


def test_a_slow_answer_takes_no_letter_from_the_line(
    alice_page: Page, enrollment: Enrollment
) -> None:
    page = alice_page
    held: list[Route] = []
    # Wrapped: Playwright marks the function that it is given.
    page.route("**/entries/**", lambda route: held.append(route), times=1)  # noqa: PLW0108
    words = line(page, "share", 1)

    with page.expect_request("**/entries/**"):
        stone(page, "share", 1).click()
    expect(stone(page, "share", 1)).to_have_attribute("aria-pressed", "true")
    words.click()
    words.press_sequentially("My sister")
    held[0].continue_()
    expect(page.locator("#count-share")).to_have_text("1 of 2")
    words.press_sequentially(" on the phone")

    expect(words).to_be_focused()
    expect(words).to_have_value("My sister on the phone")
    words.blur()
    wait_until_drawn(page)
    page.reload()
    expect(words).to_have_value("My sister on the phone")
    assert stored(enrollment) == [("share", "My sister on the phone", True)]


def test_what_six_stones_move_is_what_a_reload_shows(
    alice_page: Page, enrollment: Enrollment
) -> None:
    page = alice_page
    tallies = [
        "1 of 6 today. Five still open.",
        "2 of 6 today. Four still open.",
        "3 of 6 today. Three still open.",
        "4 of 6 today. Two still open.",
        "5 of 6 today. One still open.",
        "All six. That is a whole cairn.",
    ]
    assert _progress(page)["cairn"] == 0

    for placed, (practice, number) in enumerate(PLACES, 1):
        stone(page, practice, number).click()
        expect(page.locator("#tally")).to_have_text(tallies[placed - 1])
        expect(page.locator("#cairn .cairn__stone")).to_have_count(placed)
        expect(page.locator("#day-9 [data-n]")).to_have_attribute("data-n", str(placed))
        expect(page.locator("#day-9")).to_have_accessible_name(f"Day 9, {placed} of 6")
        expect(page.locator(f"#count-{practice}")).to_have_text(f"{number} of 2")
        shoot(page, f"today-{placed}")
    expect(page.locator("#week")).to_have_text(re.compile(r"\b2 of 5"))
    expect(page.locator("#week .on")).to_have_count(2)
    _expect_reload_to_change_nothing(page)

    page.get_by_role("button", name="Asked one more").click()
    expect(page.locator("#tally")).to_have_text("All six, and 1 more.")
    expect(page.locator("#week .on")).to_have_count(3)
    _expect_reload_to_change_nothing(page)
    shoot(page, "today-extra")

    stone(page, "share", 1).click()
    expect(page.locator("#tally")).to_have_text("5 of 6 today. One still open.")
    expect(page.get_by_role("button", name="Told one more")).to_have_count(0)
    _expect_reload_to_change_nothing(page)


def test_a_stone_with_words_comes_off_with_an_undo(
    alice_page: Page, enrollment: Enrollment
) -> None:
    page = alice_page
    stone(page, "request", 1).click()
    write(page, "request", 1, "Jonas, for an hour a week")
    answer = page.get_by_role("group", name="What came back on request 1?")
    with answered(page):
        answer.get_by_text("No", exact=True).click()
    pass_double_tap(page)

    stone(page, "request", 1).click()
    expect(page.locator("#toast")).to_contain_text("Stone taken back. Your words are kept.")
    expect(answer).to_have_count(0)
    shoot(page, "taken-back")
    page.get_by_role("button", name="Undo").click()

    expect(stone(page, "request", 1)).to_have_attribute("aria-pressed", "true")
    expect(answer.get_by_role("radio", name="No")).to_be_checked()
    expect(page.locator("#toast")).to_be_empty()
    _expect_reload_to_change_nothing(page)
    assert stored(enrollment) == [("request", "Jonas, for an hour a week", True)]


def test_a_removed_entry_comes_back_with_undo(alice_page: Page, enrollment: Enrollment) -> None:
    page = alice_page
    stone(page, "act", 1).click()
    write(page, "act", 1, "Wrote to the library")
    page.reload()

    page.get_by_role("button", name="Remove Act 1").click()
    expect(page.locator("#toast")).to_contain_text("Removed.")
    expect(page.locator("#count-act")).to_have_text("0 of 2")
    expect(page.locator("[aria-labelledby=h-act] .stone")).to_have_count(2)
    assert stored(enrollment) == []
    shoot(page, "removed")
    page.get_by_role("button", name="Undo").click()

    expect(line(page, "act", 1)).to_have_value("Wrote to the library")
    expect(page.locator("#tally")).to_have_text("1 of 6 today. Five still open.")
    assert stored(enrollment) == [("act", "Wrote to the library", True)]


def test_what_was_just_typed_can_be_removed_at_once(
    alice_page: Page, enrollment: Enrollment
) -> None:
    page = alice_page
    remove = page.get_by_role("button", name="Remove Act 1")
    expect(remove).to_be_hidden()
    stone(page, "act", 1).click()
    expect(page.locator("#count-act")).to_have_text("1 of 2")
    expect(remove).to_be_hidden()

    write(page, "act", 1, "Wrote to the library")
    remove.click()

    expect(line(page, "act", 1)).to_have_value("")
    assert stored(enrollment) == []


def test_an_extra_without_words_can_be_removed(alice_page: Page, enrollment: Enrollment) -> None:
    for number in (1, 2, 3):
        make_entry(enrollment=enrollment, practice="act", place=number)
    alice_page.reload()

    removable = alice_page.get_by_role("button", name=re.compile("^Remove "))

    expect(removable).to_have_count(1)
    expect(removable).to_have_accessible_name("Remove Act 3")


def test_one_more_comes_after_words_that_have_no_stone(
    alice_page: Page, enrollment: Enrollment
) -> None:
    page = alice_page
    for number in (1, 2):
        make_entry(enrollment=enrollment, practice="act", place=number)
    make_entry(enrollment=enrollment, practice="act", place=3, placed=False, line="On Friday")
    page.reload()

    page.get_by_role("button", name="Did one more").click()

    expect(stone(page, "act", 4)).to_have_attribute("aria-pressed", "true")
    expect(line(page, "act", 3)).to_have_value("On Friday")


def test_a_long_line_is_read_in_full_and_stays_one_line(
    alice_page: Page, enrollment: Enrollment
) -> None:
    page = alice_page
    words = "My sister on the phone, who said that the library may have a table for us on Saturdays"
    one_line = line(page, "share", 1).bounding_box()
    assert one_line

    write(page, "share", 1, f"{words}\n and a lamp")
    shoot(page, "long-line")

    three_lines = line(page, "share", 1).bounding_box()
    assert three_lines
    assert three_lines["height"] > one_line["height"] + 40
    assert line(page, "share", 1).evaluate("it => it.scrollHeight <= it.clientHeight + 1")
    assert stored(enrollment) == [("share", f"{words} and a lamp", False)]


def test_yesterday_stays_open_and_moves_its_own_mark(log_in: LogIn, enrollment: Enrollment) -> None:
    page = log_in(enrollment.participant)
    page.goto("/days/2027-03-15/")

    stone(page, "share", 1).click()

    expect(page.locator("#tally")).to_have_text("1 of 6 on this day. It stays open.")
    expect(page.locator("#day-8 [data-n]")).to_have_attribute("data-n", "1")
    expect(page.locator("#day-9 [data-n]")).to_have_attribute("data-n", "0")
    # Today stays marked as today beside the day that is looked at.
    expect(page.locator(".days [aria-current]")).to_have_count(2)
    expect(page.locator("#day-8")).to_have_attribute("aria-current", "page")
    expect(page.locator("#day-8")).not_to_have_css("border-bottom-color", YELLOW)
    expect(page.locator("#day-9")).to_have_attribute("aria-current", "date")
    expect(page.locator("#day-9")).to_have_css("border-bottom-color", YELLOW)
    shoot(page, "yesterday")
    page.get_by_role("link", name="Day 9, the day after").click()
    expect(page.locator("#count-share")).to_have_text("0 of 2")
    expect(page.locator(".days [aria-current]")).to_have_count(1)
    expect(page.locator("#day-9")).to_have_attribute("aria-current", "date")


def _progress(page: Page) -> dict[str, object]:
    """The drawings, which are hidden from the tree of names and roles."""
    drawings: dict[str, object] = page.evaluate(
        """() => ({
          cairn: document.querySelectorAll("#cairn .cairn__stone").length,
          pebbles: document.querySelector("#cairn .pebbles")?.innerText,
          strip: [...document.querySelectorAll(".days [data-n]")].map((mark) => mark.dataset.n),
          week: [...document.querySelectorAll("#week i")].map((mark) => mark.className),
        })"""
    )
    return drawings


def _expect_reload_to_change_nothing(page: Page) -> None:
    wait_until_drawn(page)
    before, names = _progress(page), _names(page)
    page.reload()
    assert _progress(page) == before
    assert _names(page) == names


def _names(page: Page) -> list[str]:
    lines = page.locator("main").aria_snapshot().splitlines()
    return [line.replace(" [active]", "") for line in lines]


_PRESS_WHEN_DRAWN = """
name => new MutationObserver((_changes, observer) => {
  const button = document.querySelector(name);
  if (!button) return;
  observer.disconnect();
  button.click();
}).observe(document.body, { childList: true, subtree: true })
"""


def test_a_button_posts_by_htmx_from_the_instant_it_is_drawn(
    alice_page: Page, enrollment: Enrollment
) -> None:
    page = alice_page
    stone(page, "act", 1).click()
    expect(page.locator("#count-act")).to_have_text("1 of 2")
    page.evaluate(_PRESS_WHEN_DRAWN, "#more-button-act")

    stone(page, "act", 2).click()

    expect(stone(page, "act", 3)).to_have_attribute("aria-pressed", "true")
    assert "#" not in page.url  # a plain post comes back to the entry's own address
    assert stored(enrollment) == [("act", "", True)] * 3
