import subprocess
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import psycopg

from breakthrough import checks
from breakthrough.backup import programs, tables
from breakthrough.backup.errors import BackupError
from breakthrough.backup.manifest import Manifest

PG_RESTORE = ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges"]
OTHERS = """
SELECT DISTINCT coalesce(nullif(application_name, ''), client_addr::text, 'a program')
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
# Its number is none that the sequence gives.
HOLD = """
INSERT INTO public.accounts_mailhold (id, since, reason) OVERRIDING SYSTEM VALUE VALUES (0, %s, %s)
"""
Say = Callable[[str], object]


def check(dump: Path, known: Mapping[str, set[str]] | None = None) -> Manifest:
    """Whether `dump` is whole and can be read; raises BackupError.

    `known` are the migrations of this code, by app: what was made by a newer one is refused.
    """
    manifest = Manifest.beside(dump)
    manifest.check(dump)
    pg_restore, _version = programs.find("pg_restore", _major(manifest.versions["pg_dump"]))
    _run([pg_restore, "--list", str(dump)], {})
    for app, names in manifest.migrations.items():
        newer = set(names) - known[app] if known and app in known else set()
        if newer:
            raise BackupError(
                f"{dump.name} was made by a newer version, with {app} {min(newer)}: install that"
                " version, then restore."
            )
    return manifest


def restore(
    url: str,
    dump: Path,
    *,
    now: datetime,
    known: Mapping[str, set[str]],
    replace: bool = False,
    say: Say = lambda line: None,
) -> Manifest:
    """Bring the database at `url` to what `dump` holds, and hold its mail; raises BackupError.

    A database that holds something is refused, unless that is to be replaced. Every table is
    compared with the manifest before this returns.
    """
    manifest = check(dump, known)
    say(f"{dump.name} is whole: {len(manifest.tables)} tables, {manifest.rows} rows.")
    try:
        with psycopg.connect(url, connect_timeout=10, autocommit=True) as connection:
            _make_room(connection, replace)
            pg_restore = _program(connection.info.server_version // 10_000, manifest)
            where, environment = programs.arguments_of(url)

            def bring(section: str) -> None:
                command = [pg_restore, *PG_RESTORE, f"--section={section}", *where, str(dump)]
                _run(command, environment)

            bring("pre-data")
            # Before any row: from its first moment on, the copy is silent.
            connection.execute(HOLD, [now, dump.name[:200]])
            bring("data")
            bring("post-data")
            say("Restored. Comparing every table with the backup.")
            _compare(connection, manifest)
            for column in tables.catch_up(connection):
                say(f"{column} would have given a number twice, and counts on from its last.")
    except psycopg.Error as error:
        raise BackupError(f"Nothing more was restored: {_first_line(error)}") from error
    say(f"All {len(manifest.tables)} tables are as they were at {manifest.taken_at}.")
    return manifest


def _program(server: int, manifest: Manifest) -> str:
    """A pg_restore that reads the dump and speaks to the server."""
    dump = _major(manifest.versions["pg_dump"])
    path, version = programs.find("pg_restore", max(server, dump))
    # From 17 on it begins with a setting that servers before do not know.
    if _major(version) >= 17 > server:
        raise BackupError(
            f"The dump was made by pg_dump {dump}, whose pg_restore does not speak to PostgreSQL"
            f" {server}. Restore on {max(dump, 17)} or newer."
        )
    return path


def _make_room(connection: tables.Connection, replace: bool) -> None:
    others = sorted(name for (name,) in connection.execute(OTHERS))
    if others:
        raise BackupError(
            f"Others are connected to the database ({', '.join(others)}): stop the web server, the"
            " worker and whatever else uses it."
        )
    if lossy := checks.lossy_settings(connection.cursor()):
        raise BackupError(f"{checks.LOSSY.format(', '.join(lossy))} {checks.LOSSY_HINT}")
    if not tables.names(connection):
        return
    if not replace:
        raise BackupError(
            "The database of DATABASE_URL is not empty, so nothing was restored. Name an empty one,"
            " or add --replace to lose what is in it."
        )
    connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")


def _compare(connection: tables.Connection, manifest: Manifest) -> None:
    tables.begin(connection)
    found = tables.fingerprints(connection)
    connection.execute("COMMIT")
    differing = {
        name
        for name in found.keys() | manifest.tables
        if found.get(name) != manifest.tables.get(name)
    }
    if differing:
        raise BackupError(
            f"Restored, but not what was backed up: {', '.join(sorted(differing))} differ. Do not"
            " use this database; try another backup."
        )


def _run(command: list[str], environment: dict[str, str]) -> None:
    with tempfile.TemporaryFile() as said:
        ended = subprocess.run(
            command,
            env=environment or None,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
            check=False,
        )
        if ended.returncode != 0:
            said.seek(0)
            words = said.read().decode(errors="replace").strip().splitlines()
            reason = words[0] if words else "it gave no reason"
            raise BackupError(f"The dump cannot be restored: {reason}")


def _major(version: str) -> int:
    with suppress(ValueError):
        return int(version.split(".")[0])
    raise BackupError(f"The manifest names no version of pg_dump that we know: {version[:20]!r}.")


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or ["no reason given"])[0]
