"""What one request costs in processor time and disk: what docs/scale.md reckons with."""

import os
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psutil
from django.db import connection

from benchmarks import load, site
from program.models import DailyEntry, Enrollment
from tests.figures import figure

# docs/scale.md: a Today for every two check-offs, a fifth of a day in its busiest hour, and no core
# that is fuller than this.
PAGES, PEAK, FULL = 0.5, 24 / 5, 0.6
MILLION = 1_000_000


def tell(one: site.Server, today: Path, taps: Path, seconds: int = 4) -> None:
    seconds_of: dict[str, float] = {}
    for name, words, requests in (("today", "Today", today), ("taps", "a check-off", taps)):
        web, database = _busy([one.process]), _busy([_postmaster()])
        written = _written()
        found = load.run(one.port, requests, connections=1, seconds=seconds)
        web, database = _busy([one.process]) - web, _busy([_postmaster()]) - database
        seconds_of[name] = (web + database) / found.requests
        figure(
            f"cost {name}",
            f"Milliseconds of processor for {words}: web, PostgreSQL",
            f"{web / found.requests * 1000:.2f}, {database / found.requests * 1000:.2f}",
        )
    figure(
        "cost log",
        "Bytes that PostgreSQL writes to its log for a check-off",
        (_written() - written) / found.requests,
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_total_relation_size('program_dailyentry')")
        size = cursor.fetchone()[0] / DailyEntry.objects.count()
        cursor.execute("SELECT pg_database_size(current_database())")
        whole = cursor.fetchone()[0]
    figure("cost entry", "Bytes of an entry in the database, indexes too", size)
    figure("cost database", "Gigabytes of the whole database", whole / 1e9)
    of_one = whole / Enrollment.objects.count()
    figure("cost person", "Bytes of the database for each two weeks in it, all tables", of_one)
    busy = MILLION * (seconds_of["taps"] + PAGES * seconds_of["today"])
    words = "Cores for a million check-offs a day and their pages, at the peak (docs/scale.md)"
    figure("scale cores", words, busy / 86_400 * PEAK / FULL)
    figure("scale disk", "Gigabytes that a million check-offs add", MILLION * size / 1e9)


def _busy(processes: list[psutil.Process]) -> float:
    """Seconds of processor that they and their children have used."""
    everybody = [each for one in processes for each in (one, *one.children(recursive=True))]
    return float(sum(sum(each.cpu_times()[:2]) for each in everybody))


def _postmaster() -> psutil.Process:
    """Of the bench's own server: whose socket DATABASE_URL names."""
    socket = Path(parse_qs(urlsplit(os.environ["DATABASE_URL"]).query)["host"][0])
    return psutil.Process(int((socket / ".s.PGSQL.5432.lock").read_text().splitlines()[0]))


def _written() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_lsn() - '0/0'")
        return int(cursor.fetchone()[0])
