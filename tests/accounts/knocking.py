"""Somebody who tries and tries: one of several processes that share nothing but the database.

    python -m tests.accounts.knocking SESSION HALFWAY WITH_FACTOR

The cookies are of somebody who is logged in, of somebody who has typed the password alone, and of
somebody who is in with a second factor. For each line of the input, the name of a door, it knocks
and prints how often it was heard.
"""

import os
import sys
from collections.abc import Callable
from itertools import count
from typing import Any

TRIES = 7
WRONG = "wrong wrong wrong wrong"


def knocks(session: str, halfway: str, with_factor: str) -> dict[str, Callable[[], bool]]:
    """Each is one try; whether it was looked at, and not refused for being one too many."""
    from django.test import Client

    # A door an address, so that no limit of an address counts for two of them.
    addresses = iter(f"10.0.0.{number}" for number in range(1, 99))

    fresh = (f"{os.getpid()}x{number}" for number in count())

    def post(path: str, *, cookie: str = "", **fields: str) -> Callable[[], Any]:
        address = next(addresses)

        def knock() -> Any:
            client = Client(REMOTE_ADDR=address)
            client.cookies["session"] = cookie
            filled = {name: text.format(next(fresh)) for name, text in fields.items()}
            return client.post(path, filled)

        return knock

    def says(words: str, knock: Callable[[], Any]) -> Callable[[], bool]:
        return lambda: words in knock().content.decode()

    def moves_on(knock: Callable[[], Any]) -> Callable[[], bool]:
        return lambda: bool(knock().status_code == 302)

    email, code = "alice@example.org", "000000"
    wrong_app = "That is not it, or its time is up."
    second_step = "/accounts/2fa/authenticate/"
    again, with_app = "/accounts/reauthenticate/", "/accounts/2fa/reauthenticate/"
    sign_up = {"email": "{}@example.org", "password1": WRONG, "display_name": "New"}
    return {
        "password": says(
            "do not belong together",
            post("/accounts/login/", login="nobody@example.org", password=WRONG),
        ),
        "new password": moves_on(post("/accounts/password/reset/", email=email)),
        "code to log in": moves_on(post("/accounts/login/code/", email=email)),
        "sign-up": moves_on(post("/accounts/signup/", **sign_up)),
        "second step": says(wrong_app, post(second_step, cookie=halfway, code=code)),
        "password again": says(
            "That is not your password", post(again, cookie=session, password=WRONG)
        ),
        "second factor again": says(wrong_app, post(with_app, cookie=with_factor, code=code)),
        "passkey": moves_on(post("/accounts/2fa/webauthn/login/", credential="[]")),
    }


def main(*cookies: str) -> None:
    import django
    from django.test.utils import setup_test_environment

    django.setup()
    setup_test_environment()
    from tests.conftest import pytest_configure

    pytest_configure()
    doors = knocks(*cookies)
    print("ready", flush=True)
    for line in sys.stdin:
        knock = doors[line.strip()]
        print(sum(knock() for _number in range(TRIES)), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
