"""One participant as their coach sees them: as far as the consent goes, and no further."""

from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from program.models import (
    CoachVisit,
    Cohort,
    Consent,
    DailyEntry,
    Enrollment,
    Reflection,
    StepProgress,
)
from tests.factories import (
    NOON,
    make_cohort,
    make_entry,
    make_membership,
    make_moment,
    make_need,
    make_person,
    make_reflection,
)
from tests.posting import Response, text_of
from tests.program.test_progress import TEXTS, columns_asked
from tests.test_queries import queries

COUNTS: list[str] = []
ENTRIES = ["goal", "why", "measure", "line", "answer", "planned", "reflection"]
MOMENTS = [*ENTRIES, "title", "before", "moment", "after"]
NEVER = [
    "private-line",
    "private-answer",
    "private-reflection",
    "removed",
    "step",
    "person",
    "need",
]
ALL = [*MOMENTS, *NEVER]


def canary(name: str) -> str:
    return f"canary-{name}."


@pytest.fixture
def cohort(carol: User) -> Cohort:
    return make_cohort(coach=carol, starts_on=date(2027, 3, 8))


@pytest.fixture
def lived(enrollment: Enrollment) -> Enrollment:
    """Two weeks with a canary in every text that somebody can write."""
    enrollment.goals.update(statement=canary("goal"), why=canary("why"), measure=canary("measure"))
    make_entry(enrollment=enrollment, line=canary("line"))
    DailyEntry.objects.update(answer=canary("answer"))
    make_entry(enrollment=enrollment, practice="act", line=canary("planned"), placed=False)
    private = make_entry(
        enrollment=enrollment, practice="request", line=canary("private-line"), outcome="granted"
    )
    removed = make_entry(enrollment=enrollment, place=2, line=canary("removed"))
    removed.remove(NOON)
    DailyEntry.objects.of(enrollment).on(private.day).filter(pk=private.pk).update(
        is_private=True, answer=canary("private-answer")
    )
    make_reflection(enrollment=enrollment, text=canary("reflection"))
    make_reflection(enrollment=enrollment, day=date(2027, 3, 15), text=canary("private-reflection"))
    Reflection.objects.filter(day=date(2027, 3, 15)).update(is_private=True)
    moment = make_moment(
        enrollment=enrollment,
        title=canary("title"),
        before=canary("before"),
        moment=canary("moment"),
        after=canary("after"),
    )
    moment.entries.add(private)
    StepProgress.objects.save_note(
        enrollment=enrollment, number=1, text=canary("step"), based_on=0, now=NOON
    )
    make_person(user=enrollment.participant, name=canary("person"))
    make_need(enrollment=enrollment, question=canary("need"))
    return enrollment


@pytest.fixture
def carol_client(carol: User, noon: time_machine.Traveller) -> Client:
    client = Client()
    client.force_login(carol)
    return client


def url(cohort: Cohort, enrollment: Enrollment) -> str:
    return f"/coaching/{cohort.pk}/people/{enrollment.pk}/"


def canaries(response: Response) -> list[str]:
    page = text_of(response)
    return [name for name in ALL if canary(name) in page]


@pytest.mark.parametrize(
    ("scope", "granted"), [("counts", COUNTS), ("entries", ENTRIES), ("moments", MOMENTS)]
)
def test_participant_detail_shows_what_the_scope_grants(
    carol_client: Client, cohort: Cohort, lived: Enrollment, scope: str, granted: list[str]
) -> None:
    make_membership(cohort=cohort, enrollment=lived, scope=scope)

    response = carol_client.get(url(cohort, lived))

    assert response.status_code == 200
    assert canaries(response) == granted
    page = text_of(response)
    # What is private still counts.
    assert "Share 1" in page
    assert "Request 1" in page
    assert "alice@" not in page


def test_participant_detail_of_counts_alone_asks_for_no_words(
    carol_client: Client, cohort: Cohort, lived: Enrollment
) -> None:
    make_membership(cohort=cohort, enrollment=lived, scope="counts")

    with CaptureQueriesContext(connection) as captured:
        carol_client.get(url(cohort, lived))

    assert len(queries(captured)) == 11, queries(captured)
    assert not columns_asked(captured) & set(TEXTS)


def test_participant_detail_with_words_asks_for_them(
    carol_client: Client, cohort: Cohort, lived: Enrollment
) -> None:
    """The words are found by columns_asked where they are asked for."""
    make_membership(cohort=cohort, enrollment=lived, scope="moments")

    with CaptureQueriesContext(connection) as captured:
        carol_client.get(url(cohort, lived))

    assert len(queries(captured)) == 15, queries(captured)
    assert columns_asked(captured) >= {"line", "answer", "text", "statement", "title"}


def test_participant_detail_says_how_far_they_are(
    carol_client: Client, cohort: Cohort, enrollment: Enrollment
) -> None:
    make_membership(cohort=cohort, enrollment=enrollment, scope="counts")
    for day in enrollment.dates[:5]:
        make_entry(enrollment=enrollment, day=day)

    response = carol_client.get(url(cohort, enrollment))

    page = text_of(response)
    assert "Shares progress with you, and no words." in page
    assert "No requests yet" in page
    assert "0 of 5" in page
    assert [day["stones"] for day in response.context["days"]] == [0, 0, 0, 0, 1, 1, 1, 1, 1]
    # The drawing leads nowhere: the days are not the coach's.
    assert "/days/" not in page


def test_participant_detail_notes_the_visit_once_a_day(
    carol_client: Client, cohort: Cohort, enrollment: Enrollment
) -> None:
    make_membership(cohort=cohort, enrollment=enrollment)

    carol_client.get(url(cohort, enrollment))
    carol_client.get(url(cohort, enrollment))

    assert CoachVisit.objects.get().enrollment == enrollment


def test_participant_detail_is_gone_on_the_next_request_after_the_consent_ends(
    carol_client: Client, cohort: Cohort, lived: Enrollment, carol: User
) -> None:
    make_membership(cohort=cohort, enrollment=lived, scope="moments")
    assert canaries(carol_client.get(url(cohort, lived))) == MOMENTS

    Consent.objects.grant(enrollment=lived, coach=carol, cohort=cohort, scope="counts", now=NOON)
    assert canaries(carol_client.get(url(cohort, lived))) == COUNTS

    Consent.objects.get(revoked_at__isnull=True).revoke(NOON)
    visits = CoachVisit.objects.count()
    assert carol_client.get(url(cohort, lived)).status_code == 404
    assert CoachVisit.objects.count() == visits


def test_participant_detail_is_not_there_through_another_cohort_or_for_another_coach(
    carol_client: Client, cohort: Cohort, lived: Enrollment, carol: User, dave: User
) -> None:
    make_membership(cohort=cohort, enrollment=lived, scope="moments")
    another = make_cohort(coach=carol, name="Another")
    stranger = Client()
    stranger.force_login(dave)

    assert carol_client.get(url(another, lived)).status_code == 404
    assert stranger.get(url(cohort, lived)).status_code == 404
    assert stranger.get(url(make_cohort(coach=dave), lived)).status_code == 404
    assert carol_client.post(url(cohort, lived)).status_code == 405


def test_participant_without_a_name_is_not_called_by_their_address(
    carol_client: Client, cohort: Cohort, enrollment: Enrollment
) -> None:
    make_membership(cohort=cohort, enrollment=enrollment)
    User.objects.filter(pk=enrollment.participant_id).update(display_name="")

    for path in (url(cohort, enrollment), f"/coaching/{cohort.pk}/"):
        page = text_of(carol_client.get(path))
        assert "alice" in page
        assert "alice@" not in page
