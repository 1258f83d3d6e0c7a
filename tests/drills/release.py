"""A release comes while people use the site: its migrations, and the code before it."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from breakthrough.embedded_postgres import ensure_running, release
from tests.drills.changes import CHANGES, write_migrations
from tests.drills.code_before import code_before
from tests.figures import figure
from tests.resilience.launched import copied_project
from tests.resilience.load import Load
from tests.resilience.site import Site, Walker, ask, running_site
from tests.waiting import wait_until

LONG_SECONDS = 8.0
# Of the code before, on the tables of now.
SMOKE = ["days", "entries", "goals", "steps", "reflections", "requests", "consents", "coaching"]
# Tests that empty tables cannot be run: tables that they do not know of hold keys into them.
OPTIONS = ["-o", "addopts=", "--reuse-db", "-q", "-p", "no:cacheprovider"]
OPTIONS += ["-m", "not django_db(transaction=True)"]


def test_migrations_keep_nobody_waiting_while_somebody_reads_for_long() -> None:
    with running_site() as site:
        walkers = site.make_walkers(30)
        write_migrations(site.project)
        with Load(site, walkers, clients=4) as load:
            wait_until(lambda: load.done > 100)
            with load.counting() as before:
                time.sleep(5)
            with load.counting() as during, _long_transaction(site):
                began = time.monotonic()
                said = site.manage("migrate")
                took = time.monotonic() - began
        stopped = said.count("Somebody has a table in use")
        longest, usual = max(during.waits), max(before.waits)
        failed = during.errors + during.broken
        lost = len(load.acknowledged - site.stored())

    words = f"that gave way to a transaction of {LONG_SECONDS:.0f} s"
    figure("G2 tries", words, stopped, bar=">= 1", holds=stopped >= 1)
    figure("G2 migrations", f"seconds that {len(CHANGES)} migrations took, by giving way", took)
    words = "longest wait of a check-off meanwhile, in seconds"
    figure("G2 wait", words, longest, bar="< 1.5", holds=longest < 1.5)
    figure("G2 wait", "the same in 5 s before them, on this machine", usual)
    words = f"of {len(during.waits)} check-offs meanwhile failed"
    figure("G2 errors", words, failed, bar="0", holds=failed == 0)
    figure("G2 lost", "acknowledged check-offs lost", lost, bar="0", holds=lost == 0)
    assert stopped >= 1
    assert failed == lost == 0


@contextmanager
def _long_transaction(site: Site) -> Iterator[None]:
    """Somebody reads the table that is to be changed, and takes their time."""
    begun = threading.Event()

    def read() -> None:
        with psycopg.connect(site.database_url) as other, site.database() as looker:
            other.execute("SELECT count(*) FROM program_dailyentry")
            begun.set()
            wait_until(lambda: _is_waited_for(looker), 120)
            time.sleep(LONG_SECONDS)

    thread = threading.Thread(target=read)
    thread.start()
    assert begun.wait(30)
    try:
        yield
    finally:
        thread.join()


def _is_waited_for(looker: psycopg.Connection) -> bool:
    """Whether a migration stands behind somebody."""
    query = "SELECT FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'"
    return bool(looker.execute(query).rowcount)


def test_tests_of_the_code_before_pass_on_the_new_tables() -> None:
    with code_before() as before, copied_project() as new:
        write_migrations(new)
        data_dir = before.folder.parent / "postgres"
        try:
            url = ensure_running(data_dir)
            with psycopg.connect(url, autocommit=True) as server:
                server.execute("CREATE DATABASE test_twoweeks")
            of_tests = url.replace("/twoweeks?", "/test_twoweeks?")
            _python(new, of_tests, "manage.py", "migrate", "--verbosity=0")
            tests = [f"tests/program/test_{topic}.py" for topic in SMOKE]
            run = _python(before.folder, url, "-m", "pytest", *OPTIONS, *tests)
        finally:
            release(data_dir)
    summary = run.stdout.strip().splitlines()[-1]
    passed, failed = (_count(summary, word) for word in ("passed", "failed"))
    if run.returncode:
        print(run.stdout[-3000:])
    words = (
        f"of {passed + failed} tests of {before.name} that fail on today's tables and the drill's"
    )
    figure("G3 tests", words, failed, bar="0", holds=run.returncode == 0)
    assert run.returncode == 0
    assert passed > 100


def _count(summary: str, word: str) -> int:
    found = re.search(rf"(\d+) {word}", summary)
    return int(found[1]) if found else 0


def _python(folder: Path, url: str, *words: str) -> "subprocess.CompletedProcess[str]":
    """What it says is read by whoever asked; only `migrate` says nothing."""
    return subprocess.run(
        [sys.executable, *words],
        cwd=folder, env=os.environ | {"DATABASE_URL": url},
        capture_output=True, text=True, check=words[0] == "manage.py",
    )  # fmt: skip


def test_code_before_serves_on_the_new_tables_and_logs_nobody_out() -> None:
    """There and back: the code before, its tables changed under it, the new code, and the code
    before once more, as when a release has to be taken back."""
    with code_before() as before, copied_project() as new:
        write_migrations(new)
        old = Site(before.folder, before.folder.parent)
        try:
            old.start_database()
            old.manage("collectstatic", "--no-input", "--verbosity=0")
            old.manage("migrate", "--verbosity=0")
            old.start_web()
            walkers = old.make_walkers(20, before.folder)
            with Load(old, walkers, clients=4) as load:
                load.wait_for(50)
                with load.counting() as during:
                    _migrate_by(new, old)
                    load.wait_for(100)
                out = _logged_out(old, walkers)
                _go_over_to(new, old)
                load.wait_for(50)
                walkers += old.make_walkers(5)
                out += _logged_out(old, walkers)
                _go_over_to(before.folder, old)
                load.wait_for(50)
                out += _logged_out(old, walkers)
            lost = len(load.acknowledged - old.stored())
        finally:
            old.stop()

    failed, served = during.errors + during.broken, during.answers.total()
    words = f"of {served} check-offs by {before.name} failed while and after the tables changed"
    figure("G3 errors", words, failed, bar="0", holds=failed == 0)
    words = "of 70 sessions asked on the way to the new code and back, logged out"
    figure("G3 sessions", words, out, bar="0", holds=out == 0)
    words = f"of {load.done} check-offs acknowledged by either code, lost"
    figure("G3 lost", words, lost, bar="0", holds=lost == 0)
    assert failed == out == lost == 0


def _migrate_by(new: Path, site: Site) -> None:
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity=0"],
        cwd=new, env=site.variables, check=True,
    )  # fmt: skip


def _go_over_to(project: Path, site: Site) -> None:
    """End the web server; whoever watches it starts the code of this folder."""
    site.project = project
    site.manage("collectstatic", "--no-input", "--verbosity=0")
    ended = site.web
    site.web_master.send_signal(signal.SIGTERM)
    wait_until(lambda: site.web is not ended and site.get("/health/ready") == 200, 120)


def _logged_out(site: Site, walkers: list[Walker]) -> int:
    return sum(
        ask(site.port, "GET", "/today/", session=walker.session).status != 200 for walker in walkers
    )
