"""Who sees what: a coach's queries give what stands granted at that moment, and nothing else."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from accounts.models import User
from program.models import (
    Breakthrough,
    Cohort,
    CohortMembership,
    Consent,
    DailyEntry,
    Enrollment,
    Goal,
    Reflection,
)
from tests.factories import (
    NOON,
    make_cohort,
    make_enrollment,
    make_entry,
    make_membership,
    make_moment,
    make_reflection,
)

SEEN = {
    None: [],
    "counts": ["enrollment"],
    "entries": ["enrollment", "goal", "entry", "reflection"],
    "moments": ["enrollment", "goal", "entry", "reflection", "moment"],
}


@pytest.fixture
def cohort(carol: User) -> Cohort:
    return make_cohort(coach=carol)


@pytest.fixture
def lived(enrollment: Enrollment) -> Enrollment:
    make_entry(enrollment=enrollment, line="Told Ruth")
    make_reflection(enrollment=enrollment)
    make_moment(enrollment=enrollment)
    return enrollment


def seen(coach: User) -> list[str]:
    found = {
        "enrollment": Enrollment.objects.coached_by(coach),
        "goal": Goal.objects.coached_by(coach),
        "entry": DailyEntry.objects.coached_by(coach),
        "reflection": Reflection.objects.coached_by(coach),
        "moment": Breakthrough.objects.coached_by(coach),
    }
    return [name for name, rows in found.items() if rows.exists()]


@pytest.mark.parametrize("scope", SEEN)
def test_coach_sees_what_the_scope_grants(
    cohort: Cohort, lived: Enrollment, carol: User, scope: str | None
) -> None:
    make_membership(cohort=cohort, enrollment=lived, scope=scope)

    assert seen(carol) == SEEN[scope]
    if scope:
        assert Enrollment.objects.coached_by(carol).get().scope == scope


def test_coach_never_sees_what_is_marked_private(
    cohort: Cohort, lived: Enrollment, carol: User
) -> None:
    make_membership(cohort=cohort, enrollment=lived, scope="moments")
    DailyEntry.objects.update(is_private=True)
    Reflection.objects.update(is_private=True)

    assert seen(carol) == ["enrollment", "goal", "moment"]


def _revoke(membership: CohortMembership) -> None:
    Consent.objects.get().revoke(NOON)


def _leave(membership: CohortMembership) -> None:
    membership.leave(NOON)


def _leave_without_revoking(membership: CohortMembership) -> None:
    CohortMembership.objects.update(left_at=NOON)


def _close_without_revoking(membership: CohortMembership) -> None:
    Cohort.objects.update(closed_at=NOON)


def _coach_leaves(membership: CohortMembership) -> None:
    membership.cohort.coaches.update(left_at=NOON)


@pytest.mark.parametrize(
    "end", [_revoke, _leave, _leave_without_revoking, _close_without_revoking, _coach_leaves]
)
def test_coach_sees_nothing_any_more_once_it_ends(
    cohort: Cohort, lived: Enrollment, carol: User, end: Callable[[CohortMembership], None]
) -> None:
    membership = make_membership(cohort=cohort, enrollment=lived, scope="moments")
    assert seen(carol) == SEEN["moments"]

    end(membership)

    assert seen(carol) == []


def test_consent_in_one_cohort_opens_nothing_in_another(
    cohort: Cohort, lived: Enrollment, carol: User, dave: User
) -> None:
    make_membership(cohort=make_cohort(coach=dave), enrollment=lived, scope=None)
    Consent.objects.grant(
        enrollment=lived, coach=carol, cohort=cohort, scope="moments", now=NOON
    )  # of a cohort that they are not in

    assert seen(carol) == []
    assert seen(dave) == []


def test_coach_of_two_cohorts_with_one_person_sees_each_row_once(
    cohort: Cohort, lived: Enrollment, bob: User, carol: User
) -> None:
    make_membership(cohort=cohort, enrollment=lived)
    make_membership(cohort=make_cohort(coach=carol, name="Another"), enrollment=lived, scope=None)
    make_membership(cohort=cohort, enrollment=make_enrollment(participant=bob), scope="counts")

    assert Enrollment.objects.coached_by(carol).count() == 2
    assert DailyEntry.objects.coached_by(carol).count() == 1


def test_grant_replaces_what_stood_and_keeps_the_record(
    cohort: Cohort, enrollment: Enrollment, carol: User
) -> None:
    make_membership(cohort=cohort, enrollment=enrollment, scope="moments")
    later = NOON + timedelta(hours=1)

    for _twice in range(2):
        Consent.objects.grant(
            enrollment=enrollment, coach=carol, cohort=cohort, scope="counts", now=later
        )

    assert Enrollment.objects.coached_by(carol).get().scope == "counts"
    rows = Consent.objects.order_by("granted_at").values_list("scope", "revoked_at")
    assert list(rows) == [("moments", later), ("counts", None)]
