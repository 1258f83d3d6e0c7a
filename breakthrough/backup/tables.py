"""What is in a database, read in one transaction: its tables, row for row."""

import hashlib
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql

from breakthrough.backup.manifest import Fingerprint

# Their rows are no part of a backup. Whoever holds a session's key is logged in: a copy that is
# stolen must let nobody in, and one that is restored must not log in whom somebody logged out.
LEFT_OUT = ("accounts_mailhold", "cache", "django_session", "usersessions_usersession")
# As each server says it, whatever its own settings are.
ONE_WAY_TO_WRITE = """
SET LOCAL timezone = 'UTC';
SET LOCAL datestyle = 'ISO, YMD';
SET LOCAL intervalstyle = 'postgres';
SET LOCAL extra_float_digits = 1;
SET LOCAL bytea_output = 'hex';
SET LOCAL search_path = public;
SET LOCAL statement_timeout = 0;
SET LOCAL idle_in_transaction_session_timeout = 0;
"""
TABLES = """
SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE relkind IN ('r', 'p') AND nspname = 'public' ORDER BY relname COLLATE "C"
"""
# Of each column whether it is in the primary key, and whether a collation decides its order.
COLUMNS = """
SELECT attname, coalesce(attnum = ANY (indkey), false), attcollation <> 0
FROM pg_attribute LEFT JOIN pg_index ON indrelid = attrelid AND indisprimary
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
ORDER BY attnum
"""
# The columns whose numbers a sequence gives.
COUNTED = """
SELECT relname, attname, pg_get_serial_sequence(quote_ident(relname), attname)
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE nspname = 'public' AND relkind = 'r' AND attnum > 0 AND NOT attisdropped
AND pg_get_serial_sequence(quote_ident(relname), attname) IS NOT NULL
"""
Connection = psycopg.Connection[Any]


def begin(connection: Connection) -> None:
    """Everything that is read from here on is of one instant, and the same on every server."""
    connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    connection.execute(ONE_WAY_TO_WRITE)


def names(connection: Connection) -> list[str]:
    return [name for (name,) in connection.execute(TABLES)]


def fingerprints(connection: Connection) -> dict[str, Fingerprint]:
    """Of every table but those whose rows are left out."""
    return {name: _of(connection, name) for name in names(connection) if name not in LEFT_OUT}


def _of(connection: Connection, table: str) -> Fingerprint:
    name = sql.Identifier(table)
    columns = connection.execute(COLUMNS, [name.as_string(connection)]).fetchall()
    keys = [column for column in columns if column[1]] or columns
    query = sql.SQL("COPY (SELECT {} FROM {} ORDER BY {}) TO STDOUT").format(
        sql.SQL(", ").join(sql.Identifier(column) for column, _is_key, _is_text in columns),
        name,
        sql.SQL(", ").join(
            sql.SQL('{} COLLATE "C"' if is_text else "{}").format(sql.Identifier(column))
            for column, _is_key, is_text in keys
        ),
    )
    digest, rows = hashlib.sha256(), 0
    digest.update("\t".join(column for column, *_ in columns).encode())
    with connection.cursor().copy(query) as copy:
        for chunk in copy:
            digest.update(chunk)
            rows += bytes(chunk).count(b"\n")  # a line break within a value is written \n
    return Fingerprint(rows, digest.hexdigest())


def migrations(connection: Connection) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for app, name in connection.execute("SELECT app, name FROM django_migrations ORDER BY 1, 2"):
        found.setdefault(app, []).append(name)
    return found


def taken_at(connection: Connection) -> datetime:
    """When the transaction that we are in began, by the clock of the database."""
    at: datetime = _one(connection, sql.SQL("SELECT transaction_timestamp()"))
    return at


def catch_up(connection: Connection) -> list[str]:
    """Let each column count on from its largest number; those that did not are returned."""
    behind = []
    for table, column, sequence in connection.execute(COUNTED).fetchall():
        query = sql.SQL("SELECT max({}) FROM {}").format(
            sql.Identifier(column), sql.Identifier(table)
        )
        largest = _one(connection, query) or 0
        state = sql.SQL("SELECT last_value - (NOT is_called)::int FROM {}").format(
            sql.SQL(sequence)
        )
        if _one(connection, state) < largest:
            connection.execute("SELECT setval(%s, %s)", [sequence, largest])
            behind.append(f"{table}.{column}")
    return behind


def _one(connection: Connection, query: sql.Composed | sql.SQL) -> Any:
    row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]
