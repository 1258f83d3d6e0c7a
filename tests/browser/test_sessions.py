"""Sessions that end under an open page: no words are lost, and none reach another account."""

import re

from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from accounts.models import User
from program.models import Enrollment, Reflection
from tests.browser.pages import (
    Complaints,
    LogIn,
    answered,
    leave,
    line,
    shoot,
    stone,
    stored,
    wait_until_drawn,
    write,
)
from tests.factories import PASSWORD, make_enrollment

LOGGED_OUT = "You have been logged out. Your words are still here."


def test_an_ended_session_is_said_and_the_words_are_saved_after_a_login(
    alice_page: Page, enrollment: Enrollment, complaints: Complaints
) -> None:
    complaints.expect_status(401)
    page, toast = alice_page, alice_page.locator("#toast")
    Session.objects.all().delete()

    stone(page, "share", 1).click()
    expect(toast).to_contain_text(LOGGED_OUT)
    expect(stone(page, "share", 1)).to_have_attribute("aria-pressed", "false")
    with answered(page, lambda response: response.status == 401):
        leave(line(page, "share", 1), "My sister on the phone")
    expect(toast).to_contain_text(LOGGED_OUT)
    expect(line(page, "share", 1)).to_have_value("My sister on the phone")
    expect(page.get_by_role("heading", name="Welcome back")).to_have_count(0)
    shoot(page, "logged-out-toast")
    assert stored(enrollment) == []

    with page.expect_popup() as popup:
        toast.get_by_role("link", name="Log in in a new tab").click()
    fill_in_login(popup.value, "alice")
    expect(popup.value.get_by_role("heading", name="Day 9 of 14")).to_be_visible()
    # The token of the first page is another than the one that the login has made.
    toast.get_by_role("button", name="Try again").click()

    expect(page.locator("#tally")).to_have_text("1 of 6 today. Five still open.")
    expect(stone(page, "share", 1)).to_have_attribute("aria-pressed", "true")
    expect(toast).to_be_empty()
    popup.value.reload()
    expect(line(popup.value, "share", 1)).to_have_value("My sister on the phone")
    assert stored(enrollment) == [("share", "My sister on the phone", True)]


def test_words_left_unsaved_go_along_with_the_next_thing_that_gets_through(
    alice_page: Page, enrollment: Enrollment, complaints: Complaints
) -> None:
    complaints.expect_status(401)
    page = alice_page
    reflection = page.get_by_role("textbox", name="Today, in a line or two")
    Session.objects.all().delete()
    for field, words in (
        (line(page, "act", 1), "Wrote to the library"),
        (reflection, "It shifted."),
    ):
        with answered(page, lambda response: response.status == 401):
            leave(field, words)
        expect(page.locator("#toast")).to_contain_text(LOGGED_OUT)
        page.keyboard.press("Escape")
        expect(page.locator("#toast")).to_be_empty()

    second = page.context.new_page()
    second.goto("/today/")
    fill_in_login(second, "alice")
    expect(second.get_by_role("heading", name="Day 9 of 14")).to_be_visible()
    write(page, "request", 2, "Jonas, for an hour")

    expect(page.locator("#reflection-status")).to_have_text("Saved.")
    wait_until_drawn(page)  # The line goes beside it.
    second.reload()
    expect(line(second, "act", 1)).to_have_value("Wrote to the library")
    assert sorted(stored(enrollment)) == [
        ("act", "Wrote to the library", False),
        ("request", "Jonas, for an hour", False),
    ]
    assert Reflection.objects.of(enrollment).get().text == "It shifted."


def test_a_page_of_one_person_writes_nothing_into_the_account_of_another(
    alice_page: Page, enrollment: Enrollment, bob: User, complaints: Complaints
) -> None:
    complaints.expect_status(401)
    complaints.expect_status(404)
    page = alice_page
    bobs = make_enrollment(participant=bob, statement="Sing in public")
    Session.objects.all().delete()
    with answered(page, lambda response: response.status == 401):
        leave(line(page, "share", 1), "My sister on the phone")
    second = page.context.new_page()
    second.goto("/today/")
    fill_in_login(second, "bob")
    expect(second.get_by_text("Sing in public")).to_be_visible()

    stone(page, "share", 1).click()
    expect(page.locator("#toast")).to_contain_text("That is not here any more.")
    reflection = page.get_by_role("textbox", name="Today, in a line or two")
    with answered(page, lambda response: response.status == 404):
        leave(reflection, "Alice was here.")
    with answered(page, lambda response: response.status == 404):
        leave(line(page, "share", 1), "My sister, once more")

    expect(stone(page, "share", 1)).to_have_attribute("aria-pressed", "false")
    expect(line(page, "share", 1)).to_have_value("My sister, once more")
    second.reload()
    expect(line(second, "share", 1)).to_have_value("")
    assert stored(bobs) == stored(enrollment) == []
    assert not Reflection.objects.exists()


def test_without_javascript_an_ended_session_leads_through_the_login_back_to_the_day(
    log_in: LogIn, enrollment: Enrollment
) -> None:
    page = log_in(enrollment.participant, java_script_enabled=False)
    page.goto("/days/2027-03-15/")
    Session.objects.all().delete()

    line(page, "share", 1).fill("My sister on the phone")
    stone(page, "share", 1).click()

    expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
    expect(page.locator(".messages")).to_contain_text(
        "You had been logged out, so that was not saved."
    )
    shoot(page, "logged-out-login")
    fill_in_login(page, "alice")
    expect(page).to_have_url(re.compile("/days/2027-03-15/$"))
    assert stored(enrollment) == []


def test_back_after_a_logout_shows_no_page_that_was_private(
    log_in: LogIn, enrollment: Enrollment
) -> None:
    page = log_in(enrollment.participant)
    private = ["/today/", "/days/2027-03-15/", "/days/2027-03-20/", "/accounts/email/"]
    for path in private:
        page.goto(path)
        expect(page.get_by_role("button", name="Account of Alice")).to_be_visible()
    page.get_by_role("button", name="Account of Alice").click()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("link", name="Log in").first).to_be_visible()

    for _path in private:
        page.go_back()
        expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
        assert "Alice" not in page.content()


def test_a_page_from_before_a_new_login_still_logs_out(
    alice_page: Page, enrollment: Enrollment
) -> None:
    page = alice_page
    second = page.context.new_page()
    page.context.clear_cookies(name="session")
    second.goto("/today/")
    fill_in_login(second, "alice")
    expect(second.get_by_role("heading", name="Day 9 of 14")).to_be_visible()

    page.get_by_role("button", name="Account of Alice").click()
    page.get_by_role("button", name="Log out").click()

    expect(page.get_by_role("link", name="Log in").first).to_be_visible()


def fill_in_login(page: Page, name: str) -> None:
    page.get_by_label("Email").fill(f"{name}@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
