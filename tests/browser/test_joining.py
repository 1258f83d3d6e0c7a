"""From a coach's new cohort by a link to somebody who had no account, and what they see of it."""

import re

from playwright.sync_api import Page, expect

from accounts.models import User
from program.models import CoachVisit, Cohort, Enrollment, Invitation
from tests.browser.pages import Complaints, LogIn, OpenContext, emailed_code
from tests.browser.test_accessibility import Audit
from tests.factories import NOON, PASSWORD, make_cohort, make_entry, make_membership


def test_a_link_leads_somebody_new_into_the_cohort(
    log_in: LogIn, open_context: OpenContext, carol: User, complaints: Complaints
) -> None:
    complaints.expect_status(422)
    coach = log_in(carol)
    coach.goto("/coaching/new/")
    coach.get_by_label("What is it called?").fill("Spring starters")
    coach.get_by_label("Each starts when they like").check()
    expect(coach.get_by_label("The first day")).to_be_hidden()
    coach.get_by_role("button", name="Open it").click()
    coach.get_by_label("How many people may join by it?").fill("1")
    coach.get_by_role("button", name="Make a link").click()
    link = coach.get_by_role("textbox", name="Your new link").input_value()
    coach.reload()
    expect(coach.get_by_role("textbox", name="Your new link")).to_have_count(0)

    page = open_context().new_page()
    page.goto(_path(link))
    page.get_by_role("link", name="Sign up to join").click()
    page.get_by_label("What should we call you?").fill("Nina")
    page.get_by_label("Email").fill("nina@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create my account").click()
    page.get_by_label("Code").fill(emailed_code())
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", name="Spring starters")).to_be_visible()

    # Nothing is chosen for anybody, so what is missing is asked for, and the words are kept.
    page.get_by_label("The breakthrough").fill("Sing in front of people")
    page.get_by_role("button", name="Join").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    expect(page.get_by_label("The breakthrough")).to_have_value("Sing in front of people")
    page.get_by_label("Progress only").check()
    page.get_by_role("button", name="Join").click()
    page.wait_for_url("**/today/")
    expect(page.get_by_text("You are in Spring starters.")).to_be_visible()
    assert Enrollment.objects.coached_by(carol).get().scope == "counts"

    page.goto("/consents/")
    page.get_by_role("radio", name="Nothing").check()
    page.get_by_role("button", name="Save what Carol sees").click()
    expect(page.get_by_text("Carol sees nothing of yours any more.")).to_be_visible()
    assert not Enrollment.objects.coached_by(carol).exists()

    late = open_context().new_page()
    complaints.expect_status(404)
    late.goto(_path(link))
    expect(late.get_by_role("heading", name="This link lets nobody in")).to_be_visible()


def test_pages_of_joining_are_accessible(
    log_in: LogIn,
    open_context: OpenContext,
    enrollment: Enrollment,
    carol: User,
    erin: User,
    complaints: Complaints,
) -> None:
    complaints.expect_status(404)
    complaints.expect_status(422)
    audit = Audit()
    cohort = make_cohort(coach=carol)
    cohort.revise(welcome="We start on Monday. Bring one thing you have put off.")
    coach = log_in(carol, bypass_csp=True)
    for path, name in ((f"{cohort.pk}/edit", "cohort edit"), (f"{cohort.pk}/invite", "invite")):
        coach.goto(f"/coaching/{path}/")
        audit.look_at(coach, name)
    coach.get_by_role("button", name="Make a link").click()
    expect(coach.get_by_role("textbox", name="Your new link")).to_be_visible()
    audit.look_at(coach, "invite with a link")

    _look_at_join(audit, open_context(bypass_csp=True).new_page(), cohort, "join visitor")
    newcomer = log_in(erin, bypass_csp=True)
    _look_at_join(audit, newcomer, cohort, "join new")
    newcomer.get_by_role("button", name="Join").click()
    expect(newcomer.locator("[data-error-summary]")).to_be_focused()
    audit.look_at(newcomer, "join with errors")
    newcomer.goto("/join/unknown/")
    audit.look_at(newcomer, "join no longer")

    page = log_in(enrollment.participant, bypass_csp=True)
    _look_at_join(audit, page, cohort, "join running")
    make_entry(enrollment=enrollment, line="Told Ruth of the debts")
    make_membership(cohort=cohort, enrollment=enrollment)
    CoachVisit.objects.note(coach=carol, enrollments=[enrollment.pk], on=NOON.date(), now=NOON)
    page.goto("/consents/")
    page.get_by_text("Leave Spring starters").click()
    audit.look_at(page, "consents")
    page.goto("/days/2027-03-16/private/")
    audit.look_at(page, "private")

    assert audit.findings == []


def _look_at_join(audit: Audit, page: Page, cohort: Cohort, name: str) -> None:
    coach = cohort.standing_coaches()[0].coach
    page.goto(f"/join/{Invitation.make(cohort=cohort, by=coach, now=NOON)[1]}/")
    audit.look_at(page, name)


def _path(link: str) -> str:
    return re.sub("^https?://[^/]+", "", link)
