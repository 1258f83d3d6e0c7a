"""The way of a request: asked on Today, answered in the ledger, asked again; and its draft."""

import re
from datetime import date
from typing import Any

import time_machine
from playwright.sync_api import Response, expect

from program.models import DailyEntry, Enrollment
from tests.browser.pages import (
    DESK,
    PHONE,
    Complaints,
    LogIn,
    OpenContext,
    answered,
    line,
    shoot,
    stone,
    write,
)
from tests.browser.test_accessibility import Audit
from tests.factories import NOON, make_entry


def is_saved(response: Response) -> bool:
    return response.request.method == "POST" and "/requests/" in response.url


def make_ledger(enrollment: Enrollment) -> list[DailyEntry]:
    rows = [
        (16, "An hour to look over the wiring", "Jonas, electrician", "waiting", ""),
        (15, "The key to the hall", "Mr Okafor, council", "granted", "Collect it on Thursdays"),
        (15, "Twelve folding tables", "Parish office", "countered", "Six, if we carry them"),
        (14, "Two Saturdays at the door", "Imani", "granted", ""),
        (
            14,
            "A line in the library newsletter",
            "Birgit, library",
            "waiting",
            "In April, she said",
        ),
        (11, "Space in the shop window", "Hardware store", "declined", "Booked until summer"),
        (10, "Spare parts of any kind", "Recycling center", "unanswered", ""),
        (9, "Advice on insurance", "", "granted", "Sent their whole folder"),
    ]
    ledger = DailyEntry.objects.in_ledger(enrollment)
    made = []
    for number, (day, words, name, outcome, answer) in enumerate(rows, 1):
        entry = make_entry(
            enrollment=enrollment,
            practice="request",
            day=date(2027, 3, day),
            place=number,
            line=words,
            outcome=outcome,
        )
        wanted: dict[str, Any] = {"answer": answer, "of_whom": name}
        if number in (5, 7):
            wanted |= {"follow_up_on": date(2027, 3, 16 if number == 7 else 19), "size": "stretch"}
        made.append(ledger.revise(entry, wanted, user=enrollment.participant, now=NOON))
    make_entry(
        enrollment=enrollment,
        practice="request",
        place=9,
        line="Paint from the school",
        placed=False,
    )
    return made


def test_the_pages_of_requests_look_well_in_both_themes(
    log_in: LogIn, enrollment: Enrollment
) -> None:
    made = make_ledger(enrollment)
    for theme in ("light", "dark"):
        for size in (PHONE, DESK):
            page = log_in(enrollment.participant, size=size, color_scheme=theme)
            name = f"{size[0]}-{theme}"
            page.goto("/requests/")
            shoot(page, f"list-{name}")
            page.get_by_role("link", name=f"Change the answer: {made[0].line}").click()
            expect(page.get_by_role("radio", name="Waiting")).to_be_focused()
            shoot(page, f"open-{name}")
            page.goto(f"/requests/{made[0].client_id}/")
            shoot(page, f"detail-{name}")
            page.goto(f"/requests/draft/?request={made[0].client_id}")
            page.get_by_label("By when?").fill("Friday noon")
            page.get_by_label("What is in it for them?").fill("A cake, and his name on the wall")
            page.get_by_role("button", name="Draft it").click()
            expect(page.get_by_role("heading", name="Your draft")).to_be_visible()
            shoot(page, f"draft-{name}")


def test_a_request_goes_from_the_ask_to_the_answer_and_to_a_moment(
    log_in: LogIn, enrollment: Enrollment, noon: time_machine.Traveller
) -> None:
    page = log_in(enrollment.participant)
    page.goto("/today/")
    stone(page, "request", 1).click()
    expect(page.locator("#count-request")).to_have_text("1 of 2")
    write(page, "request", 1, "Ruth, for the ladder")

    page.goto("/requests/")
    opener = page.get_by_role("link", name="Change the answer: Ruth, for the ladder")
    opener.click()
    expect(page.get_by_role("radio", name="Waiting")).to_be_focused()
    page.get_by_label("Of whom").fill("Ruth")
    page.get_by_role("radio", name="Stretch").check()
    page.get_by_label("In their words").fill("She is away until Thursday")
    with answered(page, is_saved):
        page.get_by_role("button", name="In three days").click()
    expect(opener).to_be_focused()
    row = page.get_by_role("row").filter(has_text="Ruth, for the ladder")
    expect(row).to_contain_text("She is away until Thursday")
    expect(row).to_contain_text("Stretch")
    expect(row).to_contain_text("Ask again on Friday, March 19")
    expect(page.locator("#count-due")).to_have_text("(0)")

    # Three days later it is due.
    noon.move_to(NOON.replace(day=19))
    page.goto("/requests/")
    tab = page.get_by_role("link", name="Ask again (1)")
    tab.click()
    expect(tab).to_have_attribute("aria-current", "true")
    expect(tab).to_be_focused()
    expect(page).to_have_url(re.compile(r"/requests/\?outcome=due$"))
    expect(page.locator("#ledger-status")).to_have_text("Requests, Ask again: 1")

    # She says no, and it counts.
    opener.click()
    page.get_by_role("radio", name="No", exact=True).check()
    expect(page.get_by_label("Ask again on")).to_be_hidden()
    with answered(page, is_saved):
        page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#toast")).to_have_text("A no is a request made.")
    expect(page.locator("#request-facts")).to_contain_text("1 of 5")
    expect(page.locator("#count-due")).to_have_text("(0)")
    expect(page.locator("#count-declined")).to_have_text("(1)")
    page.go_back()
    expect(page.get_by_role("link", name="All (1)")).to_have_attribute("aria-current", "true")
    entry = DailyEntry.objects.with_person().get()
    assert entry.person
    assert (entry.outcome, entry.person.name, entry.follow_up_on) == ("declined", "Ruth", None)

    # What a no can be good for is a moment, and the request led to it.
    noon.move_to(NOON.replace(day=17))
    page.goto("/moments/")
    page.get_by_label("The moment itself").fill("She said no and named her brother.")
    page.get_by_role("button", name="Keep it").click()
    page.get_by_role("link", name="What led to it?").first.click()
    page.get_by_label("Ruth, for the ladder").check()
    page.get_by_role("button", name="Keep it").click()
    moment = page.get_by_role("article").filter(has_text="She said no and named her brother.")
    expect(moment).to_contain_text("Request: Ruth, for the ladder")


def test_what_a_row_cannot_take_stays_in_its_fields(
    log_in: LogIn, enrollment: Enrollment, complaints: Complaints
) -> None:
    complaints.expect_status(422)
    make_ledger(enrollment)
    page = log_in(enrollment.participant)
    page.goto("/requests/")
    page.get_by_role("link", name="Change the answer: An hour to look over the wiring").click()
    page.get_by_label("In their words").fill("Half a thought")
    page.get_by_label("Ask again on").fill("2027-03-01")

    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.locator("#toast")).to_contain_text("That day has passed.")
    expect(page.get_by_label("In their words")).to_have_value("Half a thought")


def test_the_ledger_works_without_a_script(
    open_context: OpenContext, log_in: LogIn, enrollment: Enrollment
) -> None:
    make_ledger(enrollment)
    page = log_in(enrollment.participant, open_context(java_script_enabled=False))
    page.goto("/requests/")
    page.get_by_role("link", name="Counter-offer (1)").click()
    page.get_by_role("link", name="Change the answer: Twelve folding tables").click()
    page.locator("label", has_text="No answer").click()
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_role("link", name="No answer (2)")).to_be_visible()


def test_a_draft_is_copied_or_opens_the_mail_program(
    log_in: LogIn, open_context: OpenContext, enrollment: Enrollment
) -> None:
    context = open_context(permissions=["clipboard-read", "clipboard-write"])
    page = log_in(enrollment.participant, context)
    page.goto("/requests/draft/")
    page.get_by_label("To whom?").fill("Jonas, electrician")
    page.get_by_label("What exactly?").fill("An hour for the wiring")
    page.get_by_role("button", name="Draft it").click()
    words = page.get_by_role("textbox", name="Your draft")
    page.wait_for_load_state()  # and its scripts have run
    expect(words).to_have_value(re.compile("^Hello Jonas,\n"))
    words.fill("Jonas, could you?\nAn hour & a half.")

    page.get_by_role("button", name="Copy").click()

    expect(page.get_by_role("status").filter(has_text="Copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "Jonas, could you?\nAn hour & a half."
    mail = page.get_by_role("link", name="Open in your mail program")
    body = "Jonas%2C%20could%20you%3F%0D%0AAn%20hour%20%26%20a%20half."
    expect(mail).to_have_attribute("href", re.compile(rf"^mailto:\?subject=.+&body={body}$"))
    words.fill("word " * 400)
    expect(mail).to_be_hidden()
    expect(page.get_by_text("It is too long for a link")).to_be_visible()

    page.get_by_role("button", name="Put it on today's list").click()
    expect(page).to_have_url(re.compile("/today/#entry-"))
    expect(line(page, "request", 2)).to_have_value("Jonas, electrician: An hour for the wiring")


def test_a_draft_is_selected_where_a_page_may_not_copy(
    log_in: LogIn, enrollment: Enrollment
) -> None:
    page = log_in(enrollment.participant)
    page.add_init_script("navigator.clipboard.writeText = () => Promise.reject(new Error('no'))")
    page.goto("/requests/draft/")
    page.get_by_label("To whom?").fill("Jonas")
    page.get_by_label("What exactly?").fill("An hour")
    page.get_by_role("button", name="Draft it").click()

    page.get_by_role("button", name="Copy").click()

    expect(page.get_by_text("The words are selected")).to_be_visible()
    expect(page.get_by_role("textbox", name="Your draft")).to_be_focused()
    assert "Hello Jonas" in page.evaluate("getSelection().toString()")


def test_requests_are_accessible(
    log_in: LogIn, enrollment: Enrollment, complaints: Complaints
) -> None:
    audit = Audit()
    complaints.expect_status(422)
    page = log_in(enrollment.participant, bypass_csp=True)
    page.goto("/requests/")
    audit.look_at(page, "requests empty")
    made = make_ledger(enrollment)
    page.goto("/requests/")
    page.get_by_role("link", name=f"Change the answer: {made[0].line}").click()
    expect(page.get_by_role("radio", name="Waiting")).to_be_focused()
    audit.look_at(page, "requests with an open row")
    page.goto(f"/requests/{made[1].client_id}/")
    page.get_by_label("Ask again on").evaluate("field => { field.value = '2027-03-01' }")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    audit.look_at(page, "a request with errors")
    page.goto(f"/requests/draft/?request={made[0].client_id}")
    page.get_by_role("button", name="Draft it").click()
    expect(page.get_by_role("heading", name="Your draft")).to_be_visible()
    audit.look_at(page, "a draft")

    assert audit.findings == []
