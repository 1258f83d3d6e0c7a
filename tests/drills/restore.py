"""A site is backed up while people use it, loses its database with its server, and comes back on
another one: whole, quickly, and silent.
"""

import os
import random
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from breakthrough import backup
from breakthrough.backup import tables
from breakthrough.backup.manifest import manifest_path
from tests.drills.processes import multiply_entries, running_worker, wait_for_scans
from tests.figures import figure
from tests.resilience.load import Load
from tests.resilience.site import Site, ask, running_site
from tests.sink import Sink, running_sink
from tests.waiting import wait_until

WALKERS, TIMES = 40, 400
DAMAGES = int(os.environ.get("DAMAGES", "40"))
# Mails that come once at most, due before the backup; and a reminder that is due after it.
MAILS = """
from datetime import timedelta
from django.utils import timezone
from accounts.emails import TEST
from accounts.models import OutgoingMail, User
from program.models.mail import MailChoice, MailKind
now = timezone.now()
soon = now + timedelta(minutes=2)
for user in User.objects.order_by("pk")[:5]:
    OutgoingMail.objects.put(TEST, key=f"drill:{user.pk}", to=user, now=now)
    MailChoice.objects.choose(user, MailKind.EVENING, at=soon.time(), now=now)
"""
CODES = 3


@pytest.fixture
def sink() -> Iterator[Sink]:
    with running_sink() as sink:
        yield sink


def test_a_backup_taken_under_load_comes_back_whole_and_silent(sink: Sink, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    with running_site(EMAIL_URL=f"smtp://127.0.0.1:{sink.port}") as site:
        walkers = site.make_walkers(WALKERS)
        with Load(site, walkers[:20]) as load:
            wait_until(lambda: load.done > 400)
        multiply_entries(site, TIMES)
        site.manage("shell", "--no-imports", "-c", MAILS)
        for walker in walkers[:CODES]:
            ask(site.port, "POST", "/accounts/login/code/", {"email": walker.email})

        # --- A backup while people check off ---
        with Load(site, walkers[20:]) as load:
            wait_until(lambda: load.done > 200)
            before, began = set(load.acknowledged), time.monotonic()
            with load.counting() as during:
                said = site.manage("backup", "--to", str(folder), "--keep", "3")
            took = time.monotonic() - began
            wait_until(lambda: load.done > len(before) + 200)
        dump = Path(said.splitlines()[0])
        manifest = backup.Manifest.beside(dump)
        figure("G1 dump", "rows in the backup that was taken under load", manifest.rows)
        figure("G1 dump", "its size in MB", manifest.size / 1e6)
        figure("G1 dump", "seconds that taking it took, under load", took)
        served = len(during.waits)
        figure(
            "G1 dump",
            "check-offs acknowledged while it was taken",
            served,
            bar="> 0",
            holds=served > 0,
        )
        failed = during.errors + during.broken
        figure("G1 dump", "of these that failed meanwhile", failed, bar="0", holds=failed == 0)

        # --- Dumps that are not whole ---
        accepted = sum(
            _is_accepted(dump, tmp_path / "damaged", number) for number in range(DAMAGES)
        )
        figure(
            "G1 damaged",
            f"of {DAMAGES} damaged dumps accepted",
            accepted,
            bar="0",
            holds=accepted == 0,
        )

        # --- The end of the server, and another one ---
        site.stop()
        shutil.rmtree(site.data_dir)
        site.folder = site.folder.parent / "new server"
        site.folder.mkdir()
        site.folder.chmod(0o711)

        began = time.monotonic()
        site.start_database()
        site.manage("restore", str(dump))
        restored = time.monotonic() - began
        site.manage("migrate", "--verbosity=0")
        with psycopg.connect(site.database_url) as copy:
            tables.begin(copy)
            found = tables.fingerprints(copy)
        site.start_web()
        recovered = time.monotonic() - began
        figure(
            "G1 RTO",
            "seconds from an empty server to a site that is ready",
            recovered,
            bar="< 120",
            holds=recovered < 120,
        )
        figure("G1 RTO", "of these, restoring and comparing", restored)

        # The hold is written by the restore, and its table is no part of the comparison.
        equal = sum(found.get(name) == table for name, table in manifest.tables.items())
        whole = equal == len(manifest.tables) and found.keys() == manifest.tables.keys()
        figure(
            "G1 tables",
            f"of {len(manifest.tables)} tables equal, row for row",
            equal,
            bar=str(len(manifest.tables)),
            holds=whole,
        )
        lost = len(before - site.stored())
        figure(
            "G1 RPO",
            f"of {len(before)} check-offs acknowledged before the backup lost",
            lost,
            bar="0",
            holds=lost == 0,
        )

        # --- It serves, and says nothing ---
        old = ask(site.port, "GET", "/today/", session=walkers[0].session).status
        figure(
            "G1 sessions",
            "sessions of before that still let in",
            int(old == 200),
            bar="0",
            holds=old != 200,
        )
        new = site.make_walkers(1)[0]
        assert ask(site.port, "GET", "/today/", session=new.session).status == 200
        with running_worker(site):
            # The reminders fall due while mail is held, however quick the rest was.
            wait_until(lambda: _reminders_to_come(site) == 0, 180)
            wait_for_scans(site, 2)
            silent = len(sink.mails)
            figure(
                "G1 silence",
                "mails that left the copy in two scans of its worker",
                silent,
                bar="0",
                holds=silent == 0,
            )
            print(site.manage("release_mail"))
            wait_until(lambda: len(sink.mails) >= CODES, 90)
            wait_for_scans(site)
        sent = len({mail["To"] for mail in sink.mails})
        words = (
            f"of {CODES} codes that waited, sent after release_mail; of 10 reminders and tests, 0"
        )
        holds = sent == len(sink.mails) == CODES
        figure("G1 silence", words, sent, bar=str(CODES), holds=holds)
        assert all([equal == len(manifest.tables), lost == 0, silent == 0, accepted == 0])


def _reminders_to_come(site: Site) -> int:
    """Of today's, which were chosen two minutes ahead."""
    with site.database() as database:
        row = database.execute(
            "SELECT count(*) FROM program_mailchoice WHERE next_due_at < now() + interval '1 hour'"
        ).fetchone()
    assert row
    return int(row[0])


def _is_accepted(dump: Path, folder: Path, number: int) -> bool:
    """Cut at any place, a bit changed at any place, or bytes swapped in; also at the very end."""
    folder.mkdir(exist_ok=True)
    damaged = folder / dump.name
    content, chance = bytearray(dump.read_bytes()), random.Random(number)
    shutil.copy(manifest_path(dump), manifest_path(damaged))
    place = chance.randrange(len(content))
    if number % 3 == 0:
        content = content[: place if number else -1]
    elif number % 3 == 1:
        content[place] ^= 1 << chance.randrange(8)
    else:
        content[place : place + 100] = chance.randbytes(100)
    damaged.write_bytes(content)
    try:
        backup.check(damaged)
    except backup.BackupError:
        return False
    return True
