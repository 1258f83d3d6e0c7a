"""Who can see what: a participant's word is in force on the next request."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from program.models import (
    CoachVisit,
    Cohort,
    CohortMembership,
    Consent,
    DailyEntry,
    Enrollment,
    Reflection,
)
from tests.factories import (
    NOON,
    make_cohort,
    make_enrollment,
    make_entry,
    make_membership,
    make_reflection,
)
from tests.posting import (
    TODAY,
    Response,
    is_our_page,
    post_entry,
    post_reflection,
    post_remove,
    text_of,
)


@pytest.fixture
def cohort(carol: User) -> Cohort:
    return make_cohort(coach=carol)


@pytest.fixture
def membership(cohort: Cohort, enrollment: Enrollment) -> CohortMembership:
    return make_membership(cohort=cohort, enrollment=enrollment, scope="entries")


def let_see(
    client: Client, membership: CohortMembership, coach: User, scope: str | None
) -> Response:
    fields = {"coach": coach.pk} | ({} if scope is None else {"scope": scope})
    return client.post(f"/consents/{membership.pk}/", fields)


def scope_of(coach: User) -> str | None:
    return getattr(Enrollment.objects.coached_by(coach).first(), "scope", None)


# --- What a coach sees ---------------------------------------------------------------------------


def test_page_says_what_each_coach_sees(
    alice_client: Client, membership: CohortMembership, dave: User
) -> None:
    membership.cohort.coaches.create(coach=dave, joined_at=NOON)

    page = text_of(alice_client.get("/consents/"))

    assert "Spring starters" in page
    assert "You joined on Tuesday, March 16." in page
    assert page.count('value="entries" checked') == 1  # Carol
    assert page.count('value="nothing" checked') == 1  # Dave came later
    assert "Nobody yet." in page


def test_page_of_somebody_in_no_cohort_says_so(alice_client: Client) -> None:
    assert "Nobody but you." in text_of(alice_client.get("/consents/"))


@pytest.mark.parametrize("scope", ["counts", "entries", "moments", "nothing"])
def test_consent_update_is_in_force_on_the_next_request(
    alice_client: Client, membership: CohortMembership, carol: User, scope: str
) -> None:
    response = let_see(alice_client, membership, carol, scope)

    assert response["Location"] == f"/consents/#cohort-{membership.pk}"
    assert scope_of(carol) == (None if scope == "nothing" else scope)
    assert f'value="{scope}" checked' in text_of(alice_client.get("/consents/"))


def test_consent_update_twice_keeps_one_record(
    alice_client: Client, membership: CohortMembership, carol: User
) -> None:
    for _twice in range(2):
        let_see(alice_client, membership, carol, "counts")

    rows = Consent.objects.order_by("pk").values_list("scope", "revoked_at")
    assert list(rows) == [("entries", NOON), ("counts", None)]


def test_consent_update_for_one_coach_leaves_the_other(
    alice_client: Client, cohort: Cohort, enrollment: Enrollment, carol: User, dave: User
) -> None:
    cohort.coaches.create(coach=dave, joined_at=NOON)
    membership = make_membership(cohort=cohort, enrollment=enrollment, scope="entries")

    let_see(alice_client, membership, dave, "nothing")

    assert scope_of(carol) == "entries"
    assert scope_of(dave) is None


@pytest.mark.parametrize("scope", [None, "", "everything", "counts\0", "c" * 5000])
def test_consent_update_with_a_scope_that_is_none_changes_nothing(
    alice_client: Client, membership: CohortMembership, carol: User, scope: str | None
) -> None:
    response = let_see(alice_client, membership, carol, scope)

    assert response.status_code == 422
    assert is_our_page(response)
    assert scope_of(carol) == "entries"


def test_consent_update_for_who_does_not_coach_there_is_not_found(
    alice_client: Client, membership: CohortMembership, carol: User, dave: User
) -> None:
    make_cohort(coach=dave)
    assert let_see(alice_client, membership, dave, "moments").status_code == 404

    membership.cohort.coaches.update(left_at=NOON)
    assert let_see(alice_client, membership, carol, "moments").status_code == 404

    for coach in ("", "x", "-1", "9" * 50):
        fields = {"coach": coach, "scope": "moments"}
        assert alice_client.post(f"/consents/{membership.pk}/", fields).status_code == 404
    assert not Consent.objects.exclude(scope="entries").exists()


def test_consents_of_somebody_else_are_not_found(
    alice_client: Client, cohort: Cohort, bob: User, carol: User
) -> None:
    theirs = make_membership(cohort=cohort, enrollment=make_enrollment(participant=bob))

    assert let_see(alice_client, theirs, carol, "nothing").status_code == 404
    assert alice_client.post(f"/consents/{theirs.pk}/nudges/").status_code == 404
    assert alice_client.post(f"/consents/{theirs.pk}/leave/").status_code == 404
    assert scope_of(carol) == "entries"
    assert "Spring starters" not in text_of(alice_client.get("/consents/"))


@pytest.mark.parametrize("is_allowed", [True, False])
def test_consent_nudges_keeps_what_is_wanted(
    alice_client: Client, membership: CohortMembership, is_allowed: bool
) -> None:
    CohortMembership.objects.update(allows_nudges=not is_allowed)

    alice_client.post(
        f"/consents/{membership.pk}/nudges/", {"allows_nudges": "on"} if is_allowed else {}
    )

    membership.refresh_from_db()
    assert membership.allows_nudges is is_allowed


def test_consent_leave_ends_all_and_a_repeat_finds_nothing(
    alice_client: Client, membership: CohortMembership, carol: User
) -> None:
    page = text_of(alice_client.get("/consents/"))
    assert "Its coaches see nothing of yours from that moment on" in page

    first, second = (alice_client.post(f"/consents/{membership.pk}/leave/") for _ in range(2))

    assert first["Location"] == "/consents/"
    assert second.status_code == 404
    assert scope_of(carol) is None
    assert not Consent.objects.standing().exists()
    assert let_see(alice_client, membership, carol, "counts").status_code == 404


def test_page_says_who_looked_and_when_by_the_clock_of_the_reader(
    alice_client: Client, membership: CohortMembership, carol: User, bob: User
) -> None:
    bobs = make_enrollment(participant=bob)
    for back in range(31):
        at = NOON - timedelta(days=back, minutes=1)
        CoachVisit.objects.note(
            coach=carol, enrollments=[membership.enrollment_id], on=at.date(), now=at
        )
    CoachVisit.objects.note(coach=carol, enrollments=[bobs.pk], on=TODAY, now=NOON)

    page = text_of(alice_client.get("/consents/"))

    assert page.count("<b>Carol</b> <time") == 30
    assert "Tuesday, March 16, 12:59 p.m." in page  # in Stockholm


def test_page_takes_as_many_queries_for_five_cohorts_as_for_one(
    alice_client: Client, membership: CohortMembership, dave: User
) -> None:
    taken = []
    for _more in range(2):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            alice_client.get("/consents/")
        taken.append(len(captured))
        for number in range(4):
            other = make_cohort(coach=dave, name=f"Number {number}")
            make_membership(cohort=other, enrollment=membership.enrollment)

    assert taken[0] == taken[1]


# --- Private -------------------------------------------------------------------------------------


def keep(client: Client, enrollment: Enrollment, **fields: object) -> Response:
    data = {"enrollment": enrollment.public_id, **fields}
    return client.post(f"/days/{TODAY}/private/", data)


def test_day_private_keeps_what_is_ticked_from_coaches(
    alice_client: Client, membership: CohortMembership, enrollment: Enrollment, carol: User
) -> None:
    secret = make_entry(enrollment=enrollment, line="Told Ruth of the debts")
    shared = make_entry(enrollment=enrollment, place=2, line="Told Otto")
    make_reflection(enrollment=enrollment)
    page = text_of(alice_client.get(f"/days/{TODAY}/private/"))
    assert "Told Ruth of the debts" in page
    assert "It was easier to ask." in page

    ids = [secret.client_id, shared.client_id]
    response = keep(
        alice_client,
        enrollment,
        shown=ids,
        private=[secret.client_id],
        reflection_shown="1",
        reflection="1",
    )

    assert response["Location"] == f"/days/{TODAY}/private/"
    assert list(DailyEntry.objects.coached_by(carol)) == [shared]
    assert not Reflection.objects.coached_by(carol).exists()

    keep(alice_client, enrollment, shown=ids, reflection_shown="1")
    assert DailyEntry.objects.coached_by(carol).count() == 2
    assert Reflection.objects.coached_by(carol).exists()


def test_day_private_leaves_what_its_page_did_not_show(
    alice_client: Client, membership: CohortMembership, enrollment: Enrollment, carol: User
) -> None:
    make_entry(enrollment=enrollment)
    make_reflection(enrollment=enrollment)
    DailyEntry.objects.update(is_private=True)
    Reflection.objects.update(is_private=True)

    keep(alice_client, enrollment)

    assert not DailyEntry.objects.coached_by(carol).exists()
    assert not Reflection.objects.coached_by(carol).exists()


def test_private_stays_private_when_the_words_change(
    alice_client: Client, membership: CohortMembership, enrollment: Enrollment, carol: User
) -> None:
    entry = make_entry(enrollment=enrollment, line="Told Ruth")
    make_reflection(enrollment=enrollment)
    DailyEntry.objects.update(is_private=True)
    Reflection.objects.update(is_private=True)

    post_entry(alice_client, enrollment, done="1", line="Told Ruth everything")
    post_reflection(alice_client, enrollment, version=1, text="In other words")

    entry.refresh_from_db()
    assert entry.line == "Told Ruth everything"
    assert Reflection.objects.get().text == "In other words"
    assert not DailyEntry.objects.coached_by(carol).exists()
    assert not Reflection.objects.coached_by(carol).exists()


def test_day_private_takes_no_tick_of_another_or_of_none(
    alice_client: Client, enrollment: Enrollment, bob: User
) -> None:
    theirs = make_entry(enrollment=make_enrollment(participant=bob))
    other_day = make_entry(enrollment=enrollment, day=TODAY - timedelta(days=1))

    for value in (theirs.client_id, other_day.client_id, uuid.uuid4(), "x", "a\0b"):
        for name in ("private", "shown"):
            response = keep(alice_client, enrollment, **{name: [value]})
            assert response.status_code == 422
            assert is_our_page(response)
    assert not DailyEntry.objects.filter(is_private=True).exists()


def test_day_private_of_no_lived_day_or_of_other_two_weeks_is_not_found(
    alice_client: Client, enrollment: Enrollment
) -> None:
    for day in ("2027-03-07", "2027-03-17", "2027-03-22", "9999-12-31"):
        assert alice_client.get(f"/days/{day}/private/").status_code == 404
    response = alice_client.post(f"/days/{TODAY}/private/", {"enrollment": uuid.uuid4()})
    assert response.status_code == 404


def test_day_private_shows_nothing_that_was_removed(
    alice_client: Client, enrollment: Enrollment
) -> None:
    post_remove(alice_client, make_entry(enrollment=enrollment, line="Gone by now"))

    assert "Gone by now" not in text_of(alice_client.get(f"/days/{TODAY}/private/"))
