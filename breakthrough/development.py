"""What `make run` and `manage.py` put into the environment where nobody has set it."""

import base64
import os
import secrets
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from breakthrough import embedded_postgres, environment

ROOT = Path(__file__).resolve().parent.parent
DATA_DIR = ROOT / ".data"
POSTGRES_DIR = DATA_DIR / "postgres"
ENV_FILE = ROOT / ".env"


def fill_environment() -> None:
    """Give each setting that is unset the value it has on a developer's machine.

    Whoever sets a SECRET_KEY is not on such a machine: DEBUG then stays off unless asked for.
    """
    read_env_file(ENV_FILE)
    if not environment.value("SECRET_KEY"):
        os.environ["SECRET_KEY"] = made_once(
            DATA_DIR / "secret_key", lambda: secrets.token_urlsafe(50)
        )
        os.environ.setdefault("DEBUG", "1")
    if not environment.value("SITE_URL"):
        os.environ["SITE_URL"] = f"http://localhost:{os.environ.get('PORT') or 8000}"
    # On a server they have to be set and kept: a second set would open nobody's factor.
    if not environment.value("MFA_KEYS") and environment.is_local(_host()):
        os.environ["MFA_KEYS"] = made_once(DATA_DIR / "mfa_keys", _encryption_key)
    if not environment.value("DATABASE_URL"):
        os.environ["DATABASE_URL"] = embedded_postgres.ensure_running(POSTGRES_DIR)


def read_env_file(path: Path) -> None:
    """Read lines of KEY=VALUE; what the environment already has wins."""
    if not path.exists():
        return
    for line in path.read_text().splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and not name.startswith("#"):
            os.environ.setdefault(name.strip(), _unquoted(value.strip()))


def made_once(path: Path, make: Callable[[], str]) -> str:
    """A key, made at the first call. It appears whole or not at all; of two makers one wins."""
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        # A temporary file is readable by us alone, and so is its second name.
        with tempfile.NamedTemporaryFile("w", dir=path.parent) as new:
            new.write(make())
            new.flush()
            with suppress(FileExistsError):
                os.link(new.name, path)
    return path.read_text()


def _encryption_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _host() -> str:
    return urlsplit(environment.value("SITE_URL")).hostname or ""


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1]
    return value
