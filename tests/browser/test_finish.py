"""The end of two weeks: what they came to, on paper too, and the next ones; a pause before it."""

import os
import re
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from program.models import DailyEntry, Enrollment, Person
from tests.browser.pages import DESK, Complaints, LogIn, answered, line, shoot
from tests.browser.test_accessibility import Audit, audit  # noqa: F401
from tests.factories import NOON, make_enrollment, make_entry, make_moment

LONG = "I asked in person, and it was one sentence. " * 8


@pytest.fixture
def walked(alice: User) -> Enrollment:
    """Day 14 of two weeks in which a lot was put down."""
    enrollment = make_enrollment(participant=alice, starts_on=date(2027, 3, 3))
    ruth = Person.objects.create(user=alice, name="Ruth Adeyemi", created_at=NOON)
    outcomes = ["granted", "declined", "waiting", "countered", "granted", "granted", "unanswered"]
    for number, day in enumerate(enrollment.dates):
        for practice in ("share", "act"):
            make_entry(enrollment=enrollment, day=day, practice=practice, line="Words of a day")
        entry = make_entry(
            enrollment=enrollment,
            day=day,
            practice="request",
            line=f"May we use the depot on Saturday {number}?",
            outcome=outcomes[number % 7],
        )
        DailyEntry.objects.filter(pk=entry.pk).update(
            size=["easy", "stretch"][number % 2], person=ruth
        )
    for number in (2, 5, 8):
        make_moment(enrollment=enrollment, title=f"The key {number}", moment=LONG[:200])
    return enrollment


def test_the_finish_is_filled_in_printed_and_leads_on(
    log_in: LogIn,
    walked: Enrollment,
    audit: Audit,  # noqa: F811
) -> None:
    page = log_in(walked.participant, bypass_csp=True)
    page.goto("/today/")
    page.get_by_role("link", name="See what they came to").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You walked all fourteen")
    looking_back = page.get_by_role("heading", name="Looking back")
    page.emulate_media(media="print")
    expect(looking_back).to_be_hidden()
    page.emulate_media(media="null")
    page.get_by_label("In sight").check()
    page.get_by_label("What gave way").fill(LONG)
    page.get_by_label("Which request").fill("The key.")
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
    expect(page.get_by_label("In sight")).to_be_checked()
    audit.look_at(page, "finish")

    assert pages_of(page) == 2
    page.emulate_media(media="print")
    expect(looking_back).to_be_visible()
    expect(page.get_by_label("What will you keep doing?")).to_be_hidden()
    page.emulate_media(media="null")
    shoot(page, "finish")

    page.get_by_role("link", name="Thank your people").click()
    expect(page.get_by_label("Thanks to Ruth Adeyemi")).to_have_value(re.compile("Dear Ruth"))
    audit.look_at(page, "thanks")
    assert audit.findings == []


def pages_of(page: Page) -> int:
    """On A4, as the browser prints it."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.pdf(format="A4", path=Path(folder) / "finish.pdf")
    pdf = page.pdf(format="A4")
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))


def test_words_of_the_finish_in_two_tabs_are_both_shown(
    log_in: LogIn, walked: Enrollment, complaints: Complaints
) -> None:
    complaints.expect_status(409)
    page = log_in(walked.participant, size=DESK)
    page.goto("/finish/")
    second = page.context.new_page()
    second.goto("/finish/")
    second.get_by_label("Which request").fill("From the second tab")
    second.get_by_role("button", name="Keep it").click()
    expect(second.get_by_role("status").filter(has_text="Saved.")).to_be_visible()

    page.get_by_label("Which request").fill("From the first tab")
    page.get_by_role("button", name="Keep it").click()

    expect(page.get_by_role("alert")).to_contain_text("From the second tab")
    expect(page.get_by_label("Which request")).to_have_value("From the first tab")


def test_start_again_keeps_the_earlier_two_weeks_to_read(
    alice_page: Page,
    enrollment: Enrollment,
    audit: Audit,  # noqa: F811
) -> None:
    make_entry(enrollment=enrollment, line="Ruth, at the bus stop")
    page = alice_page
    page.get_by_role("button", name="Account of Alice").click()
    page.get_by_role("link", name="Pause or start again").click()
    page.get_by_role("button", name="Start again today").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Day 1 of 14")

    page.get_by_role("button", name="Account of Alice").click()
    page.get_by_role("link", name="Earlier two weeks").click()
    page.get_by_role("main").get_by_role("link", name="Open a repair corner").nth(1).click()
    expect(page.get_by_role("main")).to_contain_text("Ruth, at the bus stop")
    shoot(page, "earlier")


def test_a_pause_shows_what_it_moves_and_ends_again(
    log_in: LogIn,
    enrollment: Enrollment,
    audit: Audit,  # noqa: F811
) -> None:
    page = log_in(enrollment.participant, bypass_csp=True)
    make_entry(enrollment=enrollment, day=enrollment.dates[0])
    page.goto("/pauses/")
    page.get_by_label("Back on").fill("2027-03-20")
    expect(page.locator("#pause-preview")).to_contain_text("Day 9 is then Saturday, March 20")
    audit.look_at(page, "pause")
    page.get_by_role("button", name="Pause until Saturday, March 20").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are in a pause")
    audit.look_at(page, "in a pause")

    page.get_by_role("button", name="Go on today").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Day 9 of 14")
    assert audit.findings == []


# --- Names while typing --------------------------------------------------------------------------


def test_a_line_offers_the_names_of_the_list(alice_page: Page, enrollment: Enrollment) -> None:
    for name in ("Imani Wekesa", "Ines", "Ruth"):
        Person.objects.create(user=enrollment.participant, name=name, created_at=NOON)
    page = alice_page
    page.reload()
    share = line(page, "share", 1)
    share.click()

    page.keyboard.type("Told im")
    offered = page.get_by_role("group", name="Names from your list").get_by_role("button")
    expect(offered).to_have_text(["Imani Wekesa"])
    shoot(page, "names")
    with answered(page, lambda answer: "Wekesa" in (answer.request.post_data or "")):
        offered.first.click()

    expect(share).to_have_value("Told Imani Wekesa")
    expect(share).to_be_focused()
    expect(offered).to_have_count(0)
    page.reload()
    link = page.get_by_role("link", name="Imani Wekesa")
    expect(link).to_be_visible()
