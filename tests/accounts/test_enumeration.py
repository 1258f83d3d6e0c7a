"""Nobody learns from an answer, or from the time it takes, whether an address has an account."""

import random
import statistics
import time
from collections import defaultdict
from collections.abc import Callable

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from tests.factories import PASSWORD
from tests.figures import figure
from tests.posting import Response

# What the clock or the length of the address changes.
INCIDENTAL = {"Content-Length", "Expires", "X-Request-ID"}

Flow = Callable[[Client, str], Response]


def signup(client: Client, email: str) -> Response:
    fields = {"display_name": "Nina", "email": email, "password1": PASSWORD}
    return client.post("/accounts/signup/", fields)


def login(client: Client, email: str) -> Response:
    return client.post("/accounts/login/", {"login": email, "password": "not the one"})


def reset(client: Client, email: str) -> Response:
    return client.post("/accounts/password/reset/", {"email": email})


def login_by_code(client: Client, email: str) -> Response:
    return client.post("/accounts/login/code/", {"email": email})


FLOWS: list[Flow] = [signup, login, reset, login_by_code]


@pytest.mark.parametrize("flow", FLOWS)
def test_answers_are_the_same_for_known_and_unknown_addresses(flow: Flow, alice: User) -> None:
    known, unknown = Client(), Client()

    first, second = flow(known, "alice@example.org"), flow(unknown, "nobody@example.org")
    assert shown(first) == shown(second)
    assert first.cookies.keys() == second.cookies.keys()
    if first.status_code != 302:
        return

    # And so is the page they lead to, what it offers, and what it says to a wrong code.
    page = first["Location"]
    assert shown(known.get(page)) == shown(unknown.get(page))
    assert shown(known.post(page, {"code": "000000"})) == shown(
        unknown.post(page, {"code": "000000"})
    )
    assert shown(known.post(page, {"action": "resend"})) == shown(
        unknown.post(page, {"action": "resend"})
    )
    assert shown(known.get(page)) == shown(unknown.get(page))
    change = {"action": "change", "email": "new@example.org"}
    assert shown(known.post(page, change)) == shown(unknown.post(page, change))


def shown(response: Response) -> tuple[int, dict[str, str], str]:
    """All that can be compared: without cookies, the form's token and the address itself."""
    body = response.content.decode()
    for address in ("alice@example.org", "nobody@example.org"):
        body = body.replace(address, "ADDRESS")
    lines = [line for line in body.splitlines() if "csrfmiddlewaretoken" not in line]
    headers = {k: v for k, v in response.headers.items() if k not in INCIDENTAL}
    return response.status_code, headers, "\n".join(lines)


@pytest.mark.parametrize(
    ("flow", "rounds"), [(signup, 9), (login, 9), (reset, 40), (login_by_code, 40)]
)
def test_answers_take_as_long_for_known_as_for_unknown_addresses(
    flow: Flow, rounds: int, db: None, settings: Settings
) -> None:
    settings.ACCOUNT_RATE_LIMITS = False
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    password = make_password(PASSWORD)
    known = [User(email=f"known{n}@example.org", password=password) for n in range(rounds)]
    User.objects.bulk_create(known)
    addresses = [
        (kind, f"{kind}{n}@example.org") for kind in ("known", "new") for n in range(rounds)
    ]
    random.Random(1).shuffle(addresses)
    flow(Client(), "warm@example.org")

    spent = defaultdict(list)
    for kind, address in addresses:
        client = Client()
        # The processor's time of this process: other processes do not disturb it.
        start = time.process_time()
        flow(client, address)
        spent[kind].append(time.process_time() - start)

    ratio = statistics.median(spent["known"]) / statistics.median(spent["new"])
    figure(
        f"E3/{flow.__name__}",
        "time of a known address to that of an unknown one",
        ratio,
        bar="0.9 - 1.1",
        holds=0.9 <= ratio <= 1.1,
    )
    assert 0.8 <= ratio <= 1.25
