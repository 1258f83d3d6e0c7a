import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psutil
import psycopg
import pytest

from breakthrough.embedded_postgres import (
    EmbeddedPostgresError,
    ensure_running,
    is_running,
    release,
)
from breakthrough.embedded_postgres.owner import Owner, let_owner_reach
from tests.waiting import wait_until

HOLD = """
import sys
from pathlib import Path
from breakthrough.embedded_postgres import ensure_running
print(ensure_running(Path(sys.argv[1])), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def data_dir() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="twoweeks ") as temporary:
        Path(temporary).chmod(0o711)  # if we are root, PostgreSQL's user has to walk through
        folder = Path(temporary) / ".data" / "postgres"
        yield folder
        release(folder)
        assert not is_running(folder), "a test left its server running"


class Holder:
    """Another process that keeps the database running until it is told to leave."""

    def __init__(self, data_dir: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(data_dir)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def url(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def leave(self) -> None:
        self.process.communicate()

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


def postmaster(data_dir: Path) -> psutil.Process:
    return psutil.Process(int((data_dir / "postmaster.pid").read_text().splitlines()[0]))


def socket_dir(url: str) -> Path:
    return Path(parse_qs(urlsplit(url).query)["host"][0])


def setting(url: str, name: str) -> str:
    with psycopg.connect(url) as database:
        row = database.execute("SELECT current_setting(%s)", [name]).fetchone()
    assert row is not None
    return str(row[0])


def test_ensure_running_keeps_what_is_committed_and_listens_to_nobody_else(data_dir: Path) -> None:
    url = ensure_running(data_dir)

    assert [setting(url, name) for name in ("fsync", "synchronous_commit")] == ["on", "on"]
    assert setting(url, "listen_addresses") == ""
    assert setting(url, "server_encoding") == "UTF8"
    assert stat.S_IMODE(socket_dir(url).stat().st_mode) == 0o700
    assert stat.S_IMODE(data_dir.stat().st_mode) == 0o700
    with psycopg.connect(url) as database:
        assert database.execute("SELECT lower('ÄÉŁ')").fetchone() == ("äéł",)


def test_ensure_running_brings_back_a_killed_server_with_its_data(data_dir: Path) -> None:
    with psycopg.connect(ensure_running(data_dir)) as database:
        database.execute("CREATE TABLE kept AS SELECT 1")
    postmaster(data_dir).kill()

    with psycopg.connect(ensure_running(data_dir)) as database:
        assert database.execute("SELECT * FROM kept").fetchone() == (1,)


def test_the_last_holder_stops_the_server(data_dir: Path) -> None:
    first, second = Holder(data_dir), Holder(data_dir)
    assert first.url() == second.url() != ""

    first.leave()
    assert is_running(data_dir)
    second.leave()
    assert not is_running(data_dir)


def test_a_killed_holder_keeps_nothing_running_for_ever(data_dir: Path) -> None:
    killed = Holder(data_dir)
    killed.url()
    killed.kill()
    assert is_running(data_dir)

    ensure_running(data_dir)
    release(data_dir)

    assert not is_running(data_dir)


def test_holders_that_start_at_once_share_one_server(data_dir: Path) -> None:
    holders = [Holder(data_dir) for _ in range(4)]

    assert len({holder.url() for holder in holders}) == 1
    for holder in holders:
        holder.leave()
    assert not is_running(data_dir)


def test_a_fork_of_a_holder_does_not_stop_the_server(data_dir: Path) -> None:
    fork_and_leave = HOLD.replace(
        "sys.stdin.read()", "import os; os.fork() or sys.exit(); os.wait()"
    )
    fork_and_leave += "print('alive' if Path(sys.argv[1], 'postmaster.pid').exists() else 'gone')"

    said = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", fork_and_leave, str(data_dir)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert said.endswith("alive\n")
    assert not is_running(data_dir)


def test_a_killed_initdb_leaves_no_half_database(data_dir: Path) -> None:
    half = data_dir.with_name("postgres.new")
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")

    ensure_running(data_dir)

    assert not half.exists()


@pytest.mark.parametrize("name", ["another program", "a dead server nobody has collected"])
def test_a_number_that_is_taken_does_not_stop_a_start(name: str, data_dir: Path) -> None:
    ensure_running(data_dir)
    pid_file = data_dir / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    server = postmaster(data_dir)
    server.kill()
    wait_until(lambda: not is_running(data_dir))
    if name == "another program":
        taken = subprocess.Popen(["/bin/sh", "-c", "read wait"], stdin=subprocess.PIPE)
    else:
        taken = subprocess.Popen(["/bin/true"])
        wait_until(lambda: psutil.Process(taken.pid).status() == psutil.STATUS_ZOMBIE)
    # As PostgreSQL's own user writes it: the file keeps its owner.
    pid_file.write_text("\n".join([str(taken.pid), *lines[1:]]))

    url = ensure_running(data_dir)

    assert setting(url, "fsync") == "on"
    taken.communicate()


def test_a_lost_socket_folder_is_made_again(data_dir: Path) -> None:
    url = ensure_running(data_dir)
    for left in socket_dir(url).iterdir():
        left.unlink()
    socket_dir(url).rmdir()

    assert setting(ensure_running(data_dir), "fsync") == "on"


def test_a_socket_folder_open_to_others_is_refused(data_dir: Path) -> None:
    folder = socket_dir(ensure_running(data_dir))
    release(data_dir)
    folder.mkdir(mode=0o700)
    os.chown(folder, data_dir.stat().st_uid, -1)
    folder.chmod(0o711)

    with pytest.raises(EmbeddedPostgresError, match="open to others"):
        ensure_running(data_dir)

    folder.rmdir()


def test_a_folder_with_other_files_is_left_as_it_is(data_dir: Path) -> None:
    data_dir.mkdir(parents=True)
    (data_dir / "letters.txt").write_text("dear")

    with pytest.raises(EmbeddedPostgresError, match="Nothing in it was changed"):
        ensure_running(data_dir)

    assert [path.name for path in data_dir.iterdir()] == ["letters.txt"]


def test_let_owner_reach_opens_closed_parents_by_the_least_and_says_so(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    closed, private = data_dir.parent, data_dir.parent / "private"
    data_dir.mkdir(parents=True)
    private.mkdir()
    for folder in (closed, private, data_dir):
        folder.chmod(0o700)
    somebody_else = Owner(uid=os.geteuid() + 1, gid=os.getegid())

    let_owner_reach(somebody_else, data_dir)
    let_owner_reach(somebody_else, data_dir)

    modes = [stat.S_IMODE(folder.stat().st_mode) for folder in (closed, private, data_dir)]
    assert modes == [0o701, 0o700, 0o700]
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert said[0].endswith(f"chmod o+x {closed}")
