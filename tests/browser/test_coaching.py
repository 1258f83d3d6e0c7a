"""Three people from the first invitation to the last look: a coach, and two whom she coaches."""

import re
from email.message import EmailMessage

from playwright.sync_api import Page, expect

from accounts.models import User
from program.models import Encouragement, Nudge
from tests.browser.pages import (
    DESK,
    Complaints,
    LogIn,
    OpenContext,
    stone,
    wait_until_drawn,
    write,
)
from tests.factories import NOON, PASSWORD
from tests.post import body, scan, sink
from tests.sink import Sink
from tests.waiting import wait_until

__all__ = ["sink"]  # a fixture


def test_a_coach_and_two_whom_she_coaches(
    log_in: LogIn,
    open_context: OpenContext,
    carol: User,
    bob: User,
    sink: Sink,
    complaints: Complaints,
) -> None:
    complaints.expect_status(404)
    coach = log_in(carol, size=DESK)
    link, mailed = invite(coach, sink)
    nina = sign_up_by_link(open_context().new_page(), link, sink)
    bobs = log_in(bob)
    bobs.goto(mailed)
    join(bobs, "Open a repair corner", "Progress and notes")

    # The table follows what both check off, and shows of each what they let it show.
    coach.clock.install()
    coach.goto("/coaching/")
    coach.get_by_role("link", name="Spring starters").first.click()
    ninas_row, bobs_row = (coach.get_by_role("row", name=re.compile(n)) for n in ("Nina", "Bob"))
    expect(ninas_row).to_contain_text("0 of 6")
    expect(ninas_row.get_by_text("Progress only")).to_have_count(1)
    expect(bobs_row.get_by_text("Progress only")).to_have_count(0)
    check_off(nina, "Told my neighbor")
    check_off(bobs, "Told Ruth at the gate")
    look_again(coach)
    expect(ninas_row).to_contain_text("1 of 6")
    expect(bobs_row).to_contain_text("1 of 6")

    answer(coach)
    nudge(coach)
    nina.goto("/today/")
    expect(nina.get_by_text("Who is the next one to tell?").first).to_be_visible()
    bobs.goto("/today/")
    bobs.locator("a.peek").click()
    expect(bobs.get_by_text("Carol, your coach")).to_be_in_viewport()
    wait_until(lambda: Encouragement.objects.filter(read_at__isnull=False).exists())
    assert Nudge.objects.get().enrollment.participant.display_name == "Nina"

    # Less, and then nothing, while the coach's page is open.
    coach.goto("/coaching/")
    coach.get_by_role("link", name="Spring starters").first.click()
    expect(bobs_row.get_by_text("Progress only")).to_have_count(0)
    let_see(bobs, "Progress only", "What Carol sees from now on: Progress only.")
    look_again(coach)
    expect(bobs_row.get_by_text("Progress only")).to_have_count(1)
    bobs_row.get_by_role("link", name="Bob").click()
    expect(coach.get_by_text("Shares progress with you, and no words.")).to_be_visible()
    expect(coach.get_by_text("Told Ruth at the gate")).to_have_count(0)
    expect(coach.get_by_text("Open a repair corner")).to_have_count(0)
    let_see(bobs, "Nothing", "Carol sees nothing of yours any more.")
    coach.reload()
    expect(coach.get_by_role("heading", name="Bob")).to_have_count(0)
    coach.goto("/coaching/")
    coach.get_by_role("link", name="Spring starters").first.click()
    expect(ninas_row).to_contain_text("1 of 6")
    expect(bobs_row).to_have_count(0)
    let_see(nina, "Nothing", "Carol sees nothing of yours any more.")
    look_again(coach)
    expect(ninas_row).to_have_count(0)
    expect(coach.get_by_text("2 people do not share with you.")).to_be_visible()


def invite(coach: Page, sink: Sink) -> tuple[str, str]:
    """Open a cohort; the paths of a link to pass on, and of one that Bob gets by mail."""
    coach.goto("/coaching/new/")
    coach.get_by_label("What is it called?").fill("Spring starters")
    coach.get_by_label("Each starts when they like").check()
    coach.get_by_role("button", name="Open it").click()
    coach.get_by_role("button", name="Make a link").click()
    link = coach.get_by_role("textbox", name="Your new link").input_value()
    coach.get_by_label("Addresses").fill("bob@example.org")
    coach.get_by_label("A few words from you").fill("We begin today.")
    coach.get_by_role("button", name="Send the invitations").click()
    expect(coach.get_by_text("1 invitation is on its way.")).to_be_visible()
    scan(NOON)
    (mail,) = sink.to("bob@example.org")
    assert "We begin today." in body(mail)
    return path_in(link), path_in(body(mail))


def path_in(text: str) -> str:
    found = re.search(r"(/join/[^/\s]+/)", text)
    assert found
    return found[1]


def sign_up_by_link(page: Page, link: str, sink: Sink) -> Page:
    page.goto(link)
    page.get_by_role("link", name="Sign up to join").click()
    page.get_by_label("What should we call you?").fill("Nina")
    page.get_by_label("Email").fill("nina@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create my account").click()
    expect(page.get_by_label("Code")).to_be_visible()
    scan(NOON)
    page.get_by_label("Code").fill(code_in(sink.to("nina@example.org")))
    page.get_by_role("button", name="Confirm").click()
    join(page, "Sing in front of people", "Progress only")
    return page


def code_in(mails: list[EmailMessage]) -> str:
    found = re.search(r"^\s*(\d{6})\s*$", body(mails[-1]), re.MULTILINE)
    assert found
    return found[1]


def join(page: Page, goal: str, scope: str) -> None:
    expect(page.get_by_role("heading", name="Spring starters")).to_be_visible()
    page.get_by_label("The breakthrough").fill(goal)
    page.get_by_label(re.compile(f"^{scope} ")).check()
    page.get_by_label("They may send me a short word").check()
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_text("You are in Spring starters.")).to_be_visible()


def check_off(page: Page, words: str) -> None:
    page.wait_for_load_state()
    stone(page, "share", 1).click()
    wait_until_drawn(page)
    write(page, "share", 1, words)


def look_again(coach: Page) -> None:
    """As the page does by itself every fifteen seconds."""
    coach.wait_for_load_state()
    wait_until_drawn(coach)
    coach.clock.run_for(16_000)


def answer(coach: Page) -> None:
    """Bob's words, which wait for one; of Nina's there are none to be seen."""
    coach.get_by_role("link", name="To answer").click()
    expect(coach.get_by_role("heading", name="Words to answer")).to_be_visible()
    expect(coach.get_by_text("Told Ruth at the gate").first).to_be_visible()
    expect(coach.get_by_text("Told my neighbor")).to_have_count(0)
    coach.get_by_label("Your note").fill("You asked the one with the key.")
    coach.get_by_role("button", name="Leave the note").click()
    expect(coach.get_by_text("Everything has its answer")).to_be_visible()


def nudge(coach: Page) -> None:
    coach.get_by_role("link", name="Cohort", exact=True).click()
    coach.get_by_role("link", name="Nina").click()
    expect(coach.get_by_text("Shares progress with you, and no words.")).to_be_visible()
    coach.get_by_label("A short word").fill("Who is the next one to tell?")
    coach.get_by_role("button", name="Send it").click()
    expect(coach.get_by_text("Sent. It stands on their page of today.")).to_be_visible()


def let_see(page: Page, scope: str, said: str) -> None:
    page.goto("/consents/")
    page.get_by_role("radio", name=re.compile(f"^{scope}")).first.check()
    page.get_by_role("button", name="Save what Carol sees").click()
    expect(page.get_by_text(said)).to_be_visible()
