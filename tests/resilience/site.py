"""The site as it runs, with a PostgreSQL and a web server of its own that tests may break.

What a host has standing beside them stands here too: whoever ends is started again.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from urllib.parse import urlencode

import psutil
import psycopg

from breakthrough.embedded_postgres import ensure_running, release
from tests.resilience.launched import ROOT, copied_project, free_port
from tests.waiting import wait_until

TOKEN = "a" * 32
# Of what the web server itself says, for whoever asks why a test failed.
OUTPUT = "output"


@dataclass(frozen=True)
class Walker:
    """Somebody with an open session, on day 14 of their two weeks: every day of them is open."""

    session: str
    enrollment: str
    email: str
    starts_on: str


@dataclass
class Site:
    project: Path
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    web: "subprocess.Popen[bytes] | None" = None
    watcher: threading.Thread | None = None
    is_watched: bool = False

    @property
    def data_dir(self) -> Path:
        return self.folder / "postgres"

    def start_database(self) -> None:
        self.database_url = ensure_running(self.data_dir)

    def start_web(self) -> None:
        self._spawn_web()
        wait_until(lambda: self.get("/health/ready") == 200, 120)
        self.is_watched = True
        self.watcher = threading.Thread(target=self._watch, daemon=True)
        self.watcher.start()

    def _spawn_web(self) -> None:
        """The very line of the Procfile."""
        lines = (self.project / "Procfile").read_text().splitlines()
        line = lines[0].partition(": exec python ")[2]
        command = line.replace("$PORT", str(self.port)).split()
        with (self.folder / OUTPUT).open("ab") as output:
            self.web = subprocess.Popen(
                [sys.executable, *command],
                cwd=self.project,
                env=self.variables,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def _watch(self) -> None:
        """As systemd does with Restart=always: the master again, without what it left behind."""
        while self.is_watched:
            assert self.web
            if self.web.poll() is not None:
                self._end_leftovers()
                self._spawn_web()
            time.sleep(0.05)

    def _end_leftovers(self) -> None:
        assert self.web
        with suppress(ProcessLookupError):
            os.killpg(self.web.pid, signal.SIGKILL)

    def stop(self) -> None:
        self.is_watched = False
        if self.watcher:
            self.watcher.join()
        if self.web:
            self.web.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.web.wait(timeout=20)
            self._end_leftovers()
        release(self.data_dir)

    @property
    def variables(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "breakthrough.settings",
            "SECRET_KEY": os.environ["SECRET_KEY"],
            "MFA_KEYS": os.environ["MFA_KEYS"],
            "SITE_URL": f"http://localhost:{self.port}",
            "DATABASE_URL": self.database_url,
            **self.environment,
        }

    def manage(self, *words: str) -> str:
        return self._python(self.project, "manage.py", *words)

    def _python(self, cwd: Path, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, *words],
            cwd=cwd,
            env=self.variables,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        return done.stdout

    def make_walkers(self, count: int, code: Path = ROOT) -> list[Walker]:
        made = self._python(code, "-m", "tests.resilience.walkers", str(count))
        return [Walker(**row) for row in json.loads(made)]

    @contextmanager
    def database(self) -> Iterator[psycopg.Connection]:
        with psycopg.connect(self.database_url, autocommit=True) as database:
            yield database

    def stored(self) -> set[str]:
        """The ids of all entries that are there."""
        with self.database() as database:
            rows = database.execute("SELECT client_id FROM program_dailyentry")
            return {str(client_id) for (client_id,) in rows}

    # --- Asking it --------------------------------------------------------------------------------

    def get(self, path: str, seconds: float = 30) -> int | None:
        """The status, or None where nobody answers."""
        try:
            return ask(self.port, "GET", path, seconds=seconds).status
        except (OSError, HTTPException):
            return None

    # --- Its processes ----------------------------------------------------------------------------

    @property
    def postmaster(self) -> psutil.Process:
        return psutil.Process(int((self.data_dir / "postmaster.pid").read_text().splitlines()[0]))

    def backends(self) -> list[psutil.Process]:
        """Those that serve the web server's connections."""
        return [
            child
            for child in self.postmaster.children()
            if "postgres: postgres twoweeks" in " ".join(child.cmdline())
        ]

    @property
    def web_master(self) -> psutil.Process:
        assert self.web
        return psutil.Process(self.web.pid)

    def web_workers(self) -> list[psutil.Process]:
        return [
            child
            for child in self.web_master.children()
            if "resource_tracker" not in " ".join(child.cmdline())
        ]

    def end_database(self, number: int) -> None:
        """By SIGQUIT ("immediate", as in a crash), SIGINT ("fast") or SIGKILL; start it again."""
        postmaster = self.postmaster
        postmaster.send_signal(number)
        wait_until(lambda: not _lives(postmaster))
        self.start_database()


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def ask(
    port: int,
    method: str,
    path: str,
    fields: dict[str, str] | None = None,
    *,
    session: str = "",
    headers: dict[str, str] | None = None,
    seconds: float = 30,
) -> HTTPResponse:
    """One request on a connection of its own; the answer has been read."""
    web = HTTPConnection("127.0.0.1", port, timeout=seconds)
    named = {"Host": f"localhost:{port}", "Connection": "close", **(headers or {})}
    if fields is not None:
        named |= {"X-CSRFToken": TOKEN, "Content-Type": "application/x-www-form-urlencoded"}
    named["Cookie"] = f"session={session}; csrf={TOKEN}"
    try:
        web.request(method, path, urlencode(fields) if fields is not None else None, named)
        answer = web.getresponse()
        answer.read()
        return answer
    finally:
        web.close()


@contextmanager
def running_site(folder: Path | None = None, **environment: str) -> Iterator[Site]:
    """With tables and nobody in them; its data in `folder`, or beside the copy of the project."""
    with copied_project() as project:
        site = Site(project, folder or project.parent / "data", environment)
        try:
            site.start_database()
            site.manage("collectstatic", "--no-input", "--verbosity=0")
            site.manage("migrate", "--verbosity=0")
            site.start_web()
            yield site
        finally:
            site.stop()


def seconds_until(condition: Callable[[], object], at_most: float = 60) -> float:
    began = time.monotonic()
    wait_until(condition, at_most)
    return time.monotonic() - began
