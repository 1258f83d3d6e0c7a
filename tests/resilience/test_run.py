import hashlib
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.resilience.launched import (
    ROOT,
    Launched,
    copied_project,
    kept_rows,
    processes_in,
    write_row,
)
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def prepared_project() -> Iterator[Path]:
    """One copy for all tests here: making its database takes longer than most of them."""
    with copied_project() as folder:
        launched = Launched(folder)
        launched.start_and_wait()
        launched.stop()
        yield folder


@pytest.fixture
def project(prepared_project: Path) -> Path:
    assert processes_in(prepared_project) == [], "an earlier test left something running"
    return prepared_project


def test_run_answers_and_sigterm_ends_every_process(project: Path) -> None:
    launched = Launched(project)
    launched.start_and_wait()

    status = launched.stop()

    assert status == 0
    assert processes_in(project) == []
    assert f"http://localhost:{launched.port}" in launched.read_output()


def test_sigterm_ends_a_process_that_does_not_want_to(project: Path) -> None:
    procfile = project / "Procfile"
    lines = procfile.read_text()
    procfile.write_text(f"{lines}stubborn: trap '' TERM; echo deaf; exec sleep 600\n")
    launched = Launched(project)
    launched.start_and_wait()
    wait_until(lambda: launched.said("deaf"))

    assert launched.stop() == 0
    assert processes_in(project) == []
    procfile.write_text(lines)


def test_every_line_of_the_procfiles_starts_with_exec() -> None:
    """Else a shell stands between us and the process, and takes our signals."""
    for procfile in ROOT.glob("Procfile*"):
        for line in procfile.read_text().splitlines():
            assert line.split(": ")[1].startswith("exec "), line


@pytest.mark.parametrize(
    "name", ["launcher", "granian", "worker", "procrastinate", "postmaster", "backend"]
)
def test_run_starts_and_stops_cleanly_after_a_kill_of(name: str, project: Path) -> None:
    launched = Launched(project)
    launched.start_and_wait()
    write_row(project, name)

    victim = launched.process(name)
    victim.kill()

    if name == "launcher":
        assert launched.exit_status() == -signal.SIGKILL
        assert launched.status == 200, "nothing was left behind, so this proves nothing"
    elif name in {"granian", "procrastinate"}:
        assert launched.exit_status() == 1
        assert processes_in(project) == []
    else:
        wait_until(lambda: not victim.is_running())
        wait_until(lambda: launched.status == 200)
        assert launched.stop() == 0
        assert processes_in(project) == []
    launched.start_and_wait()
    assert name in kept_rows(project)
    assert launched.stop() == 0
    assert processes_in(project) == []


def test_make_run_ends_when_make_is_killed(project: Path) -> None:
    launched = Launched(project, command=["make", "run"])
    launched.start_and_wait()

    launched.launcher.kill()
    launched.exit_status()

    wait_until(lambda: processes_in(project) == [])


def test_run_on_a_port_in_use_says_so_in_one_line(project: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        launched = Launched(project, port=other.getsockname()[1])
        launched.start()

        assert launched.exit_status() == 1
        assert one_line(launched).startswith(f"Port {launched.port} cannot be used")
    assert processes_in(project) == []


def test_run_twice_in_one_folder_leaves_the_first_alone(project: Path) -> None:
    first = Launched(project)
    first.start_and_wait()
    second = Launched(project, port=first.port)
    second.start()

    assert second.exit_status() == 1
    assert "already running" in one_line(second)
    assert first.status == 200
    assert first.stop() == 0


@pytest.mark.parametrize(
    ("name", "content"),
    [("PG_VERSION", None), ("PG_VERSION", b"\xff\x00"), ("global/pg_control", b"\xff" * 8192)],
)
def test_run_on_a_broken_database_says_so_and_changes_nothing(
    name: str, content: bytes | None, project: Path
) -> None:
    write_row(project, "before")
    broken = project / ".data" / "postgres" / name
    whole = broken.read_bytes()
    aside = project / "aside"
    if content is None:
        broken.rename(aside)
    else:
        broken.write_bytes(content)
    before = fingerprints(project / ".data" / "postgres")
    launched = Launched(project)
    launched.start()

    assert launched.exit_status() == 1
    assert str(project / ".data" / "postgres") in one_line(launched)
    assert processes_in(project) == []
    assert fingerprints(project / ".data" / "postgres") == before

    if content is None:
        aside.rename(broken)
    else:
        broken.write_bytes(whole)
    assert "before" in kept_rows(project)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://nobody@127.0.0.1:1/none",
        "postgresql:///none?host=/does/not/exist",
        "not a URL",
    ],
)
def test_run_without_the_database_of_database_url_says_so(url: str, project: Path) -> None:
    launched = Launched(project, environment={"DATABASE_URL": url})
    launched.start()

    assert launched.exit_status() == 1
    assert one_line(launched).startswith("The database of DATABASE_URL cannot be used")
    assert processes_in(project) == []


def one_line(launched: Launched) -> str:
    lines = launched.read_output().splitlines()
    assert len(lines) == 1, lines
    return lines[0]


def fingerprints(folder: Path) -> dict[str, str]:
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_manage_py_on_a_broken_database_says_so_in_one_line(project: Path) -> None:
    version = project / ".data" / "postgres" / "PG_VERSION"
    aside = version.rename(project / "aside")
    launched = Launched(project, command=[sys.executable, "manage.py", "check"])
    launched.start()

    assert launched.exit_status() == 1
    assert "is not a PostgreSQL 18 database" in one_line(launched)
    aside.rename(version)
