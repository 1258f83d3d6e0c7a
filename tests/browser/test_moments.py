"""A moment is caught in ten seconds, completed later, and never lost."""

from datetime import date

from playwright.sync_api import Page, expect

from program.models import Breakthrough, Enrollment
from tests.browser.pages import DESK, Complaints, LogIn, shoot
from tests.browser.test_accessibility import Audit, audit  # noqa: F401
from tests.factories import NOON, make_entry, make_moment


def test_a_moment_is_caught_completed_removed_and_brought_back(
    alice_page: Page, enrollment: Enrollment
) -> None:
    make_entry(enrollment=enrollment, practice="request", line="Mr Okafor, for the key")
    page = alice_page
    page.goto("/moments/")
    shoot(page, "moments-empty")

    # Ten seconds: one field.
    page.get_by_role("link", name="Catch a moment").click()
    expect(page.get_by_label("In a few words")).to_be_focused()
    page.keyboard.type("The key was never the problem")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Caught.")).to_be_visible()
    moment = page.get_by_role("article", name="The key was never the problem")
    expect(moment).to_contain_text("Day 9, Tuesday, March 16")
    shoot(page, "moments-caught")

    moment.get_by_role("link", name="What led to it?").click()
    page.get_by_label("Mr Okafor, for the key").check()
    page.get_by_label("The moment itself").fill("“Of course. I wondered when somebody would ask.”")
    shoot(page, "moments-form")
    page.get_by_role("button", name="Keep it").click()
    expect(moment).to_contain_text("I wondered when")
    expect(moment).to_contain_text("Request: Mr Okafor, for the key")
    page.wait_for_load_state()  # and its scripts have run

    # By the keyboard alone, and the focus is never lost.
    moment.get_by_role("button", name="Remove").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#toast")).to_contain_text("Removed.")
    expect(moment).to_have_count(0)
    assert page.evaluate("document.activeElement !== document.body")
    assert not Breakthrough.objects.of(enrollment).kept()
    page.locator("#toast").get_by_role("button", name="Undo").focus()
    page.keyboard.press("Enter")
    expect(moment).to_contain_text("Request: Mr Okafor, for the key")


def test_two_tabs_show_both_texts(
    alice_page: Page, enrollment: Enrollment, complaints: Complaints
) -> None:
    complaints.expect_status(409)
    moment = make_moment(enrollment=enrollment, title="The key", moment="He laughed.")
    page = alice_page
    page.goto(f"/moments/{moment.client_id}/")
    second = page.context.new_page()
    second.goto(page.url)
    second.get_by_label("The moment itself").fill("He laughed out loud.")
    second.get_by_role("button", name="Keep it").click()
    expect(second.get_by_text("Kept.")).to_be_visible()
    second.close()

    page.get_by_label("The moment itself").fill("I laughed.")
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("He laughed out loud.")
    expect(page.get_by_label("The moment itself")).to_have_value("I laughed.")
    shoot(page, "moments-conflict")
    page.get_by_role("button", name="Keep both").click()

    article = page.get_by_role("article", name="The key")
    expect(article).to_contain_text("He laughed out loud.")
    expect(article).to_contain_text("I laughed.")


def test_a_moment_caught_without_a_connection_stays_on_the_page(
    alice_page: Page, enrollment: Enrollment, complaints: Complaints
) -> None:
    complaints.expect_no_network()  # the icon may still be on its way
    page = alice_page
    page.goto("/moments/")
    page.context.set_offline(True)
    page.get_by_label("In a few words").fill("On the train, in the tunnel")

    page.get_by_role("button", name="Keep it").click()
    expect(page.locator("#toast")).to_contain_text("Your words are still here.")
    expect(page.get_by_label("In a few words")).to_have_value("On the train, in the tunnel")

    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("article", name="On the train, in the tunnel")).to_be_visible()
    assert Breakthrough.objects.count() == 1


def test_moments_are_accessible(
    log_in: LogIn,
    enrollment: Enrollment,
    audit: Audit,  # noqa: F811
    complaints: Complaints,
) -> None:
    complaints.expect_status(422)
    page = log_in(enrollment.participant, bypass_csp=True)
    page.goto("/moments/")
    audit.look_at(page, "moments empty")

    newest = _three_moments(enrollment)
    page.goto("/moments/")
    _shoot_both(page, "moments")
    audit.look_at(page, "moments")
    page.goto(f"/moments/{newest.client_id}/")
    _shoot_both(page, "moment")
    audit.look_at(page, "moment")
    page.goto("/moments/")
    page.get_by_role("button", name="Keep it").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    audit.look_at(page, "moments with errors")
    page.goto("/moments/")
    page.get_by_role("button", name="Remove").first.click()
    page.get_by_role("button", name="Undo").focus()  # and the toast stays
    audit.look_at(page, "moments with a toast")

    assert audit.findings == [], "\n".join(audit.findings)


def _three_moments(enrollment: Enrollment) -> Breakthrough:
    """As somebody lives them: whole, with causes, and one of them only caught."""
    enrollment.participant.people.create(name="Imani Wekesa", created_at=NOON)
    for number in (10, 13, 16):
        for place, line in enumerate(("Imani, for a table", "", "The council, for the hall"), 1):
            day = date(2027, 3, number)
            entry = make_entry(
                enrollment=enrollment, day=day, practice="request", place=place, line=line
            )
            entry.size = "stretch"
            entry.save()
    make_moment(enrollment=enrollment, day=date(2027, 3, 10), title="It can be ugly")
    make_moment(
        enrollment=enrollment,
        day=date(2027, 3, 13),
        title="My sister, of all people",
        before="I nearly did not tell her. She has heard a lot of my plans.",
        moment="She did not say “another one?”. She said “What do you need on Saturday?”",
        after="She is bringing the soldering irons. I stopped deciding who will say no.",
    )
    newest = make_moment(
        enrollment=enrollment,
        day=date(2027, 3, 16),
        title="The key was never the problem",
        before="A year of walking past the hall door, with a letter to the council in my head.",
        moment="Mr Okafor said “Of course. I wondered when somebody would ask.”",
    )
    newest.entries.set(enrollment.entries.filter(day=date(2027, 3, 16)).exclude(line=""))
    return newest


def _shoot_both(page: Page, name: str) -> None:
    shoot(page, f"{name}-390")
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    shoot(page, f"{name}-1280")
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    shoot(page, f"{name}-1280-dark")
