"""The coach's table of ever larger cohorts: how many queries, and how long the server takes.

All sizes in turns, in one process, so that a machine that is busy for a while is so for each. The
times are of this machine; what counts is how they compare.
"""

import logging
import statistics
import time
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from program.models import Cohort
from tests.factories import fill_cohort, make_cohort
from tests.figures import figure

SIZES = (10, 50, 100, 1000)
RUNS = 15
NOON = datetime(2027, 3, 16, 12, tzinfo=UTC)  # day 9
STARTS_ON = date(2027, 3, 8)
QUERIES_AT_MOST = 8
# Of a cohort of a thousand to one of fifty: a page shows fifty of either.
RATIO_AT_MOST = 3.0


@pytest.mark.django_db
def test_cohort_table() -> None:
    logging.disable(logging.INFO)
    coach = User.objects.create(email="coach@example.org", display_name="Marta")
    cohorts = {size: make_full_cohort(coach, size) for size in SIZES}
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    with time_machine.travel(NOON, tick=True):
        client = Client()
        client.force_login(coach)
        queries = {size: count_queries(client, cohort) for size, cohort in cohorts.items()}
        times: dict[int, list[float]] = {size: [] for size in SIZES}
        for _run in range(RUNS):
            for size, cohort in cohorts.items():
                times[size].append(seconds(client, cohort))

    medians = {size: statistics.median(times[size]) for size in SIZES}
    for size, median in medians.items():
        figure("cohort", f"Milliseconds for a cohort of {size}", median * 1000)
    figure(
        "cohort queries",
        f"Queries for a cohort of {', '.join(map(str, SIZES))}",
        ", ".join(map(str, queries.values())),
        bar=f"the same, <= {QUERIES_AT_MOST}",
        holds=len(set(queries.values())) == 1 and queries[10] <= QUERIES_AT_MOST,
    )
    ratio = medians[1000] / medians[50]
    figure(
        "cohort time",
        "A page of a cohort of 1,000 / a cohort of 50, server time",
        ratio,
        bar=f"<= {RATIO_AT_MOST:.0f}",
        holds=ratio <= RATIO_AT_MOST,
    )


def make_full_cohort(coach: User, size: int) -> Cohort:
    """Everybody with six stones on each of nine days."""
    cohort = make_cohort(coach=coach, name=f"{size} people", starts_on=STARTS_ON)
    fill_cohort(cohort, coach=coach, size=size)
    return cohort


def count_queries(client: Client, cohort: Cohort) -> int:
    """Those of the page; it is asked once before, so that nothing is done for the first time."""
    seconds(client, cohort)
    with CaptureQueriesContext(connection) as captured:
        seconds(client, cohort)
    asked = [query["sql"] for query in captured.captured_queries]
    return sum(not sql.startswith(("SAVEPOINT", "RELEASE")) for sql in asked)


def seconds(client: Client, cohort: Cohort) -> float:
    before = time.perf_counter()
    response = client.get(f"/coaching/{cohort.pk}/")
    after = time.perf_counter()
    assert response.status_code == 200
    return after - before
