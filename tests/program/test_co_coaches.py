"""What a coach who came later sees, and what a participant sees of all that."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from program.models import (
    CoachVisit,
    Cohort,
    CohortMembership,
    DailyEntry,
    Encouragement,
    Enrollment,
    Invitation,
)
from tests.factories import (
    NOON,
    make_cohort,
    make_enrollment,
    make_entry,
    make_membership,
    make_moment,
    make_reflection,
    make_user,
)
from tests.posting import TODAY, Response, text_of
from tests.program.test_coaches import client_of, link_for_a_coach, seen
from tests.program.test_invitations import ID


@pytest.fixture
def cohort(carol: User, dave: User) -> Cohort:
    """Carol's, in which Alice takes part; Dave came later."""
    return make_cohort(coach=carol)


@pytest.fixture
def membership(
    cohort: Cohort, enrollment: Enrollment, dave: User, noon: time_machine.Traveller
) -> CohortMembership:
    membership = make_membership(cohort=cohort, enrollment=enrollment, scope="entries")
    noon.shift(timedelta(hours=1))
    cohort.take_on(dave, NOON + timedelta(hours=1))
    return membership


# --- Told, and asked -----------------------------------------------------------------------------


def test_page_tells_of_a_coach_who_came_later_and_offers_what_the_other_sees(
    alice_client: Client, membership: CohortMembership, dave: User
) -> None:
    page = text_of(alice_client.get("/consents/"))

    assert "Dave has coached here since Tuesday, March 16, and sees nothing of yours." in page
    assert "Let Dave see what Carol sees: Progress and notes" in page
    assert "See what Carol sees" in page
    assert "See what Dave sees" not in page

    fields = {"coach": dave.pk, "scope": "entries"}  # what the one button posts
    alice_client.post(f"/consents/{membership.pk}/", fields)

    assert seen(dave) == [membership.enrollment]
    page = text_of(alice_client.get("/consents/"))
    assert "sees nothing of yours." not in page
    assert "Let Dave see" not in page


def test_page_offers_the_least_that_another_coach_sees(
    alice_client: Client, membership: CohortMembership, cohort: Cohort
) -> None:
    for name, scope in (("Frida", "counts"), ("Gudrun", "moments")):
        coach = make_user(name=name)
        cohort.take_on(coach, NOON)
        fields = {"coach": coach.pk, "scope": scope}
        alice_client.post(f"/consents/{membership.pk}/", fields)

    page = text_of(alice_client.get("/consents/"))

    assert "Let Dave see what Frida sees: Progress only" in page


def test_settings_tell_of_a_coach_who_came_later(
    alice_client: Client, membership: CohortMembership, dave: User, bob: User
) -> None:
    words = "Dave coaches Spring starters now, and sees nothing of yours."
    assert words in text_of(alice_client.get("/settings/"))
    assert words not in text_of(client_of(bob).get("/settings/"))

    alice_client.post(f"/consents/{membership.pk}/", {"coach": dave.pk, "scope": "counts"})

    assert words not in text_of(alice_client.get("/settings/"))


# --- See what my coach sees ----------------------------------------------------------------------


@pytest.fixture
def lived(enrollment: Enrollment, carol: User, cohort: Cohort) -> Enrollment:
    """Two weeks with a word of every kind, one of them marked private."""
    make_entry(enrollment=enrollment, line="Told Ruth")
    make_entry(enrollment=enrollment, practice="act", line="What only Alice reads")
    DailyEntry.objects.filter(practice="act").update(is_private=True)
    make_entry(enrollment=enrollment, practice="request", line="A ladder", outcome="granted")
    make_reflection(enrollment=enrollment)
    make_moment(enrollment=enrollment, title="The key")
    return enrollment


def seen_part(response: Response) -> str:
    """All of the page that is about the person, without the forms of a coach."""
    page = text_of(response)
    first = page.index('<div class="heading participant__head">')
    last = page.index("</section>", page.index('<section class="participant__days"'))
    return re.sub(r"\s+", " ", re.sub(r"<form.*?</form>", "", page[first:last], flags=re.DOTALL))


@pytest.mark.parametrize("scope", ["counts", "entries", "moments"])
def test_consent_seen_is_the_page_that_the_coach_gets(
    alice_client: Client, cohort: Cohort, lived: Enrollment, carol: User, scope: str
) -> None:
    User.objects.filter(pk=carol.pk).update(time_zone="Pacific/Auckland")
    membership = make_membership(cohort=cohort, enrollment=lived, scope=scope)
    Encouragement.objects.leave(
        coach=carol, enrollment=lived, client_id=ID, day=TODAY, text="Well asked", now=NOON
    )

    mine = alice_client.get(f"/consents/{membership.pk}/seen/{carol.pk}/")
    hers = client_of(carol).get(f"/coaching/{cohort.pk}/people/{lived.pk}/")

    assert mine.status_code == hers.status_code == 200
    assert seen_part(mine) == seen_part(hers)
    assert ("Told Ruth" in seen_part(mine)) == (scope != "counts")
    assert ("The key" in seen_part(mine)) == (scope == "moments")
    assert "1 a.m." in seen_part(mine)  # by the clock in Auckland
    assert "What only Alice reads" not in text_of(mine)
    assert "Well asked" in seen_part(mine)
    assert "This is what Carol sees of you in Spring starters" in text_of(mine)


def test_consent_seen_holds_no_form_of_a_coach_and_leaves_no_trace(
    alice_client: Client, cohort: Cohort, lived: Enrollment, carol: User, alice: User
) -> None:
    membership = make_membership(cohort=cohort, enrollment=lived)
    cohort.take_on(alice, NOON)
    Encouragement.objects.leave(
        coach=alice, enrollment=lived, client_id=ID, day=TODAY, text="To myself", now=NOON
    )

    page = text_of(alice_client.get(f"/consents/{membership.pk}/seen/{carol.pk}/"))

    assert "To myself" in page
    assert re.findall(r'action="([^"]*)"', page) == ["/accounts/logout/"]
    assert not CoachVisit.objects.exists()


def test_consent_seen_of_a_coach_who_sees_nothing_or_of_another_is_not_found(
    alice_client: Client, membership: CohortMembership, carol: User, dave: User, bob: User
) -> None:
    theirs = make_membership(cohort=membership.cohort, enrollment=make_enrollment(participant=bob))
    for pk, coach_pk in (
        (membership.pk, dave.pk),
        (membership.pk, bob.pk),
        (membership.pk, 0),
        (theirs.pk, carol.pk),
    ):
        assert alice_client.get(f"/consents/{pk}/seen/{coach_pk}/").status_code == 404

    membership.leave(NOON)
    path = f"/consents/{membership.pk}/seen/{carol.pk}/"
    assert alice_client.get(path).status_code == 404


def test_coach_without_a_name_is_known_by_no_address(
    alice_client: Client, cohort: Cohort, enrollment: Enrollment, carol: User, erin: User
) -> None:
    User.objects.filter(pk=carol.pk).update(display_name="")
    membership = make_membership(cohort=cohort, enrollment=enrollment)
    CoachVisit.objects.note(coach=carol, enrollments=[enrollment.pk], on=TODAY, now=NOON)
    token = Invitation.make(cohort=cohort, by=carol, now=NOON)[1]

    pages = [
        alice_client.get("/consents/"),
        alice_client.get(f"/consents/{membership.pk}/seen/{carol.pk}/"),
        client_of(erin).get(f"/join/{token}/"),
        client_of(erin).get(link_for_a_coach(cohort)),
    ]

    for page in pages:
        assert page.status_code == 200
        assert "carol@" not in text_of(page)
        assert "carol" in text_of(page)
