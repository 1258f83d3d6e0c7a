"""A copy of the project in a folder of its own, and what `make run` starts in it."""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg

from breakthrough.embedded_postgres import ensure_running, release
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCES = ["accounts", "breakthrough", "program", "static", "templates", "bin", "manage.py"]
SOURCES += ["Makefile", "Procfile", "requirements.txt", "requirements-dev.txt"]
# What tests.cluster sets for the tests, and what `make test` tells its own children.
OF_THE_TESTS = {
    *("DATABASE_URL", "SECRET_KEY", "MFA_KEYS", "SITE_URL"),
    *("MAKELEVEL", "MAKEFLAGS", "MFLAGS"),
}


@contextmanager
def copied_project() -> Iterator[Path]:
    """The path has spaces and is longer than a socket's may be: both have bitten before."""
    with tempfile.TemporaryDirectory(prefix="two weeks ") as temporary:
        Path(temporary).chmod(0o711)  # if we are root, PostgreSQL's user has to walk through
        folder = Path(temporary) / " ".join(["a long folder name"] * 6)
        folder.mkdir()
        for name in SOURCES:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, folder / name)
            else:
                shutil.copy(ROOT / name, folder / name)
        (folder / ".venv").symlink_to(sys.prefix)
        try:
            yield folder
        finally:
            for process in processes_in(folder):
                process.kill()
            wait_until(lambda: not processes_in(folder))


def processes_in(folder: Path) -> list[psutil.Process]:
    """PostgreSQL works in its data folder, and all the others in the project's."""
    found = []
    for process in psutil.process_iter():
        try:
            if Path(process.cwd()).is_relative_to(folder):
                found.append(process)
        except psutil.Error:
            pass
    return found


def free_port() -> int:
    """Below those that the system hands out, so that nobody is given it before it is used."""
    while True:
        port = random.randrange(20_000, 30_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@dataclass
class Launched:
    folder: Path
    port: int = field(default_factory=free_port)
    environment: dict[str, str] = field(default_factory=dict)
    command: Sequence[str] = (sys.executable, "-m", "breakthrough.run")

    def start(self) -> None:
        inherited = {name: value for name, value in os.environ.items() if name not in OF_THE_TESTS}
        environment = inherited | {"PORT": str(self.port)} | self.environment
        with self.output.open("w") as output:
            self.launcher = psutil.Popen(
                self.command,
                cwd=self.folder,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def start_and_wait(self) -> None:
        self.start()
        wait_until(lambda: self.has_ended or self.said("Two Weeks is at"), 120)
        assert self.status == 200, self.read_output()

    def stop(self) -> int:
        self.launcher.send_signal(signal.SIGTERM)
        return self.exit_status()

    def exit_status(self) -> int:
        return int(self.launcher.wait(timeout=120))

    @property
    def has_ended(self) -> bool:
        return self.launcher.poll() is not None

    def said(self, words: str) -> bool:
        return words in self.read_output()

    def read_output(self) -> str:
        return self.output.read_text()

    @property
    def output(self) -> Path:
        return self.folder.parent / f"output of {self.port}"

    @property
    def status(self) -> int | None:
        """Of a page that asks the database who this is, and sends a stranger to log in."""
        url = f"http://localhost:{self.port}/today/"
        request = urllib.request.Request(url, headers={"Cookie": f"session={'a' * 32}"})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - http, above
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return None

    def process(self, name: str) -> psutil.Process:
        if name == "launcher":
            return self.launcher
        if name in ("postmaster", "backend"):
            pid_file = self.folder / ".data" / "postgres" / "postmaster.pid"
            postmaster = psutil.Process(int(pid_file.read_text().splitlines()[0]))
            if name == "postmaster":
                return postmaster
            return next(p for p in postmaster.children() if "twoweeks" in " ".join(p.cmdline()))
        # Parents come before their children here, and workers are the last of all.
        ours = self.launcher.children(recursive=True)
        if name == "worker":
            return ours[-1]
        return next(p for p in ours if name in p.cmdline())


def write_row(folder: Path, word: str) -> None:
    with _database(folder) as database:
        database.execute("CREATE TABLE IF NOT EXISTS kept (word text)")
        database.execute("INSERT INTO kept VALUES (%s)", [word])


def kept_rows(folder: Path) -> list[str]:
    with _database(folder) as database:
        return [word for (word,) in database.execute("SELECT word FROM kept")]


@contextmanager
def _database(folder: Path) -> Iterator[psycopg.Connection]:
    data_dir = folder / ".data" / "postgres"
    with psycopg.connect(ensure_running(data_dir)) as database:
        yield database
    release(data_dir)
