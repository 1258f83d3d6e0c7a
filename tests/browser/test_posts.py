"""A coach's post and what is written under it, from the first word to the last."""

import pytest
from playwright.sync_api import expect

from accounts.models import User
from program.models import Cohort, CohortMembership, Enrollment, MembersSee, PostReading
from tests.browser.pages import LogIn, shoot
from tests.browser.test_accessibility import Audit
from tests.factories import (
    make_cohort,
    make_comment,
    make_enrollment,
    make_entry,
    make_membership,
    make_post,
)
from tests.waiting import wait_until


@pytest.fixture
def cohort(carol: User, enrollment: Enrollment, bob: User) -> Cohort:
    cohort = make_cohort(coach=carol, starts_on=enrollment.starts_on)
    cohort.revise(members_see=MembersSee.ENTRIES, welcome="Small steps, said aloud.")
    for weeks in (enrollment, make_enrollment(participant=bob)):
        make_membership(cohort=cohort, enrollment=weeks)
        make_entry(enrollment=weeks, line="My sister")
    CohortMembership.objects.update(members_see=MembersSee.ENTRIES)
    return cohort


def test_a_post_is_written_read_and_commented(
    log_in: LogIn, cohort: Cohort, carol: User, alice: User, bob: User
) -> None:
    coach = log_in(carol)
    coach.goto(f"/coaching/{cohort.pk}/posts/")
    coach.get_by_role("link", name="Write it for day 9").click()
    coach.get_by_role("link", name="Start from it").click()
    coach.get_by_label("A title").fill("Ask one more")
    coach.get_by_role("button", name="Keep it for that day").click()
    expect(coach.get_by_role("link", name="Ask one more")).to_be_visible()

    page = log_in(alice)
    page.goto("/cohorts/")
    expect(page.get_by_role("heading", name="Ask one more")).to_be_visible()
    wait_until(lambda: PostReading.objects.count() == 1)
    page.get_by_label("A comment").fill("Ruth, at five")
    page.get_by_role("button", name="Send it").click()
    expect(page.get_by_text("Ruth, at five")).to_be_visible()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("Ruth, at five")).to_be_hidden()
    page.get_by_role("button", name="Undo").click()

    other = log_in(bob)
    other.goto(f"/cohorts/{cohort.pk}/")
    expect(other.get_by_text("Ruth, at five")).to_be_visible()
    other.get_by_role("link", name="Alice").click()
    expect(other.get_by_text("My sister")).to_be_visible()
    coach.reload()
    expect(coach.get_by_text("1 comment")).to_be_visible()


def test_pages_of_posts_are_for_everybody(
    log_in: LogIn, cohort: Cohort, carol: User, alice: User
) -> None:
    audit = Audit()
    bobs = cohort.members().get(enrollment__participant__display_name="Bob")
    long = "Word" * 60
    for number in (5, 9):
        post = make_post(cohort=cohort, number=number, title=long[:120], text=f"Ask. {long}")
        make_comment(post=post, membership=bobs, text=long)
        make_comment(
            post=post, membership=cohort.members().get(enrollment__participant=alice), text="Yes"
        )
    pages = {
        carol: [f"/coaching/{cohort.pk}/posts/{path}" for path in ("", "9/", "3/?start=prompt")],
        alice: [f"/cohorts/{cohort.pk}/{path}" for path in ("", "posts/5/", f"people/{bobs.pk}/")],
    }
    for user, paths in pages.items():
        page = log_in(user, bypass_csp=True)
        for number, path in enumerate(paths):
            page.goto(path)
            audit.look_at(page, f"posts {user} {number}")
            shoot(page, f"posts-{user}-{number}")

    assert audit.findings == []
