"""From a coach's new cohort by a link to somebody who had no account, and what they see of it."""

import re
from datetime import timedelta

from playwright.sync_api import Page, expect
from pytest_django import Settings

from accounts.models import User
from program.models import CoachVisit, Cohort, CohortMembership, Enrollment, Invitation
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


def test_a_coach_asks_another_and_leaves_the_cohort_to_them(
    log_in: LogIn, enrollment: Enrollment, carol: User, dave: User
) -> None:
    cohort = make_cohort(coach=carol)
    make_membership(cohort=cohort, enrollment=enrollment, scope="entries")
    CohortMembership.objects.update(joined_at=NOON - timedelta(hours=1))
    carols, alices = log_in(carol), log_in(enrollment.participant)
    carols.goto(f"/coaching/{cohort.pk}/")
    carols.get_by_role("link", name="Coaches").click()
    carols.get_by_role("button", name="Make a link for a coach").click()
    link = carols.get_by_role("textbox", name="Your new link").input_value()

    daves = log_in(dave)
    daves.goto(_path(link))
    daves.get_by_role("button", name="Coach Spring starters").click()
    expect(daves.get_by_text("1 person does not share with you.")).to_be_visible()

    alices.goto("/settings/")
    alices.get_by_role("link", name="Choose what they see").click()
    alices.get_by_role("button", name="Let Dave see what Carol sees").click()
    alices.get_by_role("link", name="See what Dave sees").click()
    expect(alices.get_by_text("This is what Dave sees of you")).to_be_visible()
    daves.reload()
    expect(daves.get_by_role("link", name="Alice")).to_be_visible()

    carols.goto(f"/coaching/{cohort.pk}/coaches/")
    carols.get_by_text("Leave Spring starters").click()
    carols.get_by_role("button", name="Leave the cohort").click()
    expect(carols.get_by_text("You do not coach Spring starters any more.")).to_be_visible()

    daves.goto(f"/coaching/{cohort.pk}/coaches/")
    daves.get_by_text("Close Spring starters").click()
    daves.get_by_role("button", name="Close it for good").click()
    expect(daves.get_by_role("heading", name="Earlier cohorts")).to_be_visible()


def test_pages_of_several_coaches_are_accessible(
    log_in: LogIn,
    open_context: OpenContext,
    enrollment: Enrollment,
    carol: User,
    dave: User,
    erin: User,
    settings: Settings,
    complaints: Complaints,
) -> None:
    complaints.expect_status(403)
    audit = Audit()
    cohort = make_cohort(coach=carol)
    membership = make_membership(cohort=cohort, enrollment=enrollment, scope="entries")
    make_entry(enrollment=enrollment, line="Told Ruth of the debts")
    cohort.take_on(dave, NOON + timedelta(minutes=1))
    coach = log_in(carol, bypass_csp=True)
    coach.goto(f"/coaching/{cohort.pk}/coaches/")
    coach.get_by_role("button", name="Make a link for a coach").click()
    link = _path(coach.get_by_role("textbox", name="Your new link").input_value())
    for words in ("Remove Dave", "Leave Spring starters", "Close Spring starters"):
        coach.locator("summary", has_text=words).click()
    audit.look_at(coach, "coaches")

    visitor = open_context(bypass_csp=True).new_page()
    visitor.goto(link)
    audit.look_at(visitor, "coach join visitor")
    newcomer = log_in(erin, bypass_csp=True)
    newcomer.goto(link)
    audit.look_at(newcomer, "coach join")

    member = log_in(enrollment.participant, bypass_csp=True)
    member.goto("/consents/")
    audit.look_at(member, "consents with a newcomer")
    member.goto(f"/consents/{membership.pk}/seen/{carol.pk}/")
    audit.look_at(member, "consents seen")

    settings.COACHES = "approved"
    newcomer.goto(link)
    audit.look_at(newcomer, "coach join approved")
    newcomer.goto("/coaching/new/")
    audit.look_at(newcomer, "not approved")
    cohort.close(NOON)
    coach.goto("/coaching/")
    audit.look_at(coach, "coach home with an earlier cohort")

    assert audit.findings == []


def _look_at_join(audit: Audit, page: Page, cohort: Cohort, name: str) -> None:
    coach = cohort.standing_coaches()[0].coach
    page.goto(f"/join/{Invitation.make(cohort=cohort, by=coach, now=NOON)[1]}/")
    audit.look_at(page, name)


def _path(link: str) -> str:
    return re.sub("^https?://[^/]+", "", link)
