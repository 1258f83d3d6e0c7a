"""Starts a database of its own for every test run, before Django reads its settings.

Loaded by `-p tests.cluster` in pyproject.toml, which is earlier than pytest-django. The processes
of pytest-xdist inherit the environment and so share the one database server.
"""

import os
import shutil
import signal
import tempfile
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path

import pytest

from breakthrough.embedded_postgres import ensure_running, release, stop_if_abandoned

PREFIX = "twoweeks-tests-"
# The folder of a database that outlives the run, for many runs in a row (bin/sabotage).
KEPT = "TESTS_CLUSTER"
_data_dir: Path | None = None


# A wrapper runs before any other plugin's hook of this name; pytest-django's reads the settings.
@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Generator[None, object, object]:
    global _data_dir
    if "PYTEST_XDIST_WORKER" not in os.environ:
        # A test run that is told to stop stops its database too.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        _remove_clusters_of_killed_runs()
        folder = Path(os.environ.get(KEPT) or tempfile.mkdtemp(prefix=PREFIX))
        folder.chmod(0o711)  # if we are root, the server's own user has to walk through
        _data_dir = folder / "postgres"
        _set_environment(ensure_running(_data_dir))
    return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    if _data_dir is not None:
        release(_data_dir)
        if KEPT in os.environ:
            return
        # From here on, another run that starts may take it for a killed run's and remove it.
        with suppress(FileNotFoundError):
            shutil.rmtree(_data_dir.parent)


def _set_environment(database_url: str) -> None:
    # Nothing of a developer's shell reaches the tests: they run the same everywhere.
    unset = ("DEBUG", "EMAIL_URL", "DEFAULT_FROM_EMAIL", "TRUSTED_PROXY_COUNT", "PORT")
    for name in (
        *unset,
        "REGISTRATION",
        "REQUIRE_SECOND_FACTOR",
        "OPENID_CONNECT",
        "COACHES",
        "ADMIN_EMAIL",
        "LOG_FORMAT",
        "METRICS_TOKEN",
        "SENTRY_DSN",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
    ):
        os.environ.pop(name, None)
    os.environ["SECRET_KEY"] = "only-for-tests-" + "0" * 50
    os.environ["MFA_KEYS"] = "b25seS1mb3ItdGVzdHMtb25seS1mb3ItdGVzdHMtMTI="
    os.environ["SITE_URL"] = "http://localhost:8000"
    os.environ["DATABASE_URL"] = database_url


def _remove_clusters_of_killed_runs() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        # Another run that starts or ends now may have removed it meanwhile.
        with suppress(FileNotFoundError):
            if folder.stat().st_uid == os.geteuid() and stop_if_abandoned(folder / "postgres"):
                shutil.rmtree(folder)
