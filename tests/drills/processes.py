"""Workers beside a site, and what is put into its database in bulk."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from tests.resilience.site import Site
from tests.waiting import wait_until

WORKER = ("manage.py", "procrastinate", "worker", "--concurrency", "2")


@contextmanager
def running_worker(site: Site, **environment: str) -> "Iterator[subprocess.Popen[bytes]]":
    with (site.folder / "worker").open("ab") as output:
        worker = subprocess.Popen(
            [sys.executable, *WORKER],
            cwd=site.project,
            env=site.variables | environment,
            stdout=output,
            stderr=output,
        )
        try:
            yield worker
        finally:
            worker.terminate()
            worker.wait(timeout=60)


def wait_for_scans(site: Site, count: int = 1) -> None:
    """Until a worker has looked for mail, and for reminders, so often from now on."""
    for _scan in range(count):
        _wait_for_a_scan(site, last_scans(site))


def _wait_for_a_scan(site: Site, before: dict[str, datetime]) -> None:
    wait_until(lambda: _is_after(last_scans(site), before), 150)


def last_scans(site: Site) -> dict[str, datetime]:
    with site.database() as database:
        return dict(database.execute("SELECT name, at FROM accounts_scan").fetchall())


def _is_after(scans: dict[str, datetime], before: dict[str, datetime]) -> bool:
    return {"mail", "reminders"} <= scans.keys() and all(
        name not in before or at > before[name] for name, at in scans.items()
    )


def multiply_entries(site: Site, times: int) -> None:
    """So many more entries like each that there is, some with words."""
    with site.database() as database:
        database.execute(
            """
            INSERT INTO program_dailyentry (enrollment_id, client_id, practice, day, line, outcome,
              answer, placed_at, created_at)
            SELECT enrollment_id, gen_random_uuid(), practice, day,
              repeat(md5(number::text || client_id::text), number %% 4), outcome, answer, placed_at,
              created_at
            FROM program_dailyentry CROSS JOIN generate_series(1, %s) number
            """,
            [times],
        )
