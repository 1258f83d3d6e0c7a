"""A backup comes back as it was, row for row, silent, and only whole."""

import json
import os
import re
import stat
import uuid
from collections.abc import Iterator
from datetime import time, timedelta
from io import StringIO
from pathlib import Path

import psycopg
import pytest
import time_machine
from django.core.mail import EmailMessage
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from psycopg import sql
from pytest_django import Settings

from accounts import delivery
from accounts.mail_backend import as_content
from accounts.models import MailHold, OutgoingMail, User
from breakthrough import backup
from breakthrough.backup import programs, tables
from breakthrough.backup.manifest import manifest_path
from breakthrough.backup.restoring import Say
from breakthrough.doctor import machine
from breakthrough.doctor.findings import WARNING
from breakthrough.management.commands.restore import known_migrations
from program.models import MailChoice, reminders
from program.models.mail import MailKind
from tests.factories import NOON, make_enrollment, make_user
from tests.post import scan, sink
from tests.posting import text_of
from tests.sink import Sink
from tests.used_account import CANARY, make_used_account

__all__ = ["sink"]  # fixtures


def url_of(database: str) -> str:
    return re.sub(r"@/\w+", f"@/{database}", os.environ["DATABASE_URL"])


def restore(url: str, dump: Path, *, replace: bool = False, say: Say = str) -> backup.Manifest:
    known = known_migrations()
    return backup.restore(url, dump, now=NOON, known=known, replace=replace, say=say)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backups"


@pytest.fixture
def empty() -> Iterator[str]:
    """The URL of a database that holds nothing."""
    name = f"empty_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(url_of("postgres"), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        yield url_of(name)
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def used(transactional_db: None, carol: User, noon: time_machine.Traveller) -> str:
    """The URL of the tests' own database, with a row in every table that knows people."""
    make_used_account(carol)
    return url_of(connection.settings_dict["NAME"])


# --- Making one ----------------------------------------------------------------------------------


def test_backup_comes_back_row_for_row_without_anybodys_session(
    used: str, folder: Path, empty: str
) -> None:
    dump = backup.make(used, folder)
    said: list[str] = []

    manifest = restore(empty, dump, say=said.append)

    assert manifest.tables["accounts_user"].rows == 2
    assert manifest.rows > 100
    assert "All" in said[-1]
    assert manifest.taken_at in said[-1]
    with psycopg.connect(empty) as copy, psycopg.connect(used) as original:
        for each in (copy, original):
            tables.begin(each)
        assert tables.names(copy) == tables.names(original)
        assert tables.fingerprints(copy) == tables.fingerprints(original) == manifest.tables
        for table in ("django_session", "usersessions_usersession"):
            assert count(original, table) > 0
            assert count(copy, table) == 0


def count(database: tables.Connection, table: str) -> int:
    query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
    row = database.execute(query).fetchone()
    assert row
    return int(row[0])


def test_backup_is_for_its_owner_alone_and_says_what_it_holds_in_no_words(
    used: str, folder: Path
) -> None:
    dump = backup.make(used, folder)

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for file in (dump, manifest_path(dump)):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert CANARY not in manifest_path(dump).read_text()
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        [".lock", dump.name, manifest_path(dump).name]
    )


def test_backup_keeps_the_newest_and_clears_away_what_was_never_finished(
    used: str, folder: Path
) -> None:
    first, second = (backup.make(used, folder) for _ in range(2))
    (folder / "two-weeks-20200101T000000000000Z.dump.part").touch()
    (folder / "two-weeks-20200101T000000000000Z.dump").touch()
    (folder / "of somebody else.dump").touch()

    third = backup.make(used, folder, keep=2)

    assert first < second < third
    assert sorted(folder.glob("*.dump")) == [folder / "of somebody else.dump", second, third]
    assert not list(folder.glob("*.part"))
    assert not manifest_path(first).exists()


def test_backup_goes_to_no_folder_where_others_reach_it(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o770)
    (tmp_path / "mine").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "mine")
    (tmp_path / "file").touch()
    (tmp_path / "served").mkdir()
    cases = {
        "open": "Others may write",
        "link": "or a link",
        "file": "No backup was made",
        "served/below": "served to everybody",
    }

    for name, words in cases.items():
        with pytest.raises(backup.BackupError, match=words):
            backup.make(url_of("postgres"), tmp_path / name, served=(tmp_path / "served",))
        assert not list(tmp_path.rglob("*.dump*"))


def test_backup_that_fails_leaves_the_earlier_ones_and_no_half(
    used: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = backup.make(used, folder, keep=1)
    monkeypatch.setattr(programs, "arguments_of", lambda url: (["--dbname=nowhere"], {}))

    with pytest.raises(backup.BackupError, match="No backup was made"):
        backup.make(used, folder, keep=1)

    assert set(folder.glob("*.dump*")) == {first, manifest_path(first)}


def test_backup_tells_the_programs_no_password_where_others_see_it() -> None:
    where, environment = programs.arguments_of("postgresql://weeks:p%40ss@db.test:5433/weeks")

    assert "p@ss" not in " ".join(where)
    assert "p%40ss" not in " ".join(where)
    assert environment["PGPASSWORD"] == "p@ss"


# --- What is refused -----------------------------------------------------------------------------


DAMAGES = ("cut", "emptied", "flipped", "longer", "other", "no manifest", "manifest", "newer")


def test_restore_refuses_what_is_not_whole_and_touches_nothing(
    used: str, folder: Path, empty: str
) -> None:
    dump = backup.make(used, folder)
    whole, manifest = dump.read_bytes(), manifest_path(dump).read_text()

    for damage in DAMAGES:
        dump.write_bytes(whole)
        manifest_path(dump).write_text(manifest)
        _damage(dump, damage)
        with pytest.raises(backup.BackupError):
            restore(empty, dump)
        with psycopg.connect(empty) as copy:
            assert tables.names(copy) == [], damage


def _damage(dump: Path, damage: str) -> None:
    content, beside = bytearray(dump.read_bytes()), manifest_path(dump)
    said = json.loads(beside.read_text())
    match damage:
        case "cut":
            content = content[: len(content) // 2]
        case "emptied":
            content.clear()
        case "flipped":
            content[len(content) // 2] ^= 1
        case "longer":
            content += b"\n"
        case "other":
            content = bytearray(os.urandom(len(content)))
        case "no manifest":
            beside.unlink()
        case "manifest":
            beside.write_text("{")
        case "newer":
            said["migrations"]["program"].append("9999_of_later")
            beside.write_text(json.dumps(said))
    dump.write_bytes(content)


def test_restore_sees_a_row_that_is_not_as_it_was(used: str, folder: Path, empty: str) -> None:
    """Whatever the reason: here the manifest speaks of another row than the dump holds."""
    dump = backup.make(used, folder)
    beside = manifest_path(dump)
    said = json.loads(beside.read_text())
    said["tables"]["program_goal"]["sha256"] = "0" * 64
    beside.write_text(json.dumps(said))

    with pytest.raises(backup.BackupError, match="program_goal differ"):
        restore(empty, dump)

    with psycopg.connect(empty) as copy:
        assert count(copy, "accounts_mailhold") == 1


def test_restore_leaves_a_database_alone_that_is_used_or_holds_something(
    used: str, folder: Path, empty: str
) -> None:
    dump = backup.make(used, folder)
    with psycopg.connect(empty, autocommit=True, application_name="a web server") as other:
        with pytest.raises(backup.BackupError, match="a web server"):
            restore(empty, dump)
        other.execute("CREATE TABLE something (id int)")
    with pytest.raises(backup.BackupError, match="is not empty"):
        restore(empty, dump)

    restore(empty, dump, replace=True)

    with psycopg.connect(empty, autocommit=True) as copy:
        assert tables.catch_up(copy) == []
        copy.execute("SELECT setval('program_goal_id_seq', 1, false)")
        assert tables.catch_up(copy) == ["program_goal.id"]
        assert "something" not in tables.names(copy)
        assert count(copy, "accounts_user") == 2


def test_restore_check_says_whether_a_file_is_whole(used: str, folder: Path) -> None:
    dump = backup.make(used, folder)
    said = StringIO()

    call_command("restore", dump, check=True, stdout=said)
    assert said.getvalue().startswith("Whole: ")
    dump.write_bytes(dump.read_bytes()[:-1])
    with pytest.raises(CommandError, match="cut short"):
        call_command("restore", dump, check=True)


# --- A copy is silent ----------------------------------------------------------------------------


@pytest.mark.django_db
def test_no_mail_leaves_while_it_is_held_and_none_comes_twice_afterwards(
    noon: time_machine.Traveller, sink: Sink, settings: Settings
) -> None:
    settings.REQUIRE_SECOND_FACTOR = "nobody"
    alice = make_user(name="Alice")
    make_enrollment(participant=alice)
    MailChoice.objects.choose(alice, MailKind.MORNING, at=time(13, 30), now=NOON)
    letter = as_content(EmailMessage("A code", "123456", "a@example.org"))
    OutgoingMail.objects.put("account", key="1", to=alice, content=letter, now=NOON)
    MailHold.objects.create(since=NOON, reason="two-weeks-x.dump")

    # Half past one comes and goes on the copy, as it did on the site that it is a copy of.
    for minutes in (1, 31, 60):
        now = NOON + timedelta(minutes=minutes)
        reminders.queue_due(now)
        for pk in OutgoingMail.objects.values_list("pk", flat=True):
            delivery.deliver(pk, now)
        scan(now)
    assert sink.mails == []
    assert [finding.level for finding in machine.hold()] == [WARNING]
    staff = Client()
    staff.force_login(User.objects.create_superuser("marta@example.org"))
    assert "no mail leaves it" in text_of(staff.get("/staff/"))
    assert OutgoingMail.objects.filter(settled_at=None).count() == 2

    noon.move_to(NOON + timedelta(hours=1))
    said = StringIO()
    call_command("release_mail", stdout=said)
    scan(NOON + timedelta(hours=1))

    assert list(machine.hold()) == []
    assert "Passed over, as it may have come before: 1. Leaving now: 1." in said.getvalue()
    assert [mail["Subject"] for mail in sink.mails] == ["A code"]
    noon.move_to(NOON + timedelta(hours=24, minutes=31))
    reminders.queue_due(NOON + timedelta(hours=24, minutes=31))
    scan(NOON + timedelta(hours=24, minutes=31))
    assert len(sink.mails) == 2  # and the next day's comes
    said = StringIO()
    call_command("release_mail", stdout=said)
    assert said.getvalue() == "No mail is held here.\n"
