"""A day without a mouse: order, focus, Space and Enter."""

from typing import Any

from playwright.sync_api import Page, Request, expect

from program.models import Enrollment
from tests.browser.pages import answered, line, pass_double_tap, shoot, stone, stored
from tests.factories import make_entry

READING_ORDER = [
    "Skip to content",
    "Two Weeks",
    *("Today", "Map", "Ten steps", "Requests", "Moments", "People"),
    "Account of Alice",
    "Day 8, the day before",
    "Day 10, the day after",
    *(f"Day {number}, 0 of 6" for number in range(1, 10)),
    *(f"Day {number}, still ahead" for number in range(10, 15)),
    "Rewrite",
    "Ready words",
    "Tell someone, 1 of 2",
    "Share 1: Whom did you tell?",
    "Tell someone, 2 of 2",
    "Share 2: Whom did you tell?",
    "Do something, 1 of 2",
    "Act 1: What did you do?",
    "Do something, 2 of 2",
    "Act 2: What did you do?",
    "Ask for something, 1 of 2",
    "Request 1: Whom did you ask, and for what?",
    "Ask for something, 2 of 2",
    "Request 2: Whom did you ask, and for what?",
    "Today, in a line or two",
    "All requests",
    "Get into action. Try something.",
]

_FOCUSED = """() => {
  const focused = document.activeElement;
  const labels = [...(focused.labels ?? [])].map((label) => label.innerText.trim());
  const style = [focused, ...focused.querySelectorAll("*")].map((it) => getComputedStyle(it));
  return {
    name: focused.ariaLabel ?? labels[0] ?? focused.innerText.trim().split("\\n").at(-1),
    visible: focused.matches(":focus-visible")
      && style.some(({ outlineStyle, outlineWidth }) =>
        outlineStyle !== "none" && parseFloat(outlineWidth) >= 2),
  };
}"""


def test_tab_goes_in_reading_order_and_shows_where_it_is(alice_page: Page) -> None:
    reached, unseen = [], []

    for _ in READING_ORDER:
        alice_page.keyboard.press("Tab")
        focused: dict[str, Any] = alice_page.evaluate(_FOCUSED)
        reached.append(focused["name"])
        if not focused["visible"]:
            unseen.append(focused["name"])
        if focused["name"] == "Share 1: Whom did you tell?":
            shoot(alice_page, "focus-line")
        if focused["name"] == "Do something, 1 of 2":
            shoot(alice_page, "focus-stone")

    assert reached == READING_ORDER
    assert unseen == []


def test_a_stone_is_placed_by_keys_and_keeps_the_focus(
    alice_page: Page, enrollment: Enrollment
) -> None:
    page = alice_page
    first, second = stone(page, "request", 1), stone(page, "request", 2)

    first.focus()
    page.keyboard.press("Space")
    expect(page.locator("#count-request")).to_have_text("1 of 2")
    expect(first).to_be_focused()
    expect(first).to_have_attribute("aria-pressed", "true")
    # On to the line, the outcome that has just come up, and the second request.
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(second).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#count-request")).to_have_text("2 of 2")
    expect(second).to_be_focused()
    pass_double_tap(page)
    page.keyboard.press("Enter")
    expect(page.locator("#count-request")).to_have_text("1 of 2")
    expect(second).to_be_focused()

    assert stored(enrollment) == [("request", "", True), ("request", "", False)]


def test_enter_in_a_line_saves_the_line_and_no_stone(
    alice_page: Page, enrollment: Enrollment
) -> None:
    page = alice_page
    sent: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST":  # and not the icon of the page
            sent.append(request.post_data or "")

    page.on("request", note)
    line(page, "share", 1).focus()
    page.keyboard.type("My sister on the phone")

    with answered(page):
        page.keyboard.press("Enter")

    expect(line(page, "share", 1)).to_be_focused()
    assert all("line=" in words for words in sent)
    page.reload()
    expect(line(page, "share", 1)).to_have_value("My sister on the phone")
    expect(stone(page, "share", 1)).to_have_attribute("aria-pressed", "false")
    assert stored(enrollment) == [("share", "My sister on the phone", False)]


def test_one_more_hands_the_focus_on(alice_page: Page) -> None:
    page = alice_page
    for number in (1, 2):
        stone(page, "act", number).focus()
        page.keyboard.press("Space")
        expect(page.locator("#count-act")).to_have_text(f"{number} of 2")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    more = page.get_by_role("button", name="Did one more")
    expect(more).to_be_focused()

    page.keyboard.press("Enter")

    expect(stone(page, "act", 3)).to_have_attribute("aria-pressed", "true")
    expect(more).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    expect(line(page, "act", 3)).to_be_focused()


def test_remove_and_its_undo_keep_the_focus_where_the_entry_stands(
    alice_page: Page, enrollment: Enrollment
) -> None:
    page = alice_page
    for number in (1, 2):
        make_entry(enrollment=enrollment, practice="act", place=number, line=f"Act {number}")
    page.reload()

    page.get_by_role("button", name="Remove Act 1").focus()
    page.keyboard.press("Enter")

    expect(page.locator("#toast")).to_contain_text("Removed.")
    expect(line(page, "act", 1)).to_be_focused()
    expect(line(page, "act", 1)).to_have_value("")
    page.get_by_role("button", name="Undo").focus()
    page.keyboard.press("Enter")

    expect(page.locator("#toast")).to_be_empty()
    expect(line(page, "act", 1)).to_be_focused()
    expect(line(page, "act", 1)).to_have_value("Act 1")
    expect(line(page, "act", 2)).to_have_value("Act 2")
    expect(page.locator("#tally")).to_have_text("2 of 6 today. Four still open.")
    expect(page.locator("[aria-labelledby=h-act] .stone")).to_have_count(2)


def test_an_extra_that_is_removed_hands_the_focus_to_what_comes_next(
    alice_page: Page, enrollment: Enrollment
) -> None:
    page = alice_page
    for number in (1, 2, 3):
        make_entry(enrollment=enrollment, practice="act", place=number, line=f"Act {number}")
    page.reload()

    page.get_by_role("button", name="Remove Act 2").focus()
    page.keyboard.press("Enter")

    expect(page.locator("#toast")).to_contain_text("Removed.")
    expect(line(page, "act", 3)).to_be_focused()
    page.get_by_role("button", name="Undo").focus()
    page.keyboard.press("Enter")
    expect(line(page, "act", 2)).to_be_focused()
    expect(line(page, "act", 2)).to_have_value("Act 2")
    lines = page.locator("[aria-labelledby=h-act] .entry__line")
    assert [one.input_value() for one in lines.all()] == ["Act 1", "Act 2", "Act 3"]

    page.get_by_role("button", name="Remove Act 3").focus()
    page.keyboard.press("Enter")

    expect(page.get_by_role("button", name="Did one more")).to_be_focused()


def test_undo_of_a_stone_taken_back_leads_back_to_the_stone(
    alice_page: Page, enrollment: Enrollment
) -> None:
    page = alice_page
    make_entry(enrollment=enrollment, practice="share", line="My sister")
    page.reload()
    stone(page, "share", 1).focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Undo").focus()

    page.keyboard.press("Enter")

    expect(stone(page, "share", 1)).to_have_attribute("aria-pressed", "true")
    expect(stone(page, "share", 1)).to_be_focused()


def test_escape_in_the_toast_leads_back_to_where_one_was(
    alice_page: Page, enrollment: Enrollment
) -> None:
    page = alice_page
    make_entry(enrollment=enrollment, practice="share", line="My sister")
    page.reload()
    stone(page, "share", 1).focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Undo").focus()

    page.keyboard.press("Escape")

    expect(page.locator("#toast")).to_be_empty()
    expect(stone(page, "share", 1)).to_be_focused()


def test_the_account_menu_opens_and_closes_by_keys(alice_page: Page) -> None:
    page = alice_page
    button = page.get_by_role("button", name="Account of Alice")
    button.focus()

    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Email address")).to_be_visible()
    shoot(page, "menu")
    page.keyboard.press("Escape")

    expect(page.get_by_role("link", name="Email address")).to_be_hidden()
    expect(button).to_be_focused()
