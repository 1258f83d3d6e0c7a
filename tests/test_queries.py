"""How often a page asks the database: a number that does not grow with what it holds."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from program.curriculum import PRACTICES
from program.models import DailyEntry, Enrollment
from tests.factories import make_entry, make_reflection
from tests.posting import post_entry

FRAME = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")


def queries(captured: CaptureQueriesContext) -> list[str]:
    """Session and user included, the frame of a transaction not."""
    return [query["sql"] for query in captured if not query["sql"].startswith(FRAME)]


@pytest.fixture(params=[0, 200])
def entries(request: pytest.FixtureRequest, enrollment: Enrollment) -> int:
    places = [
        (day, practice.key, place)
        for place in range(1, 9)
        for day in enrollment.dates[:9]
        for practice in PRACTICES
    ]
    for day, practice, place in places[: request.param]:
        make_entry(enrollment=enrollment, day=day, practice=practice, place=place, line="Words")
    if request.param:
        make_reflection(enrollment=enrollment)
    assert DailyEntry.objects.count() == request.param
    return int(request.param)


def test_today_takes_five_queries(alice_client: Client, entries: int) -> None:
    with CaptureQueriesContext(connection) as captured:
        response = alice_client.get("/today/")

    assert response.status_code == 200
    assert len(queries(captured)) == 5, queries(captured)


@pytest.mark.parametrize("practice", ["share", "request"])
def test_entry_save_takes_five_queries(
    alice_client: Client, enrollment: Enrollment, entries: int, practice: str
) -> None:
    with CaptureQueriesContext(connection) as captured:
        response = post_entry(
            alice_client, enrollment, practice=practice, place=9, htmx=True, done="1"
        )

    assert response.status_code == 200
    assert len(queries(captured)) == 5, queries(captured)
