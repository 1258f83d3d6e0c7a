"""The day in a line or two: it saves itself, and two tabs never lose a text."""

from playwright.sync_api import Locator, Page, Route, expect

from program.models import Enrollment, Reflection
from tests.browser.pages import Complaints, answered, leave, shoot, unanswered, wait_until_drawn


def test_a_reflection_saves_itself_and_says_so(alice_page: Page, enrollment: Enrollment) -> None:
    page = alice_page
    status = page.locator("#reflection-status")
    expect(status).to_be_empty()
    # Read aloud is what changes in it, not what comes in its place.
    status.evaluate("it => { it.dataset.stays = '' }")

    # Typed and left alone: nobody has to leave the field.
    reflection(page).fill("It was easier.")
    expect(page.locator("#reflection-status")).to_have_text("Saved.")
    expect(status).to_have_attribute("data-stays", "")
    expect(reflection(page)).to_be_focused()
    with answered(page):
        leave(reflection(page), "It was easier.\nTwice.")
    shoot(page, "reflection-saved")

    page.reload()
    expect(reflection(page)).to_have_value("It was easier.\nTwice.")
    assert _stored(enrollment) == ("It was easier.\nTwice.", 2)


def test_two_tabs_show_both_texts_and_keep_both(
    alice_page: Page, enrollment: Enrollment, complaints: Complaints
) -> None:
    complaints.expect_status(409)
    page = alice_page
    _write_in_two_tabs(page)

    expect(page.locator("#reflection-status")).to_have_text(
        "Not saved yet: you wrote here in two places."
    )
    conflict = page.locator("#conflict")
    expect(conflict).to_contain_text("From the second tab")
    expect(conflict).to_contain_text("From the first tab")
    expect(reflection(page)).to_have_value("From the first tab")
    shoot(page, "reflection-conflict")
    assert _stored(enrollment) == ("From the second tab", 1)
    conflict.get_by_role("button", name="Keep both").click()

    expect(reflection(page)).to_have_value("From the second tab\n\nFrom the first tab")
    expect(conflict).to_be_empty()
    assert _stored(enrollment) == ("From the second tab\n\nFrom the first tab", 2)


def test_a_conflict_can_be_settled_for_either_text(
    alice_page: Page, enrollment: Enrollment, complaints: Complaints
) -> None:
    complaints.expect_status(409)
    page = alice_page
    _write_in_two_tabs(page)
    page.get_by_role("link", name="Keep what was saved before").click()
    expect(reflection(page)).to_have_value("From the second tab")
    assert _stored(enrollment) == ("From the second tab", 1)

    _write_in_two_tabs(page, "newer")
    page.get_by_role("button", name="Keep what is written here").click()
    expect(reflection(page)).to_have_value("From the first tab, newer")
    assert _stored(enrollment) == ("From the first tab, newer", 3)


def test_a_save_whose_answer_was_lost_is_no_other_tab(
    alice_page: Page, enrollment: Enrollment, complaints: Complaints
) -> None:
    complaints.expect_no_network()
    page = alice_page
    _lose_the_answer(page, "It was easier")
    assert _stored(enrollment) == ("It was easier", 1)

    leave(reflection(page), "It was easier to ask once I had asked.")
    wait_until_drawn(page)

    expect(page.locator("#reflection-version")).to_have_value("2")
    expect(page.locator("#conflict")).to_be_empty()
    assert _stored(enrollment) == ("It was easier to ask once I had asked.", 2)


def test_another_tab_is_told_from_a_save_whose_answer_was_lost(
    alice_page: Page, enrollment: Enrollment, complaints: Complaints
) -> None:
    complaints.expect_no_network()
    complaints.expect_status(409)
    page = alice_page
    _lose_the_answer(page, "From the first tab")
    second = page.context.new_page()
    second.goto("/today/")
    with answered(second):
        leave(reflection(second), "From the second tab")

    leave(reflection(page), "From the first tab, and more")
    wait_until_drawn(page)

    conflict = page.locator("#conflict")
    expect(conflict).to_contain_text("From the second tab")
    expect(conflict).to_contain_text("From the first tab, and more")
    assert _stored(enrollment) == ("From the second tab", 2)


def _lose_the_answer(page: Page, words: str) -> None:
    """Write what is stored, though the page does not hear of it."""

    def lose(route: Route) -> None:
        assert route.fetch().ok
        route.abort("internetdisconnected")

    page.route("**/reflection/", lose, times=1)
    # Not left: what is typed and what is left may be two saves on a slow machine.
    with unanswered(page):
        reflection(page).fill(words)
    expect(page.locator("#toast")).to_contain_text("Not saved yet: no connection.")


def _write_in_two_tabs(page: Page, more: str = "") -> None:
    addition = f", {more}" if more else ""
    second = page.context.new_page()
    second.goto(page.url)
    for tab, words in ((second, "From the second tab"), (page, "From the first tab")):
        with answered(tab):
            leave(reflection(tab), words + addition)
    expect(page.get_by_role("heading", name="You wrote here in two places")).to_be_visible()
    second.close()


def reflection(page: Page) -> Locator:
    return page.get_by_role("textbox", name="in a line or two")


def _stored(enrollment: Enrollment) -> tuple[str, int]:
    stored = Reflection.objects.of(enrollment).get()
    return stored.text, stored.version
