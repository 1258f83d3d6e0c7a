"""A query that is built once gives what the QuerySet gives, whatever its values are."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.test.utils import CaptureQueriesContext
from psycopg_pool import ConnectionPool

from breakthrough.built_once import STAND_IN, BuiltOnce
from breakthrough.database import UNUSED, check
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


@pytest.mark.django_db(transaction=True)
def test_built_once_is_planned_anew_where_a_migration_changed_a_column() -> None:
    begun = BuiltOnce(
        lambda pk: Enrollment.objects.filter(pk=pk).values_list("starts_on"), pk=STAND_IN
    )
    enrollment = make_enrollment(participant=make_user(name="Bob"))
    assert [*map(list, begun.rows(pk=enrollment.pk))] == [[enrollment.starts_on]]

    with elsewhere() as cursor:
        cursor.execute("ALTER TABLE program_enrollment ALTER starts_on TYPE timestamp")
        try:
            [[found]] = begun.rows(pk=enrollment.pk)
            assert found.date() == enrollment.starts_on
        finally:
            cursor.execute("ALTER TABLE program_enrollment ALTER starts_on TYPE date")


@pytest.mark.django_db(transaction=True)
def test_connection_that_its_server_has_ended_is_seen_before_it_is_used() -> None:
    connection.ensure_connection()
    held = connection.connection
    check(held)
    with elsewhere() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [held.info.backend_pid])

    with pytest.raises(psycopg.OperationalError):
        check(held)
    connection.close()


def test_connection_is_asked_after_a_while_and_not_each_time(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection.ensure_connection()
    held = connection.connection
    check(held)
    asked: list[object] = []
    monkeypatch.setattr(ConnectionPool, "check_connection", asked.append)

    check(held)
    assert asked == []
    held.checked_at -= UNUSED
    check(held)
    assert asked == [held]
    check(held)
    assert asked == [held]


@contextmanager
def elsewhere() -> Iterator[CursorWrapper]:
    """A cursor of a connection of its own."""
    another = connection.copy()
    try:
        with another.cursor() as cursor:
            yield cursor
    finally:
        another.close()
