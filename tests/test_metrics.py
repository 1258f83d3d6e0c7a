"""/metrics of a real server with two processes: one sum, for who has the token."""

import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse

from breakthrough.development import ROOT
from tests.resilience.launched import free_port
from tests.waiting import wait_until

TOKEN = "a-token-for-tests-0123456789abcdefgh"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    port, temporary = free_port(), tmp_path_factory.mktemp("metrics")
    temporary.chmod(0o700)
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port)),
            *("--workers", "2", "--blocking-threads", "1", "--no-ws", "--log-level", "warning"),
            "breakthrough.wsgi:application",
        ],
        cwd=ROOT,
        env=os.environ | {"METRICS_TOKEN": TOKEN, "DEBUG": "1", "TMPDIR": str(temporary)},
    )
    wait_until(lambda: len(list(Path(temporary).glob("*/*.db"))) >= 2 or ask(port, "/health/live"))
    yield port
    server.terminate()
    server.wait(30)


def ask(port: int, path: str, token: str = "") -> str:
    headers = {"Host": "localhost:8000", "Authorization": f"Bearer {token}"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - http, above
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        return str(error.code)
    except OSError:
        return ""


def counted(text: str, route: str) -> float:
    pattern = rf'^two_weeks_request_seconds_count{{[^}}]*route="{re.escape(route)}"[^}}]*}} (.*)$'
    return sum(float(count) for count in re.findall(pattern, text, re.MULTILINE))


def test_whichever_process_is_asked_answers_for_both(port: int) -> None:
    before = counted(ask(port, "/metrics", TOKEN), "/health/live")

    for _turn in range(40):
        assert ask(port, "/health/live") == "ok\n"

    assert {counted(ask(port, "/metrics", TOKEN), "/health/live") for _turn in range(8)} == {
        before + 40
    }


def test_no_path_and_no_method_of_a_strangers_makes_a_row_of_its_own(port: int) -> None:
    for path in ("/no/such/page", "/join/hush-hush/"):
        ask(port, path)

    said = ask(port, "/metrics", TOKEN)

    assert counted(said, "(no such page)") >= 1
    assert "such/page" not in said
    assert "hush" not in said


@pytest.mark.parametrize("token", ["", "wrong", TOKEN[:-1]])
def test_without_the_token_there_is_no_such_page(port: int, token: str) -> None:
    assert ask(port, "/metrics", token) == "404"


def test_there_is_no_such_page_unless_a_host_wants_it(db: None) -> None:
    with pytest.raises(NoReverseMatch):
        reverse("metrics")
    assert Client().get("/metrics").status_code == 404
