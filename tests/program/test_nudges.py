"""A short word: to those who allow it, and one a day, whoever of the coaches sends it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from program.models import Cohort, CohortMembership, Consent, Enrollment, Nudge, Pause
from tests.factories import (
    NOON,
    make_cohort,
    make_enrollment,
    make_entry,
    make_membership,
    make_user,
)
from tests.posting import TODAY, Response, is_our_page, text_of
from tests.program.test_coaching import logged_in, url_of
from tests.test_queries import queries

RACES = 50


@pytest.fixture
def cohort(carol: User) -> Cohort:
    return make_cohort(coach=carol)


@pytest.fixture
def membership(cohort: Cohort, enrollment: Enrollment) -> CohortMembership:
    return make_membership(cohort=cohort, enrollment=enrollment, nudges=True)


@pytest.fixture
def carol_client(carol: User, noon: time_machine.Traveller) -> Client:
    return logged_in(carol)


def nudge(client: Client, membership: CohortMembership, text: str = "Still with you.") -> Response:
    return client.post(url_of(membership, "nudge/"), {"text": text})


def nudge_quiet(client: Client, cohort: Cohort, **fields: Any) -> Response:
    data = {"text": "Still with you.", "days": 3, **fields}
    return client.post(f"/coaching/{cohort.pk}/nudges/", data)


def test_nudge_create_stands_on_the_participants_own_today(
    carol_client: Client, membership: CohortMembership, carol: User, alice: User
) -> None:
    # It is tomorrow in Auckland already.
    alice.set_clock(time_zone="Pacific/Auckland", day_end_hour=0)

    response = nudge(carol_client, membership)

    assert response.status_code == 302
    assert response["Location"] == url_of(membership)
    sent = Nudge.objects.get()
    assert (sent.coach, sent.text, sent.on) == (carol, "Still with you.", date(2027, 3, 17))


def test_nudge_create_twice_is_one(carol_client: Client, membership: CohortMembership) -> None:
    assert [nudge(carol_client, membership).status_code for _tap in range(2)] == [302, 302]

    assert Nudge.objects.count() == 1


def test_nudge_create_is_one_a_day_of_all_coaches(
    carol_client: Client, membership: CohortMembership, dave: User
) -> None:
    membership.cohort.coaches.create(coach=dave, joined_at=NOON)
    Consent.objects.grant(
        enrollment=membership.enrollment,
        coach=dave,
        cohort=membership.cohort,
        scope="counts",
        now=NOON,
    )
    assert 'id="nudge"' in text_of(carol_client.get(url_of(membership)))
    nudge(carol_client, membership)

    refused = nudge(logged_in(dave), membership)

    assert refused.status_code == 422
    assert "They had a nudge today." in text_of(refused)
    assert "Still with you." in text_of(refused)
    assert Nudge.objects.count() == 1
    assert 'id="nudge"' not in text_of(carol_client.get(url_of(membership)))


@pytest.mark.parametrize("why", ["not allowed", "before", "after", "paused", "ended"])
def test_nudge_create_is_refused_in_words(
    carol_client: Client, membership: CohortMembership, enrollment: Enrollment, why: str
) -> None:
    if why == "not allowed":
        CohortMembership.objects.update(allows_nudges=False)
    if why in ("before", "after"):
        away = timedelta(days=20 if why == "before" else -20)
        Enrollment.objects.update(starts_on=enrollment.starts_on + away)
    if why == "paused":
        Pause.objects.create(
            enrollment=enrollment,
            starts_on=TODAY,
            ends_on=TODAY + timedelta(days=2),
            created_at=NOON,
        )
    if why == "ended":
        Enrollment.objects.update(ended_at=NOON)

    refused = nudge(carol_client, membership)

    assert refused.status_code == 422
    assert is_our_page(refused)
    assert "they take no nudges today" in text_of(refused)
    assert not Nudge.objects.exists()
    assert 'id="nudge"' not in text_of(carol_client.get(url_of(membership)))


@pytest.mark.parametrize("text", ["", " ", "a\0b", "x" * 281])
def test_nudge_create_without_good_words_is_refused(
    carol_client: Client, membership: CohortMembership, text: str
) -> None:
    refused = nudge(carol_client, membership, text)

    assert refused.status_code == 422
    assert is_our_page(refused)
    assert not Nudge.objects.exists()


# --- To all who are quiet -------------------------------------------------------------------------


def make_members(cohort: Cohort, *names: str, scope: str = "counts") -> dict[str, Enrollment]:
    made = {}
    for name in names:
        made[name] = make_enrollment(participant=make_user(name=name))
        make_membership(cohort=cohort, enrollment=made[name], scope=scope, nudges=True)
    return made


def nudged() -> list[str]:
    found = Nudge.objects.order_by("enrollment__participant__display_name")
    return [sent.enrollment.participant.display_name for sent in found]


def test_nudge_quiet_reaches_those_who_are_quiet_and_allow_it(
    carol_client: Client, cohort: Cohort, dave: User
) -> None:
    people = make_members(cohort, "Quiet", "Busy", "Silent", "Refusing", "Hidden", "Ended", "Gone")
    make_entry(enrollment=people["Busy"], day=TODAY)
    make_entry(enrollment=people["Silent"], day=date(2027, 3, 9))
    CohortMembership.objects.filter(enrollment=people["Refusing"]).update(allows_nudges=False)
    Consent.objects.get(enrollment=people["Hidden"]).revoke(NOON)
    people["Ended"].end(NOON)
    people["Gone"].memberships.get().leave(NOON)
    make_members(make_cohort(coach=dave), "Stranger")

    response = nudge_quiet(carol_client, cohort)

    assert response.status_code == 302
    assert response["Location"] == f"/coaching/{cohort.pk}/"
    # The entries of the factory are made at noon today, which is no quiet day.
    assert nudged() == ["Quiet"]
    assert "Sent to one person." in text_of(carol_client.get("/coaching/"))


def test_nudge_quiet_again_reaches_nobody_twice(carol_client: Client, cohort: Cohort) -> None:
    people = make_members(cohort, "Quiet", "Silent")
    nudge(carol_client, people["Quiet"].memberships.get(), "Mine")

    assert nudge_quiet(carol_client, cohort).status_code == 302
    assert "Sent to one person." in text_of(carol_client.get("/coaching/"))
    assert nudge_quiet(carol_client, cohort, text="Other words").status_code == 302
    assert "Nobody to send it to" in text_of(carol_client.get("/coaching/"))

    assert nudged() == ["Quiet", "Silent"]
    assert Nudge.objects.get(enrollment=people["Quiet"]).text == "Mine"


def test_nudge_quiet_asks_for_as_many_days_as_it_says(carol_client: Client, cohort: Cohort) -> None:
    make_members(cohort, "Quiet")  # for the eight full days so far

    nudge_quiet(carol_client, cohort, days=9)
    assert nudged() == []
    nudge_quiet(carol_client, cohort, days=8)
    assert nudged() == ["Quiet"]


@pytest.mark.parametrize(
    "fields",
    [{"text": ""}, {"text": "a\0b"}, {"days": 0}, {"days": 15}, {"days": "x"}, {"days": ""}],
)
def test_nudge_quiet_that_is_not_taken_keeps_the_words(
    carol_client: Client, cohort: Cohort, fields: dict[str, Any]
) -> None:
    make_members(cohort, "Quiet")

    refused = nudge_quiet(carol_client, cohort, **fields)

    assert refused.status_code == 422
    assert is_our_page(refused)
    assert "text" in fields or "Still with you." in text_of(refused)
    assert not Nudge.objects.exists()


def test_nudge_quiet_takes_as_many_queries_for_few_as_for_many(
    carol_client: Client, cohort: Cohort
) -> None:
    counts = []
    for names in (("Quiet",), [f"Person{number}" for number in range(20)]):
        make_members(cohort, *names)
        with CaptureQueriesContext(connection) as captured:
            nudge_quiet(carol_client, cohort)
        counts.append(len(queries(captured)))

    assert Nudge.objects.count() == 21
    assert counts[0] == counts[1]


# --- At once --------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_nudges_of_two_coaches_at_once_are_one(noon: time_machine.Traveller) -> None:
    carol, dave = make_user(name="Carol"), make_user(name="Dave")
    cohort = make_cohort(coach=carol)
    cohort.coaches.create(coach=dave, joined_at=NOON)
    enrollment = make_enrollment(participant=make_user(name="Alice"))
    membership = make_membership(cohort=cohort, enrollment=enrollment, nudges=True)
    clients = [logged_in(carol), logged_in(dave)]
    sent: list[int] = []

    def start_anew() -> None:
        Nudge.objects.all().delete()

    start = Barrier(2, action=start_anew, timeout=30)
    finish = Barrier(2, action=lambda: sent.append(Nudge.objects.count()), timeout=30)

    def run(client: Client) -> list[int]:
        try:
            statuses = []
            for _race in range(RACES):
                start.wait()
                statuses.append(nudge(client, membership, "Words").status_code)
                finish.wait()
        except BaseException:
            start.abort()
            finish.abort()
            raise
        else:
            return statuses
        finally:
            connections.close_all()

    connection.close()  # The pool is small: the racers need its connections.
    with ThreadPoolExecutor(2) as threads:
        lanes = list(threads.map(run, clients))

    assert sent == [1] * RACES
    assert [sorted(pair) for pair in zip(*lanes, strict=True)] == [[302, 422]] * RACES
