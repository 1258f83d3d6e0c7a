"""A release comes while people use the site: its migrations, and the code before it."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from breakthrough.embedded_postgres import ensure_running, release
from tests.figures import figure
from tests.resilience.launched import ROOT
from tests.resilience.load import Load
from tests.resilience.site import Site, running_site
from tests.waiting import wait_until

LONG_SECONDS = 8.0
MIGRATION = """
from django.db import migrations

class Migration(migrations.Migration):
    atomic = {atomic}
    dependencies = [("program", "{before}")]
    operations = [migrations.RunSQL("{sql}")]
"""
CHANGES = [
    (True, "ALTER TABLE program_dailyentry ADD COLUMN drill integer NULL"),
    (False, "CREATE INDEX CONCURRENTLY drill ON program_dailyentry (drill)"),
    (True, "ALTER TABLE program_dailyentry ADD CONSTRAINT drill CHECK (drill > 0) NOT VALID"),
    (True, "ALTER TABLE program_dailyentry VALIDATE CONSTRAINT drill"),
]
# Of the code before, on the tables of now. Those that empty tables between tests cannot be run: the
# tables they do not know of hold keys into them.
SMOKE = ["days", "entries", "goals", "steps", "reflections", "requests", "consents", "coaching"]


def test_migrations_keep_nobody_waiting_while_somebody_reads_for_long() -> None:
    with running_site() as site:
        walkers = site.make_walkers(30)
        _write_migrations(site.project)
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

    figure(
        "G2 tries",
        f"that gave way to a transaction of {LONG_SECONDS:.0f} s",
        stopped,
        bar=">= 1",
        holds=stopped >= 1,
    )
    figure("G2 migrations", f"seconds that {len(CHANGES)} migrations took, by giving way", took)
    figure(
        "G2 wait",
        "longest wait of a check-off meanwhile, in seconds",
        longest,
        bar="< 1.5",
        holds=longest < 1.5,
    )
    figure("G2 wait", "the same in 5 s before them, on this machine", usual)
    figure(
        "G2 errors",
        f"of {len(during.waits)} check-offs meanwhile failed",
        failed,
        bar="0",
        holds=failed == 0,
    )
    figure("G2 lost", "acknowledged check-offs lost", lost, bar="0", holds=lost == 0)
    assert stopped >= 1
    assert failed == lost == 0


def _write_migrations(project: Path) -> None:
    folder = project / "program" / "migrations"
    before = max(path.stem for path in folder.glob("0*.py"))
    for number, (atomic, sql) in enumerate(CHANGES, 9001):
        name = f"{number}_drill"
        text = MIGRATION.format(atomic=atomic, before=before, sql=sql)
        (folder / f"{name}.py").write_text(text)
        before = name


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


def test_code_before_the_newest_migration_runs_on_its_tables(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    before = _git("log", "-1", "--format=%H", "--diff-filter=A", "--", "*/migrations/0*.py")
    folder = tmp_path_factory.mktemp("before")
    old = folder / "code"
    _git("worktree", "add", "--detach", str(old), f"{before}~1")
    folder.chmod(0o711)
    data_dir = folder / "postgres"
    try:
        url = ensure_running(data_dir)
        with psycopg.connect(url, autocommit=True) as server:
            server.execute("CREATE DATABASE test_twoweeks")
        environment = os.environ | {"DATABASE_URL": url}
        new = {**environment, "DATABASE_URL": url.replace("/twoweeks?", "/test_twoweeks?")}
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity=0"], cwd=ROOT, env=new, check=True
        )
        tests = [f"tests/program/test_{topic}.py" for topic in SMOKE]
        options = [
            "-o",
            "addopts=",
            "--reuse-db",
            "-q",
            "-p",
            "no:cacheprovider",
            "-k",
            "not transactional",
        ]
        run = subprocess.run(
            [sys.executable, "-m", "pytest", *options, *tests],
            cwd=old, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
    finally:
        release(data_dir)
        _git("worktree", "remove", "--force", str(old))
    summary = run.stdout.strip().splitlines()[-1]
    failed = summary.partition(" failed")[0].split()[-1] if " failed" in summary else "0"
    print(run.stdout[-3000:] if run.returncode else summary)
    words = f"of the tests of before the newest migration, failing on today's tables: {summary}"
    figure("G3 code before", words, int(failed), bar="0", holds=run.returncode == 0)
    assert run.returncode == 0


def _git(*words: str) -> str:
    done = subprocess.run(
        ["/usr/bin/env", "git", *words], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()
