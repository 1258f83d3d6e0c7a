from collections.abc import Iterator
from contextlib import contextmanager
from time import sleep
from typing import Any

import psycopg
from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections
from psycopg import errors

# Whoever waits for a lock keeps everybody waiting who comes after. So nobody waits longer than
# this for a migration that waits for somebody else's transaction, plus what it does itself.
LOCK_MILLISECONDS = 700
# Between two tries those who were kept waiting get their turn.
PAUSE_SECONDS = 2.0
TRIES = 90
# Of one database, whichever machines begin at once: the number is ours and means nothing.
LOCK = 2_147_001
LEFT_HALF_BUILT = """
SELECT indexrelid::regclass::text FROM pg_index
JOIN pg_class ON pg_class.oid = indexrelid
JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE NOT indisvalid AND nspname = 'public'
"""


class Command(migrate.Command):
    """Django's, for a site that is in use: it waits for no lock longer than people would notice,
    tries again instead, and is run by one machine at a time."""

    def handle(self, *args: Any, **options: Any) -> None:
        alias = options["database"] or DEFAULT_DB_ALIAS
        if options["plan"] or options["check_unapplied"]:
            super().handle(*args, **options)
            return
        with _one_at_a_time(alias):
            for number in range(1, TRIES + 1):
                try:
                    self._migrate(alias, *args, **options)
                    return
                except OperationalError as error:
                    if not isinstance(error.__cause__, errors.LockNotAvailable):
                        raise
                    self.stdout.write(
                        f"Somebody has a table in use that is to be changed. Try {number} of"
                        f" {TRIES} ended, and what it had begun is begun anew."
                    )
                    sleep(PAUSE_SECONDS)
        raise CommandError(
            f"A table was in use for {TRIES} tries. Look for a long transaction in"
            " pg_stat_activity, end it, and run this again: what was applied stays."
        )

    def _migrate(self, alias: str, *args: Any, **options: Any) -> None:
        with _impatient(alias):
            super().handle(*args, **options)


@contextmanager
def _one_at_a_time(alias: str) -> Iterator[None]:
    """A lock that ends with its connection. One beside Django's, which may be closed meanwhile."""
    with psycopg.connect(**connections[alias].get_connection_params(), autocommit=True) as held:
        held.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        yield


@contextmanager
def _impatient(alias: str) -> Iterator[None]:
    connection = connections[alias]
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        (before,) = cursor.fetchone()
        # What an index that was built beside the traffic leaves when it did not get to its end.
        cursor.execute(LEFT_HALF_BUILT)
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP INDEX CONCURRENTLY {name}")
        cursor.execute(f"SET lock_timeout = {LOCK_MILLISECONDS}")
    try:
        yield
    finally:
        if connection.connection is not None and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, false)", [before])
