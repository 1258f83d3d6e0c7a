"""No network, or a server that broke: rolled back in words, and nothing that was typed is lost."""

import pytest
from playwright.sync_api import Page, expect

from program.models import DailyEntry, Enrollment
from tests.browser.pages import (
    Complaints,
    answered,
    leave,
    line,
    shoot,
    stone,
    stored,
    unanswered,
    wait_until_drawn,
)
from tests.factories import make_entry


def test_a_tap_without_a_network_is_taken_back_and_tried_again(
    alice_page: Page, enrollment: Enrollment, complaints: Complaints
) -> None:
    complaints.expect_no_network()
    page, toast = alice_page, alice_page.locator("#toast")
    page.context.set_offline(True)

    stone(page, "act", 1).click()
    wait_until_drawn(page)
    expect(toast).to_contain_text("Not saved yet: no connection. Your words are still here.")
    expect(stone(page, "act", 1)).to_have_attribute("aria-pressed", "false")
    with unanswered(page):
        leave(line(page, "act", 1), "Wrote to the library")
    expect(line(page, "act", 1)).to_have_value("Wrote to the library")
    shoot(page, "offline-toast")
    assert stored(enrollment) == []
    page.context.set_offline(False)
    toast.get_by_role("button", name="Try again").click()

    expect(page.locator("#tally")).to_have_text("1 of 6 today. Five still open.")
    expect(stone(page, "act", 1)).to_have_attribute("aria-pressed", "true")
    expect(toast).to_be_empty()
    page.reload()
    expect(line(page, "act", 1)).to_have_value("Wrote to the library")
    assert stored(enrollment) == [("act", "Wrote to the library", True)]


def test_words_typed_without_a_network_are_saved_when_it_comes_back(
    alice_page: Page, enrollment: Enrollment, complaints: Complaints
) -> None:
    complaints.expect_no_network()
    page = alice_page
    page.context.set_offline(True)
    for number in (1, 2):
        with unanswered(page):
            leave(line(page, "share", number), f"Friend {number}")
    expect(page.locator("#toast")).to_contain_text("Not saved yet")

    page.context.set_offline(False)

    expect(page.locator("#toast")).to_be_empty()
    assert sorted(stored(enrollment)) == [
        ("share", "Friend 1", False),
        ("share", "Friend 2", False),
    ]


def test_a_line_entered_without_a_network_leaves_no_tap_to_be_tried_again(
    alice_page: Page, enrollment: Enrollment, complaints: Complaints
) -> None:
    complaints.expect_no_network()
    page = alice_page
    page.context.set_offline(True)
    line(page, "share", 1).fill("My sister on the phone")
    with unanswered(page):
        line(page, "share", 1).press("Enter")
    expect(page.locator("#toast")).to_contain_text("Not saved yet")

    page.context.set_offline(False)

    expect(page.locator("#toast")).to_be_empty()
    expect(stone(page, "share", 1)).to_have_attribute("aria-pressed", "false")
    assert stored(enrollment) == [("share", "My sister on the phone", False)]


def test_a_removal_without_a_network_is_tried_again(
    alice_page: Page, enrollment: Enrollment, complaints: Complaints
) -> None:
    complaints.expect_no_network()
    make_entry(enrollment=enrollment, practice="act", line="Wrote to the library")
    page, toast = alice_page, alice_page.locator("#toast")
    page.reload()
    page.context.set_offline(True)
    with unanswered(page):
        page.get_by_role("button", name="Remove Act 1").click()
    page.context.set_offline(False)

    toast.get_by_role("button", name="Try again").click()

    expect(toast).to_contain_text("Removed.")
    expect(line(page, "act", 1)).to_have_value("")
    assert stored(enrollment) == []


def test_an_undo_that_failed_stays_to_be_pressed_again(
    alice_page: Page,
    enrollment: Enrollment,
    complaints: Complaints,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    complaints.expect_no_network()
    complaints.expect_status(500)
    make_entry(enrollment=enrollment, practice="act", line="Wrote to the library")
    page, toast = alice_page, alice_page.locator("#toast")
    page.reload()
    page.get_by_role("button", name="Remove Act 1").click()
    undo = toast.get_by_role("button", name="Undo")
    undo.focus()  # and the toast stays

    page.context.set_offline(True)
    undo.click()
    expect(toast).to_contain_text("Not saved yet: no connection.")
    page.context.set_offline(False)
    with monkeypatch.context() as broken:
        broken.setattr("program.views.entries.DailyEntry.restore", None)
        with answered(page, lambda response: response.status == 500):
            undo.click()
        expect(toast).to_contain_text("Something broke on our side.")
    shoot(page, "undo-failed")
    undo.click()

    expect(line(page, "act", 1)).to_have_value("Wrote to the library")
    expect(line(page, "act", 1)).to_be_focused()
    expect(toast).to_be_empty()
    assert stored(enrollment) == [("act", "Wrote to the library", True)]


def test_a_server_error_is_taken_back_and_said(
    alice_page: Page,
    enrollment: Enrollment,
    complaints: Complaints,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    complaints.expect_status(500)
    page, toast = alice_page, alice_page.locator("#toast")

    with monkeypatch.context() as broken:
        broken.setattr("program.views.entries.DailyEntry.objects", None)
        with answered(page, lambda response: response.status == 500):
            stone(page, "request", 1).click()
        expect(toast).to_contain_text("Something broke on our side. Nothing was saved. Try again.")
        expect(stone(page, "request", 1)).to_have_attribute("aria-pressed", "false")
        expect(page.locator("#tally")).not_to_contain_text("1 of 6")
        with answered(page, lambda response: response.status == 500):
            leave(line(page, "request", 1), "Jonas, for an hour")
        expect(line(page, "request", 1)).to_have_value("Jonas, for an hour")
        shoot(page, "server-error-toast")
    assert stored(enrollment) == []
    toast.get_by_role("button", name="Try again").click()

    expect(page.locator("#tally")).to_have_text("1 of 6 today. Five still open.")
    expect(toast).to_be_empty()
    page.reload()
    expect(line(page, "request", 1)).to_have_value("Jonas, for an hour")
    assert stored(enrollment) == [("request", "Jonas, for an hour", True)]


def test_an_outcome_that_was_not_saved_is_sent_again(
    alice_page: Page, enrollment: Enrollment, complaints: Complaints
) -> None:
    complaints.expect_no_network()
    page = alice_page
    stone(page, "request", 1).click()
    answer = page.get_by_role("group", name="What came back on request 1?")
    expect(answer).to_be_visible()
    page.context.set_offline(True)
    for word in ("No", "Yes"):
        with unanswered(page):
            answer.get_by_text(word, exact=True).click()

    page.context.set_offline(False)

    expect(page.locator("#toast")).to_be_empty()
    page.reload()
    expect(answer.get_by_role("radio", name="Yes")).to_be_checked()
    assert DailyEntry.objects.get().outcome == DailyEntry.Outcome.GRANTED


def test_a_line_too_long_for_a_stone_is_refused_in_words(
    alice_page: Page, enrollment: Enrollment, complaints: Complaints
) -> None:
    complaints.expect_status(422)
    page = alice_page
    line(page, "share", 1).evaluate("field => field.removeAttribute('maxlength')")

    with answered(page):
        leave(line(page, "share", 1), "x" * 501)

    expect(page.locator("#toast")).to_contain_text("A line holds 500 characters.")
    expect(line(page, "share", 1)).to_have_value("x" * 501)
    assert stored(enrollment) == []
