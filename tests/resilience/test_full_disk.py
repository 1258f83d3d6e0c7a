"""A full disk loses nothing that was acknowledged; once there is room the site goes on."""

import os
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from breakthrough.embedded_postgres import EmbeddedPostgresError
from tests.figures import figure
from tests.often import often
from tests.resilience.load import Load
from tests.resilience.site import Site, ask, running_site
from tests.waiting import wait_until

MEGABYTES = 190
BLOCK = bytes(64 * 1024)


@contextmanager
def small_disk() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="twoweeks-disk-") as folder:
        Path(folder).chmod(0o711)
        size = f"size={MEGABYTES}m,mode=0711"
        subprocess.run(["/bin/mount", "-t", "tmpfs", "-o", size, "tmpfs", folder], check=True)
        try:
            yield Path(folder)
        finally:
            subprocess.run(["/bin/umount", "--lazy", folder], check=True)


def fill(folder: Path) -> Path:
    """With a file beside the database, which goes on taking room meanwhile."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(BLOCK)
    return ballast


def keep_up(site: Site, is_over: threading.Event) -> None:
    """Whoever runs a host starts PostgreSQL again when it has ended."""
    while not is_over.wait(0.2):
        try:
            site.start_database()
        except EmbeddedPostgresError:
            continue  # there is no room to recover in


def test_a_full_disk_loses_nothing_and_heals() -> None:
    if os.geteuid() != 0:
        figure("A8", "not tried: only root can mount a small disk to fill", "-")
        return
    with small_disk() as disk, running_site(disk / "data") as site:
        with site.database() as database:
            # The log goes round in little room, as on a small machine.
            database.execute("ALTER SYSTEM SET max_wal_size = '32MB'")
            database.execute("ALTER SYSTEM SET min_wal_size = '32MB'")
            database.execute("SELECT pg_reload_conf()")
        walkers = site.make_walkers(often(2, 20))
        with Load(site, walkers, clients=4) as load:
            load.wait_for(often(100, 10_000))
            before = load.done
            ballast = fill(disk)
            with load.counting() as span:
                wait_until(lambda: span_errors(load, 5), 120)
            ballast.unlink()
            is_over = threading.Event()
            keeper = threading.Thread(target=keep_up, args=(site, is_over))
            keeper.start()
            try:
                load.wait_for(100)
            finally:
                is_over.set()
                keeper.join()
        answered = set(load.answers)
        lost = len(load.acknowledged - site.stored())
        status = ask(site.port, "GET", "/today/", session=walkers[0].session).status

    full = sum(span.answers.values()) - span.answers[302]
    assert answered <= {302, 500, 503}
    figure("A8/full", f"refused while the disk was full, after {before} that were taken", full)
    figure(
        "A8",
        f"check-offs lost of {load.done:,} acknowledged around a full disk",
        lost,
        bar="0",
        holds=lost == 0,
    )
    figure(
        "A8/healed", "status of Today once there was room", status, bar="200", holds=status == 200
    )
    assert lost == 0
    assert status == 200


def span_errors(load: Load, count: int) -> bool:
    return sum(load.answers[status] for status in (500, 503)) >= count or bool(load.errors)
