import atexit
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from breakthrough.embedded_postgres import server
from breakthrough.embedded_postgres.errors import EmbeddedPostgresError

# The open lock file of every cluster this process holds. Python opens files so that a program
# started by us does not inherit them, so neither PostgreSQL nor a web server keeps our lock alive.
_held: dict[Path, int] = {}


def ensure_running(data_dir: Path) -> str:
    """Start the cluster in `data_dir` if needed, keep it for our lifetime, return its URL.

    A repeat is cheap, and brings back a server that has died since.
    """
    data_dir = data_dir.resolve()
    try:
        data_dir.parent.mkdir(parents=True, exist_ok=True)
        with _starting(data_dir):
            if data_dir not in _held:
                # Held before it starts: if we are killed on the way, the kernel lets go for us.
                holders = _open_lock(data_dir, "holders")
                fcntl.flock(holders, fcntl.LOCK_SH)
                _held[data_dir] = holders
                atexit.register(release, data_dir)
            return server.start(data_dir)
    except OSError as error:
        raise EmbeddedPostgresError(f"The database in {data_dir} cannot start: {error}") from error


def is_running(data_dir: Path) -> bool:
    return server.is_running(data_dir.resolve())


def release(data_dir: Path) -> None:
    """Let go of the cluster, and stop it if nobody else holds it."""
    data_dir = data_dir.resolve()
    if data_dir in _held:
        os.close(_held.pop(data_dir))
        stop_if_abandoned(data_dir)


def stop_if_abandoned(data_dir: Path) -> bool:
    """Stop the server if no process holds it; True if none does."""
    data_dir = data_dir.resolve()
    if not _lock_path(data_dir, "holders").exists():
        return False
    with _starting(data_dir):
        holders = _open_lock(data_dir, "holders")
        try:
            fcntl.flock(holders, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        else:
            server.stop(data_dir)
            return True
        finally:
            os.close(holders)


@contextmanager
def _starting(data_dir: Path) -> Iterator[None]:
    """One process at a time decides whether the server starts or stops."""
    lock = _open_lock(data_dir, "starting")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _open_lock(data_dir: Path, name: str) -> int:
    return os.open(_lock_path(data_dir, name), os.O_RDWR | os.O_CREAT, 0o600)


def _lock_path(data_dir: Path, name: str) -> Path:
    # Beside the folder, not in it: the folder is PostgreSQL's own, and appears only when complete.
    return data_dir.with_name(f"{data_dir.name}.{name}")
