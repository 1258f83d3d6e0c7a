"""The ten steps: from begun to in place and back, a note on two tabs, evidence; by keys alone."""

import re

import pytest
from playwright.sync_api import Locator, Page, Response, Route, expect

from accounts.models import User
from program.models import DailyEntry, Enrollment, Need, Person, StepProgress
from tests.browser.pages import (
    DESK,
    PHONE,
    Complaints,
    LogIn,
    answered,
    leave,
    pass_double_tap,
    shoot,
)
from tests.browser.test_accessibility import Audit
from tests.factories import NOON, make_entry

NOTES = {
    1: "A repair café. Saturdays. The library hall.",
    2: "Thirteen people so far, two of them by accident.",
    3: "No phone before nine. That is forty minutes.",
    5: "The toolbox lives in the hallway now.",
    6: "Imani. My sister, against all odds.",
    9: "Mended the neighbor's lamp on the library steps.",
}


def is_note(response: Response) -> bool:
    return response.url.endswith("/note/")


@pytest.fixture
def page(log_in: LogIn, enrollment: Enrollment) -> Page:
    """Alice's steps on a phone: nothing begun, two lines on her days."""
    make_entry(enrollment=enrollment, line="Imani at the tool library")
    make_entry(enrollment=enrollment, practice="act", line="Talked to the caretaker")
    page = log_in(enrollment.participant)
    page.goto("/steps/")
    return page


def test_a_step_goes_from_begun_to_in_place_and_is_reopened(
    page: Page, enrollment: Enrollment
) -> None:
    step = page.locator("#step-4")
    tally = page.locator("#step-tally")

    step.get_by_role("button", name="Begin (step 4)").click()
    expect(step).to_contain_text("Begun")
    expect(step.get_by_role("button", name="Not begun after all (step 4)")).to_be_focused()
    assert _stored(4).is_begun

    _stone(page, 4).click()
    expect(tally).to_have_text("1 of 10")
    expect(_stone(page, 4)).to_have_attribute("aria-pressed", "true")
    expect(_stone(page, 4)).to_be_focused()
    expect(step.get_by_text("Begun", exact=True)).to_have_count(0)

    pass_double_tap(page)
    _stone(page, 4).click()
    expect(tally).to_have_text("0 of 10")
    expect(step).to_contain_text("Begun")
    step.get_by_role("button", name="Not begun after all").click()
    expect(step.get_by_role("button", name="Begin (step 4)")).to_be_focused()
    assert _stored(4).state == StepProgress.State.NOT_BEGUN


def test_a_stone_answers_the_finger_before_the_server_does(
    page: Page, enrollment: Enrollment
) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/steps/4/state/", hold)

    with page.expect_request("**/steps/4/state/"):
        _stone(page, 4).click()

    expect(_stone(page, 4)).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#step-tally")).to_have_text("0 of 10")
    held[0].continue_()
    expect(page.locator("#step-tally")).to_have_text("1 of 10")


def test_a_stone_without_a_network_goes_back_and_is_tried_again(
    page: Page, enrollment: Enrollment, complaints: Complaints
) -> None:
    complaints.expect_no_network()
    page.context.set_offline(True)
    _stone(page, 4).click()
    expect(page.locator("#toast")).to_contain_text("Not saved yet: no connection.")
    expect(_stone(page, 4)).to_have_attribute("aria-pressed", "false")

    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()

    expect(page.locator("#step-tally")).to_have_text("1 of 10")
    expect(page.locator("#toast")).to_be_empty()
    assert _stored(4).is_in_place


def test_a_step_is_worked_by_keys_alone(page: Page, enrollment: Enrollment) -> None:
    step = page.locator("#step-5")
    keys = page.keyboard

    _stone(page, 4).focus()
    for name in ("Begin (step 4)", "Add a note (step 4)", "Attach an entry (step 4)"):
        keys.press("Tab")
        assert page.evaluate("document.activeElement.innerText.trim()").startswith(name[:5])
    keys.press("Tab")
    expect(_stone(page, 5)).to_be_focused()

    # The note: opened, written, saved by itself, closed.
    keys.press("Tab")
    keys.press("Tab")
    keys.press("Enter")
    keys.press("Tab")
    expect(_note(page, 5)).to_be_focused()
    # At once: a word typed slowly is a save of its own.
    keys.insert_text("The toolbox lives in the hallway now.")
    expect(page.locator("#step-status-5")).to_have_text("Saved.")
    expect(_note(page, 5)).to_be_focused()
    expect(step).to_contain_text("Begun")
    keys.press("Shift+Tab")
    keys.press("Enter")
    expect(page.locator("#step-words-5")).to_have_text("The toolbox lives in the hallway now.")

    # Evidence: the list opened, one attached and one more, the list closed, one detached.
    attach = page.locator("#step-attach-5")
    keys.press("Tab")
    expect(attach).to_be_focused()
    keys.press("Enter")
    expect(attach).to_have_text("Done attaching (step 5)")
    expect(attach).to_be_focused()
    for line in ("Talked to the caretaker", "Imani at the tool library"):
        keys.press("Tab")
        pick = step.get_by_role("button", name=line)
        expect(pick).to_be_focused()
        keys.press("Space")
        expect(pick).to_have_attribute("aria-pressed", "true")
        expect(pick).to_be_focused()
    shoot(page, "steps-picking")
    attach.focus()
    keys.press("Enter")
    expect(attach).to_be_focused()
    expect(step.locator(".step__attached li")).to_have_count(2)
    step.get_by_role("button", name="Detach “Imani at the tool library” from step 5").focus()
    keys.press("Enter")
    expect(page.locator("#toast")).to_contain_text("No longer attached.")
    expect(attach).to_be_focused()
    page.get_by_role("button", name="Undo").focus()
    keys.press("Enter")
    expect(step.locator(".step__attached li")).to_have_count(2)
    expect(page.locator("#toast")).to_be_empty()
    expect(attach).to_be_focused()

    _stone(page, 5).focus()
    keys.press("Space")
    expect(page.locator("#step-tally")).to_have_text("1 of 10")
    assert _stored(5).is_in_place
    assert _stored(5).evidence.count() == 2


def test_a_note_on_two_tabs_shows_both_texts(
    page: Page, enrollment: Enrollment, complaints: Complaints
) -> None:
    complaints.expect_status(409)
    other = page.context.new_page()
    other.goto("/steps/")
    for tab, words in ((other, "From the second tab"), (page, "From the first tab")):
        tab.locator("#step-3 summary").click()
        with answered(tab, is_note):
            leave(_note(tab, 3), words)
    other.close()

    conflict = page.locator("#step-conflict-3")
    expect(conflict).to_contain_text("From the second tab")
    expect(conflict).to_contain_text("From the first tab")
    expect(_note(page, 3)).to_have_value("From the first tab")
    expect(page.locator("#step-status-3")).to_contain_text("Not saved yet")
    assert _stored(3).note == "From the second tab"
    shoot(page, "steps-conflict")
    conflict.get_by_role("button", name="Keep both").click()

    page.wait_for_url("**/steps/#step-3")
    expect(page.locator("#step-words-3")).to_have_text(
        re.compile("From the second tab.*From the first tab", re.S)
    )
    assert _stored(3).version == 2


def test_steps_work_without_a_script(log_in: LogIn, enrollment: Enrollment) -> None:
    make_entry(enrollment=enrollment, line="Imani at the tool library")
    page = log_in(enrollment.participant, java_script_enabled=False)
    page.goto("/steps/")
    step = page.locator("#step-4")

    _stone(page, 4).click()
    expect(page.locator("#step-tally")).to_have_text("1 of 10")
    step.locator("summary").click()
    _note(page, 4).fill("About the goal, not the weather.")
    step.get_by_role("button", name="Save").click()
    expect(step.locator(".step__words")).to_have_text("About the goal, not the weather.")
    step.get_by_role("link", name="Attach an entry").click()
    pick = step.get_by_role("button", name="Imani")
    pick.click()
    expect(pick).to_have_attribute("aria-pressed", "true")
    step.get_by_role("link", name="Done attaching").click()
    step.get_by_role("button", name="Detach").click()
    expect(step.locator(".step__attached li")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()

    expect(step.locator(".step__attached li")).to_have_count(1)


def test_steps_are_accessible(
    log_in: LogIn, enrollment: Enrollment, alice: User, complaints: Complaints
) -> None:
    complaints.expect_status(409)
    _live_a_while(enrollment, alice)
    audit = Audit()
    page = log_in(alice, bypass_csp=True)
    page.goto("/steps/")
    audit.look_at(page, "steps")
    page.goto("/steps/4/evidence/")
    audit.look_at(page, "steps picking")
    page.locator("#step-4 summary").click()
    StepProgress.objects.save_note(
        enrollment=enrollment, number=4, text="In another tab", based_on=0, now=NOON
    )
    with answered(page, is_note):
        leave(_note(page, 4), "Here")
    expect(page.get_by_role("heading", name="You wrote here in two places")).to_be_visible()
    audit.look_at(page, "steps in conflict")

    assert audit.findings == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_steps_look_like_steps(
    log_in: LogIn, enrollment: Enrollment, alice: User, theme: str
) -> None:
    _live_a_while(enrollment, alice)

    for width, size in ((390, PHONE), (1280, DESK)):
        page = log_in(alice, color_scheme=theme, size=size)
        page.goto("/steps/")
        expect(page.locator("#step-tally")).to_have_text("6 of 10")
        shoot(page, f"steps-{width}-{theme}")


def _live_a_while(enrollment: Enrollment, alice: User) -> None:
    """The nine days of the mock-up: six steps in place, lines, a need, an evangelist."""
    for number, note in NOTES.items():
        StepProgress.objects.save_note(
            enrollment=enrollment, number=number, text=note, based_on=0, now=NOON
        )
        StepProgress.objects.mark(enrollment=enrollment, number=number, state="in_place", now=NOON)
    StepProgress.objects.mark(enrollment=enrollment, number=7, state="begun", now=NOON)
    for place in range(1, 7):
        day = enrollment.dates[place]
        make_entry(enrollment=enrollment, day=day, practice="request", line="Ask", place=place)
        make_entry(enrollment=enrollment, day=day, line=f"Sofia and her neighbor, {place}")
    answers = (
        "There is a hall behind the library that nobody uses on Saturdays",
        "Ask the council",
    )
    for entry, answer in zip(DailyEntry.objects.filter(practice="share"), answers, strict=False):
        entry.answer = answer
        entry.save(update_fields=["answer"])
    for place in (1, 2, 3):
        make_entry(enrollment=enrollment, practice="request", place=place)
        entry = make_entry(
            enrollment=enrollment, practice="act", line=f"Mended lamp number {place}", place=place
        )
    StepProgress.objects.get(number=9).evidence.add(entry)
    Person.objects.create(user=alice, name="Imani Wekesa", is_evangelist=True, created_at=NOON)
    Need.objects.create(enrollment=enrollment, question="Who has keys?", created_at=NOON)


def _stone(page: Page, number: int) -> Locator:
    return page.get_by_role("button", name=f"Step {number} in place")


def _note(page: Page, number: int) -> Locator:
    return page.get_by_role("textbox", name=f"Note on step {number}")


def _stored(number: int) -> StepProgress:
    return StepProgress.objects.get(number=number)
