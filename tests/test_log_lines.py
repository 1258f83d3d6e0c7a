"""What the server writes into its log: no secret, no line of somebody else's, and every refusal."""

import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import get_resolver

from accounts.models import User
from breakthrough import log_lines, logs
from tests.addresses import ADDRESSES
from tests.figures import figure
from tests.posting import TODAY
from tests.writes import WRITES, make_world

SECRET = "canary-of-a-token-that-nobody-may-read-0123456789"
FORGED = "ERROR root: all is lost"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def formatters() -> dict[str, Any]:
    logging_settings: dict[str, Any] = settings.LOGGING
    return dict(logging_settings["formatters"])


class Lines(logging.Handler):
    """As they would stand in the log."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[str] = []
        self.json: list[str] = []
        self.as_json = logs.Formatter()
        line = formatters()["line"]
        self.setFormatter(log_lines.LineFormatter(line["format"], style=line["style"]))

    def emit(self, record: logging.LogRecord) -> None:
        self.written.append(self.format(record))
        self.json.append(self.as_json.format(record))

    @property
    def text(self) -> str:
        return "\n".join(self.written)


@pytest.fixture
def lines() -> Iterator[Lines]:
    handler = Lines()
    logging.getLogger().addHandler(handler)
    yield handler
    logging.getLogger().removeHandler(handler)


def secret_addresses() -> list[str]:
    """Every address with a secret in it, and what people make of such an address."""
    found = []
    for before in set(log_lines._before_secrets(get_resolver())):
        whole = next(address for address in ADDRESSES if address.startswith(f"/{before}"))
        tail = whole.removeprefix(f"/{before}").partition("/")[2]
        found += [f"/{before}{SECRET}/{tail}", f"/{before}{SECRET}", f"/{before}{SECRET}/x/"]
    return found


def test_server_logs_with_the_formatter_that_is_tried_here() -> None:
    assert formatters()["line"]["()"] == "breakthrough.log_lines.LineFormatter"
    assert {before.partition("/")[0] for before in log_lines._before_secrets(get_resolver())} >= {
        *("join", "coach", "unsubscribe", "mail", "calendar"),
    }


def test_no_address_tells_its_secret(alice_client: Client, lines: Lines) -> None:
    asked, denied = 0, 0
    for address in secret_addresses():
        for client in (alice_client, Client()):
            for method in METHODS:
                response = client.generic(method, address)
                asked += 1
                denied += response.status_code >= 400

    hits = sum(SECRET in line for line in [*lines.written, *lines.json])
    figure(
        "G8/secrets",
        f"secrets of addresses in the log of {asked} requests",
        hits,
        bar="0",
        holds=not hits,
    )
    assert hits == 0
    assert denied > 100
    assert log_lines.MASK in lines.text
    assert len(lines.written) >= denied


def test_an_address_writes_no_line_of_its_own(alice_client: Client, lines: Lines) -> None:
    breaks = ["%0a", "%0d", "%0d%0a", "%0b", "%0c", "%c2%85", "%e2%80%a8", "%e2%80%a9"]
    for line_break in breaks:
        for path in (f"/x{line_break}{FORGED}", f"/days/{line_break}{FORGED}/"):
            alice_client.get(path)
            alice_client.get("/", headers={"host": f"x{FORGED}"})
    logging.getLogger("anybody").warning("from %s", f"x\r\n{FORGED}\u2028{FORGED}")

    forged = [line for line in lines.text.splitlines() if line.startswith(FORGED)]
    figure(
        "G8/forged",
        f"forged lines by {len(breaks) * 2 + 1} tries",
        len(forged),
        bar="0",
        holds=not forged,
    )
    assert forged == []
    assert lines.text.count(FORGED) > len(breaks) * 2


def test_a_traceback_tells_no_address(lines: Lines) -> None:
    try:
        raise RuntimeError(f"/join/{SECRET}/")
    except RuntimeError:
        logging.getLogger("anybody").exception("It broke")

    assert "RuntimeError: /join/[...]/" in lines.text
    assert SECRET not in lines.text


def test_words_and_passwords_are_in_no_line(alice: User, lines: Lines) -> None:
    """Whatever becomes of a form: taken, refused, without a token, of somebody else."""
    world, sent = make_world(alice), 0
    canary = "ridge4canary"
    for write in WRITES:
        body = dict.fromkeys(write.body(world), canary)
        for client in (Client(), Client(enforce_csrf_checks=True)):
            client.raise_request_exception = False
            for user in (None, alice):
                if user:
                    client.force_login(user)
                client.post(write.address(world), body)
                sent += 1
    for path in ("/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"):
        fields = {"login": f"{canary}@example.org", "email": f"{canary}@example.org"}
        Client().post(path, {**fields, "password": canary, "password1": canary})
        sent += 1

    hits = sum(canary in line for line in [*lines.written, *lines.json])
    figure(
        "G8/words",
        f"words, passwords and addresses in the log of {sent} forms",
        hits,
        bar="0",
        holds=not hits,
    )
    assert hits == 0


def test_a_wrong_password_is_a_line_that_names_nobody(alice: User, lines: Lines) -> None:
    for email in (alice.email, "nobody@example.org"):
        Client().post("/accounts/login/", {"login": email, "password": SECRET})

    refused = [line for line in lines.written if "accounts.refusals" in line]
    assert refused == ["WARNING accounts.refusals: Refused: login_failed"] * 2
    assert not any(word in lines.text for word in (alice.email, "nobody@", SECRET))
    assert not any(word in line for word in (alice.email, SECRET) for line in lines.json)


def test_every_refusal_is_a_line(alice_client: Client, bob: User, lines: Lines) -> None:
    csrf = Client(enforce_csrf_checks=True)
    csrf.force_login(bob)
    refused = [
        alice_client.get("/coaching/1/"),
        alice_client.post("/pauses/end/"),
        alice_client.delete("/today/"),
        alice_client.get("/staff/"),
        alice_client.get("/", headers={"host": "evil.example"}),
        alice_client.post("/settings/", "x" * 1_200_000, content_type="text/plain"),
        csrf.post(f"/days/{TODAY}/reflection/"),
    ]

    statuses = [response.status_code for response in refused]
    assert statuses == [404, 404, 405, 404, 400, 413, 403]
    logged = [line for line in lines.written if re.match(r"(WARNING|ERROR) django\.", line)]
    figure(
        "G8/denials",
        "refusals in the log",
        len(logged),
        bar=f">= {len(refused)}",
        holds=len(logged) >= len(refused),
    )
    assert len(logged) >= len(refused)
