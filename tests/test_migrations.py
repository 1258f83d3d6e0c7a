"""Migrations of a release are applied while people use the site, and the code before it runs."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader

from breakthrough.management.commands import migrate
from tests.migration_rules import BEFORE_THE_FIRST_RELEASE, complaints
from tests.test_backup import url_of

# (app, name): why it may do all the same what a rule forbids.
EXCEPTIONS: dict[tuple[str, str], str] = {}


def test_migrations_keep_nobody_waiting_and_break_no_code_before_them(db: None) -> None:
    loader = MigrationLoader(connection)
    found = {
        (migration.app_label, migration.name): complaints(_sql(loader, migration))
        for migration in loader.disk_migrations.values()
        if migration.name[:4] > BEFORE_THE_FIRST_RELEASE.get(migration.app_label, "9999")
    }

    assert {key: broken for key, broken in found.items() if broken and key not in EXCEPTIONS} == {}


def test_rules_see_what_the_first_migrations_did(db: None) -> None:
    """They were free to: so the rules are shown to read real SQL of ours."""
    loader = MigrationLoader(connection)
    early = [m for m in loader.disk_migrations.values() if m.app_label in BEFORE_THE_FIRST_RELEASE]
    said = " ".join(words for m in early for words in complaints(_sql(loader, m)))

    assert "builds an index under a lock" in said
    assert "reads the whole table" in said
    assert "changes every row" in said
    assert complaints(_sql(loader, loader.get_migration("accounts", "0001_initial"))) == []


def _sql(loader: MigrationLoader, migration: Migration) -> list[str]:
    return [str(line) for line in loader.collect_sql([(migration, False)])]


@pytest.mark.parametrize(
    "statement",
    [
        'ALTER TABLE "a" DROP COLUMN "b" CASCADE;',
        'ALTER TABLE "a" RENAME COLUMN "b" TO "c";',
        'ALTER TABLE "a" RENAME TO "b";',
        'DROP TABLE "a" CASCADE;',
        'ALTER TABLE "a" ADD COLUMN "b" integer NOT NULL;',
        'ALTER TABLE "a" ADD COLUMN "b" uuid DEFAULT gen_random_uuid() NOT NULL;',
        'ALTER TABLE "a" ALTER COLUMN "b" DROP DEFAULT;',
        'ALTER TABLE "a" ALTER COLUMN "b" TYPE bigint USING "b"::bigint;',
        'ALTER TABLE "a" ALTER COLUMN "b" SET NOT NULL;',
        'ALTER TABLE "a" ADD CONSTRAINT "c" CHECK ("b" > 0);',
        'ALTER TABLE "a" ADD CONSTRAINT "c" FOREIGN KEY ("b") REFERENCES "d" ("id");',
        'ALTER TABLE "a" ADD CONSTRAINT "c" UNIQUE ("b");',
        'CREATE INDEX "i" ON "a" ("b");',
        'CREATE UNIQUE INDEX "i" ON "a" ("b");',
        'UPDATE "a" SET "b" = 1;',
        "DELETE FROM a WHERE b = 1;",
    ],
)
def test_what_keeps_people_waiting_is_seen(statement: str) -> None:
    assert complaints([statement])
    assert complaints(['CREATE TABLE "a" ("b" integer NOT NULL);', statement]) == []


@pytest.mark.parametrize(
    "statement",
    [
        'ALTER TABLE "a" ADD COLUMN "b" integer NULL;',
        'ALTER TABLE "a" ADD COLUMN "b" varchar(9) DEFAULT \'\' NOT NULL;',
        'ALTER TABLE "a" ADD CONSTRAINT "c" CHECK ("b" > 0) NOT VALID;',
        'ALTER TABLE "a" VALIDATE CONSTRAINT "c";',
        'CREATE INDEX CONCURRENTLY "i" ON "a" ("b");',
        'CREATE TABLE "a" ("b" integer NOT NULL UNIQUE);',
    ],
)
def test_what_is_over_at_once_is_let_through(statement: str) -> None:
    assert complaints([statement]) == []


def test_a_default_may_go_from_a_column_that_may_be_empty() -> None:
    """So Django adds one: the code before, which does not name it, is refused by a NOT NULL."""
    drop = 'ALTER TABLE "a" ALTER COLUMN "b" DROP DEFAULT;'

    assert complaints(['ALTER TABLE "a" ADD COLUMN "b" integer DEFAULT 1 NULL;', drop]) == []
    assert complaints(['ALTER TABLE "a" ADD COLUMN "b" integer DEFAULT 1 NOT NULL;', drop])


def test_two_tables_in_one_migration_are_waited_for_at_once() -> None:
    tables = [f'ALTER TABLE "{name}" ADD COLUMN "x" integer NULL;' for name in "ab"]

    assert complaints(tables) == ["a, b: waits for both at once: one migration each"]


# --- Our own `migrate` ---------------------------------------------------------------------------


@contextmanager
def reading(table: str) -> Iterator[threading.Event]:
    """A long transaction of somebody else that looks at the table, until the event is set."""
    begun, over = threading.Event(), threading.Event()

    def read() -> None:
        with psycopg.connect(url_of(connection.settings_dict["NAME"])) as other:
            other.execute(f"SELECT FROM {table} LIMIT 1")
            begun.set()
            over.wait(60)

    thread = threading.Thread(target=read)
    thread.start()
    assert begun.wait(30)
    try:
        yield over
    finally:
        over.set()
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_migrate_gives_way_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """0004 of accounts changes a column of the users, which somebody has in use."""
    said = StringIO()
    monkeypatch.setattr(migrate, "LOCK_MILLISECONDS", 50)
    with reading("accounts_user") as over:
        pauses = iter([lambda: None, over.set])
        monkeypatch.setattr(migrate, "sleep", lambda seconds: next(pauses)())
        call_command("migrate", "accounts", "0003", verbosity=0, stdout=said)
    call_command("migrate", verbosity=0)

    assert said.getvalue().count("Somebody has a table in use") == 2
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)


@pytest.mark.django_db(transaction=True)
def test_migrate_gives_up_in_the_end_and_says_what_to_look_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(migrate, "LOCK_MILLISECONDS", 20)
    monkeypatch.setattr(migrate, "TRIES", 2)
    monkeypatch.setattr(migrate, "PAUSE_SECONDS", 0)
    with (
        reading("accounts_user"),
        pytest.raises(CommandError, match="pg_stat_activity"),
    ):
        call_command("migrate", "accounts", "0003", verbosity=0, stdout=StringIO())
    call_command("migrate", verbosity=0)
