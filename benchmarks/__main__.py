"""`make bench`: each bar with its figure, and whether it holds.

A database of its own is made and thrown away. SCALES=1,10 leaves out the hundredfold, ROUNDS and
SECONDS make it shorter, for a look while working.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
import psycopg

from benchmarks import load, site
from breakthrough.embedded_postgres import ensure_running, release


def main() -> None:
    load.check_wrk()
    with database() as url:
        run = site.environment(url)
        os.environ.update(run)
        site.manage(run, "migrate", "--verbosity=0")
        site.manage(run, "collectstatic", "--no-input", "--verbosity=0")
        django.setup()
        # What it imports asks for the settings.
        from benchmarks import bars

        with tempfile.TemporaryDirectory() as folder:
            bars.measure(run, Path(folder))


@contextmanager
def database() -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="twoweeks-bench-"))
    folder.chmod(0o711)  # if we are root, the server's own user has to walk through
    url = ensure_running(folder / "postgres")
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE reference")
            # A hundred thousand people at once write more log than any day does.
            connection.execute("ALTER SYSTEM SET max_wal_size = '8GB'")
            connection.execute("SELECT pg_reload_conf()")
        yield url
    finally:
        release(folder / "postgres")
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
