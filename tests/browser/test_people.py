"""People from the first name to somebody who was told, and a question up to its answer."""

import pytest
from playwright.sync_api import Page, expect

from program.models import DailyEntry, Enrollment, Person
from tests.browser.pages import DESK, Complaints, LogIn, answered, shoot, stone, stored
from tests.browser.test_accessibility import Audit
from tests.factories import make_entry, make_need, make_person

# Name, note, role, and the day on which they were told.
LIST = [
    ("Imani Wekesa", "Told her whole choir. There for the first Saturdays.", "evangelist", 7),
    ("Sara Lindqvist", "My sister. Soldering irons.", "evangelist", 6),
    ("Peder Holm", "Runs the Malmö café. Insurance, liability, coffee.", "advisor", 2),
    ("Jonas Ek", "Electrician.", "supporter", 9),
    ("The man at the parish office", "Find out his name.", "", 8),
    ("Wolfeschlegelsteinhausenbergerdorff" * 2, "", "advisor", 0),
    ("דוד כהן", "", "", 0),
]


@pytest.fixture
def people_page(log_in: LogIn, enrollment: Enrollment) -> Page:
    """Alice's people on a phone: nobody yet."""
    page = log_in(enrollment.participant)
    page.goto("/people/")
    return page


def make_list(enrollment: Enrollment) -> None:
    for name, note, role, day in LIST:
        roles = {f"is_{role}": True} if role else {}
        make_person(user=enrollment.participant, name=name, note=note, **roles)
        if day:
            make_entry(enrollment=enrollment, day=enrollment.dates[day - 1], line=name)
    make_need(enrollment=enrollment, question="Does the insurance cover an iron?", who="Peder")
    answered_at = enrollment.created_at
    make_need(
        enrollment=enrollment,
        question="Who has the key on Saturdays?",
        who="Birgit, or Jonas",
        answer="Mr Okafor, and he is there from nine.",
        answered_at=answered_at,
    )


def test_somebody_added_is_told_once_the_stone_is_placed(
    people_page: Page, enrollment: Enrollment
) -> None:
    page = people_page
    page.get_by_role("link", name="Add someone").click()
    page.get_by_role("textbox", name="Name").fill("Imani Wekesa")
    page.get_by_role("textbox", name="What do they know, or whom?").fill("Her whole choir")
    page.get_by_role("button", name="Add", exact=True).click()
    row = page.get_by_role("listitem").filter(has_text="Imani Wekesa")
    expect(row).to_contain_text("Her whole choir")

    row.get_by_role("link", name="Edit Imani Wekesa").click()
    form = page.get_by_role("form", name="Edit Imani Wekesa")
    form.get_by_role("checkbox", name="Evangelist").check()
    form.get_by_role("button", name="Save").click()
    expect(row).to_contain_text("Evangelist")
    expect(page.get_by_role("link", name="Evangelists (1)")).to_be_visible()
    expect(page.get_by_role("link", name="Edit Imani Wekesa")).to_be_focused()

    row.get_by_role("button", name="Tell Imani Wekesa").click()
    page.wait_for_url("**/today/#entry-*")
    assert stored(enrollment) == [("share", "Imani Wekesa", False)]
    number = page.locator(".entry__line").evaluate_all(
        "lines => lines.findIndex((line) => line.value === 'Imani Wekesa') + 1"
    )
    with answered(page):
        stone(page, "share", number).click()

    page.goto("/people/?role=told")
    expect(row.get_by_role("link", name="Told on day 9")).to_be_visible()
    row.get_by_role("link", name="Told on day 9").click()
    page.wait_for_url("**/days/2027-03-16/#entry-*")


def test_a_question_goes_from_open_to_its_answer(people_page: Page) -> None:
    page = people_page
    page.get_by_role("textbox", name="What do you need to know?").fill("Who has the key?")
    page.get_by_role("combobox", name="Who might know?").fill("Birgit")
    page.get_by_role("button", name="Add the question").click()
    row = page.get_by_role("listitem").filter(has_text="Who has the key?")
    expect(row).to_contain_text("Might know: Birgit")
    done = page.get_by_role("button", name="Answered: Who has the key?")
    expect(done).to_have_attribute("aria-pressed", "false")

    done.click()
    expect(done).to_have_attribute("aria-pressed", "true")
    expect(done).to_be_focused()
    expect(page.locator("#needs-open")).to_have_text("Every question has its answer.")
    page.keyboard.press("Space")
    expect(done).to_have_attribute("aria-pressed", "false")
    expect(page.locator("#needs-open")).to_have_text("One question open.")

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("textbox", name="What you found out").fill("Mr Okafor")
    page.keyboard.press("Enter")
    expect(done).to_have_attribute("aria-pressed", "true")
    expect(row).to_contain_text("Mr Okafor")
    expect(page.get_by_role("link", name="Edit: Who has the key?")).to_be_focused()


def test_a_person_and_a_question_are_removed_and_come_back(
    log_in: LogIn, enrollment: Enrollment
) -> None:
    make_list(enrollment)
    page = log_in(enrollment.participant)
    for edit, words in (("Edit Jonas Ek", "Jonas Ek"), ("Answer:", "Does the insurance")):
        page.goto("/people/")
        row = page.get_by_role("listitem").filter(has_text=words)
        page.get_by_role("link", name=edit).click()
        page.get_by_role("button", name="Remove").click()
        expect(row).to_have_count(0)
        undo = page.locator("#toast").get_by_role("button", name="Undo")
        expect(undo).to_be_focused()
        page.keyboard.press("Enter")
        expect(row).to_have_count(1)
    assert Person.objects.kept().count() == len(LIST)


def test_without_a_script_everything_is_a_page(log_in: LogIn, enrollment: Enrollment) -> None:
    make_list(enrollment)
    page = log_in(enrollment.participant, java_script_enabled=False)
    page.goto("/people/")
    page.get_by_role("link", name="Edit Jonas Ek").click()
    form = page.get_by_role("form", name="Edit Jonas Ek")
    form.get_by_role("checkbox", name="Evangelist").check()
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="Evangelists (3)")).to_be_visible()
    page.get_by_role("button", name="Answered: Does the insurance").click()
    expect(page.get_by_text("Every question has its answer.")).to_be_visible()
    page.get_by_role("link", name="Edit Jonas Ek").click()
    page.get_by_role("button", name="Remove").click()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Ask Jonas Ek").click()
    page.wait_for_url("**/today/#entry-*")
    assert DailyEntry.objects.get(practice="request").line == "Jonas Ek"


def test_the_tab_stays_chosen_while_a_row_is_edited(
    log_in: LogIn, enrollment: Enrollment, complaints: Complaints
) -> None:
    complaints.expect_status(422)
    make_list(enrollment)
    page = log_in(enrollment.participant)
    page.goto("/people/?role=supporter")
    page.get_by_role("link", name="Edit Jonas Ek").click()
    name = page.get_by_role("form", name="Edit Jonas Ek").get_by_role("textbox", name="Name")
    expect(name).to_be_focused()
    name.fill("Peder Holm")
    page.keyboard.press("Enter")
    expect(page.locator("#toast")).to_contain_text("Peder Holm is on your list already.")
    name.fill("Jonas Ekström")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Edit Jonas Ekström")).to_be_focused()
    expect(page.get_by_role("link", name="Supporters (1)")).to_have_attribute(
        "aria-current", "true"
    )


def test_people_are_accessible(
    log_in: LogIn, enrollment: Enrollment, complaints: Complaints
) -> None:
    complaints.expect_status(422)
    audit = Audit()
    page = log_in(enrollment.participant, bypass_csp=True)
    page.goto("/people/")
    audit.look_at(page, "people empty")
    make_list(enrollment)
    page.goto("/people/")
    audit.look_at(page, "people")
    for size in (390, DESK[0]):
        page.set_viewport_size({"width": size, "height": 900})
        shoot(page, f"people-{size}")
    page.get_by_role("textbox", name="Name").fill("peder holm")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    page.get_by_role("link", name="Edit Imani Wekesa").click()
    page.get_by_role("link", name="Answer:").click()
    expect(page.get_by_role("textbox", name="What you found out")).to_be_visible()
    audit.look_at(page, "people with errors and forms")

    assert audit.findings == [], "\n".join(audit.findings)
