"""`make run`: the database, the migrations, the demo, then the processes of the Procfile.

What a killed run left behind is found by a mark in the environment of its processes, and told from
a living run's by the lock that only a living one holds. No process number is stored to go stale.
"""

import fcntl
import http.client
import io
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

import django
import psutil
import psycopg
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection

from breakthrough import checks, development, embedded_postgres, environment

# In the environment of every process we start: the path of our lock file.
MARK = "TWO_WEEKS_RUN"


def main(procfile: str = "Procfile") -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "breakthrough.settings")
    development.read_env_file(development.ENV_FILE)
    os.environ.setdefault("DEBUG", "1")
    port = _port()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)
    try:
        database_url = environment.value("DATABASE_URL")
        with _only_run_on(port) as lock_file:
            _end_leftovers(lock_file)
            _check_port_is_free(port)
            development.fill_environment()
            if database_url:
                _check_database_answers(database_url)
            logins = _prepare_database()
            # Again: preparing takes a while, and two servers on one port would share its visitors.
            _check_port_is_free(port)
            _serve(procfile, port, lock_file, not database_url, logins)
    except (embedded_postgres.EmbeddedPostgresError, ImproperlyConfigured) as error:
        sys.exit(str(error))


def _port() -> int:
    value = os.environ.get("PORT") or "8000"
    if not value.isdecimal() or not 0 < int(value) < 65536:
        sys.exit(f"PORT must be a number from 1 to 65535, not {value!r}.")
    return int(value)


def _leave(number: int, frame: object) -> NoReturn:
    # Being told to stop is no failure, and from here on nothing interrupts the way out.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(0)


@contextmanager
def _only_run_on(port: int) -> Iterator[Path]:
    development.DATA_DIR.mkdir(exist_ok=True)
    lock_file = development.DATA_DIR / f"run-{port}.lock"
    with lock_file.open("w") as lock:
        deadline = time.monotonic() + 3  # an earlier run may be on its way out
        while not _is_ours(lock.fileno()):
            if time.monotonic() > deadline:
                sys.exit(f"Two Weeks is already running here, at http://localhost:{port}")
            time.sleep(0.05)
        yield lock_file


def _is_ours(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _end_leftovers(our_lock_file: Path) -> None:
    """End what was started in this folder by runs that were killed before they could."""
    for lock_file in development.DATA_DIR.glob("run-*.lock"):
        if lock_file == our_lock_file:
            _end_processes(lock_file)
        else:
            with lock_file.open("w") as lock:
                if _is_ours(lock.fileno()):
                    _end_processes(lock_file)


def _end_processes(lock_file: Path) -> None:
    """Look again until none is left, as a server may be starting another worker just now."""
    patience = time.monotonic() + 2
    asked = set()
    while processes := _processes_of(lock_file):
        for process in processes:
            try:
                if time.monotonic() > patience:
                    process.kill()
                elif process not in asked:
                    process.terminate()
                    asked.add(process)
            except psutil.NoSuchProcess:
                pass
        time.sleep(0.05)


def _processes_of(lock_file: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == str(lock_file):
                found.append(process)
        except psutil.Error:
            pass  # somebody else's, or gone
    return found


def _check_port_is_free(port: int) -> None:
    with socket.socket() as probe:
        # As the web server does it: connections of an earlier run that linger do not matter.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            sys.exit(
                f"Port {port} cannot be used ({error.strerror}). "
                f"Try another one: make run PORT={port % 65535 + 1}"
            )


def _check_database_answers(url: str) -> None:
    try:
        with psycopg.connect(url, connect_timeout=5) as database:
            version = database.info.server_version // 10_000
            lossy = checks.lossy_settings(database.cursor())
    except psycopg.Error as error:
        reason = (str(error).splitlines() or ["no reason given"])[0]
        sys.exit(f"The database of DATABASE_URL cannot be used: {reason}")
    if version < checks.OLDEST_POSTGRES:
        oldest = checks.OLDEST_POSTGRES
        sys.exit(f"DATABASE_URL leads to PostgreSQL {version}; {oldest} or newer is needed.")
    if lossy:
        sys.exit(f"{checks.LOSSY.format(', '.join(lossy))} {checks.LOSSY_HINT}")


def _prepare_database() -> str:
    """Bring the tables up to date, and return what the demo says about its logins."""
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("first_admin")
    if not settings.DEBUG:
        call_command("collectstatic", interactive=False, verbosity=0)
    said = io.StringIO()
    call_command("demo", if_empty=True, stdout=said)
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]
    return said.getvalue()


def _serve(procfile: str, port: int, lock_file: Path, is_embedded: bool, logins: str) -> None:
    environment = os.environ | {
        MARK: str(lock_file),
        "PORT": str(port),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHONUNBUFFERED": "1",
    }
    processes: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, command in _lines_of(procfile):
            # In sessions of their own, so that Ctrl-C reaches us alone and we end them in order.
            processes[name] = subprocess.Popen(
                ["/bin/sh", "-c", command],
                cwd=development.ROOT,
                env=environment,
                start_new_session=True,
            )
        _watch(processes, port, is_embedded, logins)
    finally:
        for process in processes.values():
            process.terminate()
        # Their own children are theirs to end first. Who takes too long is ended with the rest.
        with suppress(subprocess.TimeoutExpired):
            for process in processes.values():
                process.wait(timeout=4)
        _end_processes(lock_file)


def _lines_of(procfile: str) -> list[tuple[str, str]]:
    lines = (development.ROOT / procfile).read_text().splitlines()
    split = [line.partition(":") for line in lines if line.strip() and not line.startswith("#")]
    return [(name.strip(), command.strip()) for name, _colon, command in split]


def _watch(
    processes: dict[str, subprocess.Popen[bytes]], port: int, is_embedded: bool, logins: str
) -> None:
    """Say when the site answers, then keep an eye on everything until one of them ends."""
    has_answered = False
    parent = os.getppid()
    while True:
        for name, process in processes.items():
            if process.poll() is not None:
                sys.exit(f"The process `{name}` ended by itself, so everything was stopped.")
        if not has_answered and _answers(port):
            has_answered = True
            print(f"\nTwo Weeks is at http://localhost:{port}\n{logins}", flush=True)
        if is_embedded and not embedded_postgres.is_running(development.POSTGRES_DIR):
            embedded_postgres.ensure_running(development.POSTGRES_DIR)
        if "MAKELEVEL" in os.environ and os.getppid() != parent:
            return  # make was killed, and nobody else will tell us to stop
        time.sleep(0.1)


def _answers(port: int) -> bool:
    web = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        web.request("HEAD", "/", headers={"Host": f"localhost:{port}"})
        web.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        web.close()
    return True


if __name__ == "__main__":
    main(*sys.argv[1:])
