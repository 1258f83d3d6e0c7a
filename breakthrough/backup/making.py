import fcntl
import hashlib
import os
import stat
import subprocess
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC
from pathlib import Path

import psycopg

from breakthrough.backup import programs, tables
from breakthrough.backup.errors import BackupError
from breakthrough.backup.manifest import Manifest, manifest_path
from breakthrough.development import ROOT

PREFIX = "two-weeks-"
DUMP = ".dump"
# What ends so was never finished.
PART = ".part"
CHUNK = 1 << 20
PG_DUMP = [
    *("--format=custom", "--no-owner", "--no-privileges", "--no-comments", "--no-publications"),
    *("--no-subscriptions", "--no-security-labels", "--no-tablespaces", "--lock-wait-timeout=30s"),
    *(f"--exclude-table-data=public.{table}" for table in tables.LEFT_OUT),
]


def make(url: str, folder: Path, *, keep: int = 0, served: tuple[Path, ...] = ()) -> Path:
    """Write the database as it is at one instant, and what is in it, into two files in `folder`.

    Both appear whole or not at all, the manifest last. Of the backups in `folder` the newest `keep`
    stay (0: all). `served` are folders whose files a web server hands out. Raises BackupError.
    """
    try:
        _check_folder(folder, served)
        with _alone(folder):
            _remove_leftovers(folder)
            dump = _write(url, folder)
            if keep:
                _keep_newest(folder, keep)
        return dump
    except (OSError, psycopg.Error) as error:
        reason = (str(error).splitlines() or ["no reason given"])[0]
        raise BackupError(f"No backup was made: {reason}") from error


def _check_folder(folder: Path, served: tuple[Path, ...]) -> None:
    """Made if it is not there. Everything that people wrote will lie in it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise BackupError(f"{folder} is no folder, or a link to one: name the folder itself.")
    if found.st_uid != os.geteuid():
        raise BackupError(f"{folder} belongs to somebody else, who could put a file in our place.")
    if found.st_mode & 0o022:
        raise BackupError(
            f"Others may write in {folder}, and could put a file in our place."
            f" Close it: chmod 700 {folder}"
        )
    for root in served:
        if folder.resolve().is_relative_to(root.resolve()):
            raise BackupError(f"{folder} is in {root}, which is served to everybody.")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError(f"Another backup is being written to {folder}.") from None
        yield


def _remove_leftovers(folder: Path) -> None:
    """Of runs that were killed: a dump that was not finished, or that has no manifest yet."""
    for part in folder.glob(f"{PREFIX}*{PART}"):
        part.unlink()
    for dump in folder.glob(f"{PREFIX}*{DUMP}"):
        if not manifest_path(dump).exists():
            dump.unlink()


def _write(url: str, folder: Path) -> Path:
    with psycopg.connect(url, connect_timeout=10, autocommit=True) as connection:
        pg_dump, program_version = programs.find(
            "pg_dump", connection.info.server_version // 10_000
        )
        tables.begin(connection)
        taken_at = tables.taken_at(connection).astimezone(UTC)
        dump = folder / f"{PREFIX}{taken_at:%Y%m%dT%H%M%S%fZ}{DUMP}"
        with _whole(dump) as part:
            size, sha256 = _dump(url, connection, pg_dump, part)
            manifest = Manifest(
                taken_at=taken_at.isoformat(timespec="seconds"),
                dump=dump.name,
                size=size,
                sha256=sha256,
                versions={
                    "two-weeks": _product_version(),
                    "postgresql": str(connection.info.server_version),
                    "pg_dump": program_version,
                },
                migrations=tables.migrations(connection),
                tables=tables.fingerprints(connection),
                left_out=list(tables.LEFT_OUT),
            )
    with _whole(manifest_path(dump)) as part:
        manifest.write(part)
    return dump


def _dump(url: str, connection: tables.Connection, pg_dump: str, part: Path) -> tuple[int, str]:
    """Stream the snapshot that `connection` sees into `part`; its size and SHA-256."""
    row = connection.execute("SELECT pg_export_snapshot()").fetchone()
    assert row is not None
    where, environment = programs.arguments_of(url)
    digest, size = hashlib.sha256(), 0
    command = [pg_dump, *PG_DUMP, f"--snapshot={row[0]}", *where]
    with (
        part.open("wb") as file,
        tempfile.TemporaryFile() as said,
        subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said
        ) as process,
    ):
        try:
            assert process.stdout is not None
            while chunk := process.stdout.read(CHUNK):
                file.write(chunk)
                digest.update(chunk)
                size += len(chunk)
        except BaseException:
            process.kill()
            raise
        process.wait()
        if process.returncode != 0:
            said.seek(0)
            words = said.read().decode(errors="replace").strip().splitlines()
            raise BackupError(f"No backup was made: {words[0] if words else 'pg_dump failed'}")
    return size, digest.hexdigest()


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """A file beside `path`, for us alone, that becomes `path` once it is on the disk."""
    part = path.with_name(path.name + PART)
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        yield part
        _sync(part)
        part.rename(path)
        _sync(path.parent)
    except BaseException:
        with suppress(FileNotFoundError):
            part.unlink()
        raise


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _keep_newest(folder: Path, keep: int) -> None:
    """The names are in the order of time. The manifest goes first: without one it is no backup."""
    whole = [d for d in sorted(folder.glob(f"{PREFIX}*{DUMP}")) if manifest_path(d).exists()]
    for dump in whole[:-keep]:
        manifest_path(dump).unlink()
        dump.unlink()


def _product_version() -> str:
    try:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
        return str(project["version"])
    except (OSError, KeyError, ValueError):
        return "unknown"
