"""A query that is built once gives what the QuerySet gives, whatever its values are."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from breakthrough.built_once import STAND_IN, BuiltOnce
from program.models import DailyEntry, Enrollment
from program.models.days import counts_of, current_with_page, with_beside
from tests.factories import make_enrollment, make_entry, make_person, make_user
from tests.posting import TODAY


def test_page_of_each_person_and_day_is_what_the_queryset_gives(enrollment: Enrollment) -> None:
    bob = make_enrollment(participant=make_user(name="Bob"))
    make_person(user=bob.participant, name="Imani")
    for each in (enrollment, bob):
        make_entry(enrollment=each, practice="request", line=f"Asked by {each}")
        make_entry(enrollment=each, day=TODAY - timedelta(days=1), line=f"Told by {each}")

    for each in (enrollment, bob):
        for day in (TODAY, TODAY - timedelta(days=1)):
            user = each.participant
            query = Enrollment.objects.owned_by(user).current().with_goal().with_pauses()
            asked = with_beside(query, TODAY, day).get()
            built = current_with_page(user, TODAY, day)

            assert built is not None
            left, right = vars(built), vars(asked)
            for found in (left, right):
                del found["_state"]
                found.pop("participant", None)
            assert left == right
            assert counts_of(built) == DailyEntry.objects.of(built).counts() != {}


def test_built_once_takes_one_query_and_binds_what_it_is_given(enrollment: Enrollment) -> None:
    lines = BuiltOnce(
        lambda weeks, line: DailyEntry.objects.filter(enrollment=weeks, line=line),
        weeks=STAND_IN,
        line="stand-in",
    )
    make_entry(enrollment=enrollment, line="' OR true --")

    with CaptureQueriesContext(connection) as captured:
        found = lines.objects(weeks=enrollment.pk, line="' OR true --")
        others = lines.objects(weeks=enrollment.pk, line="x' OR true --")

    assert len(captured) == 2
    assert [entry.line for entry in found] == ["' OR true --"]
    assert others == []


def test_built_once_refuses_a_query_that_reads_its_value(db: None) -> None:
    reading = BuiltOnce(
        lambda weeks: DailyEntry.objects.filter(enrollment=weeks + 1), weeks=STAND_IN
    )

    with pytest.raises(AssertionError, match="not in the SQL"):
        reading.objects(weeks=1)
