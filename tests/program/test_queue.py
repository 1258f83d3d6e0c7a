"""The days that hold shared words and no coach's answer since."""

import re
import uuid
from datetime import date, datetime, timedelta
from html import unescape

import pytest
import time_machine
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
    Encouragement,
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
    make_user,
)
from tests.posting import TODAY, Response, text_of
from tests.program.test_coaching import logged_in
from tests.test_queries import queries


@pytest.fixture
def cohort(carol: User) -> Cohort:
    return make_cohort(coach=carol)


@pytest.fixture
def membership(cohort: Cohort, enrollment: Enrollment) -> CohortMembership:
    return make_membership(cohort=cohort, enrollment=enrollment)


@pytest.fixture
def carol_client(carol: User, noon: time_machine.Traveller) -> Client:
    return logged_in(carol)


def ask(client: Client, cohort: Cohort) -> Response:
    return client.get(f"/coaching/{cohort.pk}/queue/")


def shown(response: Response) -> list[tuple[str, int]]:
    return [(item["name"], item["number"]) for item in response.context["items"]]


def leave(coach: User, enrollment: Enrollment, *, day: date = TODAY, now: datetime = NOON) -> None:
    Encouragement.objects.leave(
        coach=coach,
        enrollment=enrollment,
        client_id=uuid.uuid4(),
        day=day,
        text="Seen.",
        now=now,
    )


def test_queue_shows_the_words_of_three_days_the_newest_first(
    carol_client: Client, cohort: Cohort, membership: CohortMembership, enrollment: Enrollment
) -> None:
    for day in (13, 14, 15):
        make_entry(enrollment=enrollment, day=date(2027, 3, day), line=f"Words of the {day}th")
    make_entry(enrollment=enrollment, day=TODAY)  # a stone without words
    make_reflection(enrollment=enrollment, text="It was <easier>")

    response = ask(carol_client, cohort)

    assert shown(response) == [("Alice", 9), ("Alice", 8), ("Alice", 7)]
    page = text_of(response)
    assert "It was &lt;easier&gt;" in page
    assert "Words of the 14th" in page
    assert "Words of the 13th" not in page


def test_queue_is_empty_with_one_thing_to_do(carol_client: Client, cohort: Cohort) -> None:
    page = text_of(ask(carol_client, cohort))

    assert "Everything has its answer" in page


def test_queue_form_answers_and_leads_back_to_the_queue(
    carol_client: Client, cohort: Cohort, membership: CohortMembership, enrollment: Enrollment
) -> None:
    entry = make_entry(enrollment=enrollment, line="Told Ruth")
    page = text_of(ask(carol_client, cohort))
    form = page[page.index('class="queue"') :]
    found = re.findall(r'name="(client_id|day|back)" value="([^"]+)"|<option value="([^"]+)"', form)
    fields = {name: unescape(value) for name, value, _option in found if name}

    response = carol_client.post(
        f"/coaching/{cohort.pk}/people/{enrollment.pk}/notes/",
        {**fields, "entry": found[-1][2], "text": "Who else?"},
    )

    assert response.status_code == 302
    assert response["Location"] == f"/coaching/{cohort.pk}/queue/"
    note = Encouragement.objects.get()
    assert (note.day, note.entry, note.text) == (TODAY, entry, "Who else?")
    assert shown(ask(carol_client, cohort)) == []


def test_words_after_an_answer_come_back(
    carol_client: Client,
    cohort: Cohort,
    membership: CohortMembership,
    enrollment: Enrollment,
    carol: User,
) -> None:
    make_entry(enrollment=enrollment, line="Told Ruth")
    make_reflection(enrollment=enrollment)
    leave(carol, enrollment)
    assert shown(ask(carol_client, cohort)) == []

    later = make_entry(enrollment=enrollment, place=2, line="And her sister")
    DailyEntry.objects.filter(pk=later.pk).update(created_at=NOON + timedelta(minutes=1))

    response = ask(carol_client, cohort)
    assert shown(response) == [("Alice", 9)]
    assert "Told Ruth" not in text_of(response)


def test_a_removed_answer_and_one_on_another_day_answer_nothing(
    carol_client: Client,
    cohort: Cohort,
    membership: CohortMembership,
    enrollment: Enrollment,
    carol: User,
) -> None:
    make_entry(enrollment=enrollment, line="Told Ruth")
    leave(carol, enrollment)
    Encouragement.objects.get().remove(NOON)
    leave(carol, enrollment, day=date(2027, 3, 15))

    assert shown(ask(carol_client, cohort)) == [("Alice", 9)]


@pytest.mark.parametrize(
    "why", ["counts", "private", "revoked", "other cohort", "blank", "removed"]
)
def test_queue_holds_nothing_that_is_not_shared(
    carol_client: Client,
    cohort: Cohort,
    membership: CohortMembership,
    enrollment: Enrollment,
    carol: User,
    why: str,
) -> None:
    entry = make_entry(enrollment=enrollment, line="Told Ruth")
    make_reflection(enrollment=enrollment, text="It was easier")
    if why == "counts":
        Consent.objects.update(scope="counts")
    if why == "private":
        DailyEntry.objects.update(is_private=True)
        Reflection.objects.update(is_private=True)
    if why == "revoked":
        Consent.objects.get().revoke(NOON)
    if why == "other cohort":
        cohort = make_cohort(coach=carol, name="Another")
    if why == "blank":
        DailyEntry.objects.update(line="")
        Reflection.objects.update(text=" \n ")
    if why == "removed":
        entry.remove(NOON)
        Reflection.objects.all().delete()

    response = ask(carol_client, cohort)

    assert shown(response) == []
    assert "Told Ruth" not in text_of(response)
    assert "It was easier" not in text_of(response)
    assert not CoachVisit.objects.exists()


def test_queue_is_written_down_as_a_look(
    carol_client: Client,
    cohort: Cohort,
    membership: CohortMembership,
    enrollment: Enrollment,
    bob: User,
) -> None:
    make_entry(enrollment=enrollment, line="Told Ruth")
    make_membership(cohort=cohort, enrollment=make_enrollment(participant=bob))

    for _look in range(2):
        ask(carol_client, cohort)

    assert CoachVisit.objects.get().enrollment == enrollment


def test_queue_takes_as_many_queries_for_few_as_for_many(
    carol_client: Client, cohort: Cohort
) -> None:
    counts = []
    for names in (("Alice",), [f"Person{number}" for number in range(50)]):
        for name in names:
            enrollment = make_enrollment(participant=make_user(name=name))
            make_membership(cohort=cohort, enrollment=enrollment)
            make_entry(enrollment=enrollment, line="Told Ruth")
            make_reflection(enrollment=enrollment)
        with CaptureQueriesContext(connection) as captured:
            response = ask(carol_client, cohort)
        counts.append(len(queries(captured)))

    assert counts[0] == counts[1], queries(captured)
    assert len(shown(response)) == 40
    assert "11 more days come up as these are answered." in text_of(response)
