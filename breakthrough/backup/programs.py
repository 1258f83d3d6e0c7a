"""pg_dump and pg_restore: those of the server's own version, or newer ones."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from breakthrough.backup.errors import BackupError
from breakthrough.embedded_postgres import EmbeddedPostgresError, server

# Debian and its kin keep every version here.
INSTALLED = Path("/usr/lib/postgresql")


def find(name: str, major: int) -> tuple[str, str]:
    """(path, version) of the program: of `major` if there is one, else the oldest that is newer.

    A newer pg_dump reads an older server, and a newer pg_restore an older dump; neither the other
    way round.
    """
    found: dict[int, tuple[str, str]] = {}
    for path in _candidates(name):
        version = _version(path)
        if version is not None and version[0] >= major:
            found.setdefault(version[0], (path, version[1]))
    if not found:
        raise BackupError(
            f"{name} {major} or newer is not installed: on Debian, apt install"
            f" postgresql-client-{major}."
        )
    return found[min(found)]


def _candidates(name: str) -> Iterator[str]:
    if on_path := shutil.which(name):
        yield on_path
    yield from (str(path) for path in sorted(INSTALLED.glob(f"*/bin/{name}")))
    with suppress(EmbeddedPostgresError):  # an image of the server has no wheel of PostgreSQL
        # The wheel brings those of more than one version.
        of_wheel = server.bin_dir().parent.parent
        yield from (str(path) for path in sorted(of_wheel.glob(f"pginstall*/bin/{name}")))


def _version(path: str) -> tuple[int, str] | None:
    answer = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    said = re.search(r"\(PostgreSQL\) ((\d+)\S*)", answer.stdout)
    return (int(said[2]), said[1]) if said else None


def arguments_of(url: str) -> tuple[list[str], dict[str, str]]:
    """How a program is told of the database: its password in the environment, where no list of
    processes shows it."""
    parts = conninfo_to_dict(url)
    password = parts.pop("password", None)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    if password is not None:
        environment["PGPASSWORD"] = str(password)
    return [f"--dbname={make_conninfo('', **parts)}"], environment
