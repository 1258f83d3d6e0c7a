"""A coach's table while it is open, and the coach's pages for everybody who reads them."""

from playwright.sync_api import Page, expect

from accounts.models import User
from program.models import Cohort, Consent, EmailInvitation, Enrollment
from tests.browser.pages import Complaints, LogIn, shoot, wait_until_drawn
from tests.browser.test_accessibility import Audit
from tests.factories import (
    NOON,
    make_cohort,
    make_enrollment,
    make_entry,
    make_membership,
    make_moment,
    make_reflection,
)

HIDE = "value => Object.defineProperty(document, 'hidden', { value, configurable: true })"


def make_members(carol: User, enrollment: Enrollment, bob: User) -> Cohort:
    cohort = make_cohort(coach=carol, starts_on=enrollment.starts_on)
    make_membership(cohort=cohort, enrollment=enrollment, scope="moments")
    make_membership(cohort=cohort, enrollment=make_enrollment(participant=bob), scope="counts")
    return cohort


def open_table(page: Page, cohort: Cohort) -> None:
    page.clock.install()
    page.goto(f"/coaching/{cohort.pk}/")


def test_the_table_follows_what_happens_while_somebody_looks(
    log_in: LogIn, enrollment: Enrollment, bob: User, carol: User, complaints: Complaints
) -> None:
    complaints.expect_status(404)
    complaints.expect_no_network()
    cohort = make_members(carol, enrollment, bob)
    page = log_in(carol)
    open_table(page, cohort)
    alice = page.locator(f"#member-{enrollment.pk}")
    toast = page.locator("#toast")
    expect(alice).to_contain_text("0 of 6")
    link = page.get_by_role("link", name="Alice")
    link.focus()

    make_entry(enrollment=enrollment)
    page.clock.run_for(16_000)
    expect(alice).to_contain_text("1 of 6")
    expect(page.locator("#cohort-summary")).to_contain_text("1 of 2")
    expect(link).to_be_focused()

    # Nobody looks, nobody asks; what happened meanwhile is there as soon as somebody does.
    wait_until_drawn(page)
    page.evaluate(HIDE, True)
    make_entry(enrollment=enrollment, place=2)
    page.clock.run_for(60_000)
    expect(alice).to_contain_text("1 of 6")
    page.evaluate(HIDE, False)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(alice).to_contain_text("2 of 6")

    # Without a connection the table stands as it was, and says nothing of words that are not sent.
    page.context.set_offline(True)
    with page.expect_event("requestfailed"):
        page.clock.run_for(16_000)
    wait_until_drawn(page)
    expect(alice).to_contain_text("2 of 6")
    expect(toast).to_be_empty()
    page.context.set_offline(False)

    Consent.objects.get(enrollment=enrollment).revoke(NOON)
    page.clock.run_for(16_000)
    expect(alice).to_have_count(0)

    cohort.coaches.update(left_at=NOON)
    page.clock.run_for(16_000)
    expect(toast).to_contain_text("That is not here any more")


def test_the_pages_of_a_coach_are_accessible(
    log_in: LogIn, enrollment: Enrollment, bob: User, carol: User
) -> None:
    page = log_in(carol, bypass_csp=True)
    audit = Audit()
    page.goto("/coaching/")
    audit.look_at(page, "coaching empty")

    cohort = make_members(carol, enrollment, bob)
    make_entry(enrollment=enrollment, practice="request", line="The key to the hall")
    make_reflection(enrollment=enrollment)
    make_moment(enrollment=enrollment, title="The key", before="Shut", moment="Yes", after="Open")
    page.goto("/coaching/")
    audit.look_at(page, "coaching")
    page.goto(f"/coaching/{cohort.pk}/?sort=-stones")
    audit.look_at(page, "a cohort")
    shoot(page, "cohort")
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    shoot(page, "cohort-320")
    page.goto(f"/coaching/{cohort.pk}/people/{enrollment.pk}/")
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    audit.look_at(page, "a participant with moments")
    page.goto(f"/coaching/{cohort.pk}/people/{bob.enrollments.get().pk}/")
    audit.look_at(page, "a participant with progress only")
    page.goto(f"/coaching/{cohort.pk}/queue/")
    expect(page.get_by_text("The key to the hall").first).to_be_visible()
    audit.look_at(page, "the queue")
    emails = ["ines@example.org", f"{'long' * 15}@example.org"]
    EmailInvitation.objects.invite(cohort=cohort, by=carol, emails=emails, words="", now=NOON)
    page.goto(f"/coaching/{cohort.pk}/invite/")
    expect(page.get_by_role("heading", name="Invited by mail")).to_be_visible()
    audit.look_at(page, "invite with mails")

    assert audit.findings == []
