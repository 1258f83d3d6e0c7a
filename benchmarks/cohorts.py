"""The coach's table of ever larger cohorts, over the wire: how many queries, and how long."""

import statistics
import time

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from benchmarks import people, site
from benchmarks.visits import BROWSER, session_cookie
from program.models import Cohort, Consent, Enrollment
from tests.figures import figure

SIZES = (10, 50, 100, 1000)
RUNS = 15
QUERIES_AT_MOST = 8
# Of a cohort of a thousand to one of fifty: a page shows fifty of either.
RATIO_AT_MOST = 3.0


class Page:
    def __init__(self, server: site.Server, weeks: list[Enrollment], name: str) -> None:
        now = timezone.now()
        self.server = server
        self.coach = User.objects.create_user(
            f"{name.replace(' ', '-').lower()}@example.org", display_name="Marta"
        )
        self.cohort = Cohort.objects.create(name=name, starts_on=weeks[0].starts_on, created_at=now)
        self.cohort.coaches.create(coach=self.coach, joined_at=now)
        self.cohort.memberships.bulk_create(
            self.cohort.memberships.model(cohort=self.cohort, enrollment=row, joined_at=now)
            for row in weeks
        )
        Consent.objects.bulk_create(
            Consent(
                enrollment=row,
                coach=self.coach,
                cohort=self.cohort,
                scope="counts",
                granted_at=now,
            )
            for row in weeks
        )
        self.path = f"/coaching/{self.cohort.pk}/"
        self.headers = BROWSER | {"Cookie": session_cookie(self.coach)}

    def milliseconds(self, runs: int) -> float:
        self.ask()
        return statistics.median(self.ask() for _run in range(runs))

    def ask(self) -> float:
        before = time.perf_counter()
        status, _headers, _body = self.server.ask("GET", self.path, self.headers)
        assert status == 200, status
        return (time.perf_counter() - before) * 1000

    def queries(self) -> int:
        client = Client(headers=BROWSER)
        client.force_login(self.coach)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(self.path).status_code == 200
        return sum(
            not query["sql"].startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"))
            for query in captured
        )


def tell(server: site.Server, walker: Enrollment) -> None:
    current = Enrollment.objects.filter(pk__gt=people.BASE, starts_on=walker.starts_on)
    weeks = list(current.order_by("pk")[: SIZES[-1]])
    pages = {
        size: Page(server, weeks[:size], f"Cohort of {size}")
        for size in SIZES
        if size <= len(weeks)
    }
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE program_cohortmembership, program_consent")
    counts = {size: page.queries() for size, page in pages.items()}
    figure(
        "cohort queries",
        f"Queries of a cohort's page, {', '.join(map(str, pages))} people",
        ", ".join(map(str, counts.values())),
        bar=f"the same, <= {QUERIES_AT_MOST}",
        holds=len(set(counts.values())) == 1 and counts[10] <= QUERIES_AT_MOST,
    )
    times: dict[int, list[float]] = {size: [] for size in pages}
    for _run in range(RUNS):
        for size, page in pages.items():
            times[size].append(page.ask())
    medians = {size: statistics.median(each) for size, each in times.items()}
    for size, median in medians.items():
        figure("cohort", f"Milliseconds for a cohort of {size}", median)
    ratio = medians[max(medians)] / medians[50]
    figure(
        "cohort time",
        f"A page of 50 out of {max(medians):,} / a cohort of 50, server time",
        ratio,
        bar=f"<= {RATIO_AT_MOST:.0f}",
        holds=ratio <= RATIO_AT_MOST,
    )
