"""What a server's log says, and what it must never say."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from breakthrough import logs
from program.models import Enrollment

SECRET = "hush-hush-4711"
FORGED = '\r\n{"level": "INFO", "message": "forged"}'


@pytest.fixture
def lines() -> Iterator[Any]:
    """Calls back what was logged as JSON since the last call; a line that is none is an error."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.Formatter())
    levels = {name: logging.getLogger(name).level for name in ("breakthrough.access",)}
    logs.access.setLevel(logging.INFO)
    logging.getLogger().addHandler(handler)

    def read() -> list[dict[str, Any]]:
        found = [json.loads(line) for line in stream.getvalue().splitlines()]
        stream.seek(0)
        stream.truncate()
        return found

    yield read
    logging.getLogger().removeHandler(handler)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def of_access(lines: Any) -> list[dict[str, Any]]:
    return [line for line in lines() if line["logger"] == "breakthrough.access"]


def test_each_request_has_a_line_with_the_id_that_its_answer_says(
    alice_client: Client, enrollment: Enrollment, noon: object, lines: Any
) -> None:
    response = alice_client.get("/today/")

    (line,) = of_access(lines)
    assert line["message"] == "GET /today/"
    assert line["status"] == 200
    assert line["ms"] > 0
    assert line["id"] == response["X-Request-ID"]
    assert line.keys() == {"time", "level", "logger", "id", "message", "status", "ms"}


@pytest.mark.parametrize(
    ("proxies", "given", "is_kept"),
    [
        (1, "a1b2c3d4-from-the-proxy", True),
        (0, "a1b2c3d4-from-a-browser", False),
        (1, "short", False),
        (1, "x" * 65, False),
        (1, f"a1b2c3d4{FORGED}", False),
    ],
)
def test_an_id_is_taken_from_a_trusted_proxy_alone(
    proxies: int, given: str, is_kept: bool, settings: Settings
) -> None:
    settings.TRUSTED_PROXY_COUNT = proxies

    response = Client().get("/health/live", headers={"X-Request-ID": given})

    assert (response["X-Request-ID"] == given) is is_kept
    assert logs.WELL_FORMED.fullmatch(response["X-Request-ID"])


@pytest.mark.parametrize(
    "path", [f"/join/{SECRET}/", f"/no/such/{SECRET}", f"/health/live?{SECRET}", f"/{SECRET}%0d%0a"]
)
def test_a_line_says_the_route_and_never_the_path(db: None, path: str, lines: Any) -> None:
    status = Client(raise_request_exception=False).get(path).status_code

    found = lines()
    assert [line["status"] for line in found if line["logger"] == "breakthrough.access"] == [status]
    assert SECRET not in json.dumps(found)


def test_a_denied_request_has_its_line(db: None, lines: Any) -> None:
    Client(enforce_csrf_checks=True).post(reverse("account_login"), {"login": SECRET})

    assert [line["status"] for line in of_access(lines)] == [403]


def test_an_error_is_told_by_its_kind_and_place_and_not_by_its_words(
    lines: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*arguments: object) -> None:
        try:
            raise ValueError(SECRET)
        except ValueError as error:
            raise IntegrityError(f"Key (email)=({SECRET}) already exists.") from error

    monkeypatch.setattr("breakthrough.health._answer", fails)

    Client(raise_request_exception=False).get("/health/live")

    found = lines()
    (error,) = [line for line in found if line["level"] == "ERROR"]
    assert error["message"] == "Internal Server Error: /health/live"
    assert error["error"].splitlines()[-1] == "django.db.utils.IntegrityError"
    assert "builtins.ValueError" in error["error"]
    assert "health.py" in error["error"]
    assert error["id"] == of_access(lambda: found)[0]["id"]
    assert SECRET not in json.dumps(found)


def test_nothing_that_is_logged_can_begin_a_line_of_its_own(lines: Any) -> None:
    logging.getLogger("some.library").warning("Cannot read %s", f"it{FORGED}", extra={"a": SECRET})

    (line,) = lines()
    assert line["message"].endswith(FORGED)
    assert SECRET not in json.dumps(line)


def test_lines_of_a_job_say_which_one_it_is(lines: Any) -> None:
    async def process() -> str:
        logging.getLogger("accounts.delivery").warning("The mail server is away")
        return "done"

    context = SimpleNamespace(job=SimpleNamespace(id=17))

    assert asyncio.run(logs.follow_job(process, context, None)) == "done"
    assert lines()[0]["id"] == "job-17"
    assert logs.current_id.get() == ""
