"""A limit is the limit, however many processes serve: each counts in the database, not for itself.

Where two tries come for one counter at a time, the one that waits too long is refused: so whoever
is refused for that may try once more, and what is heard altogether is the limit, exactly.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP
from django.db import connection
from django.test import Client

from accounts.models import User
from program.models import EmailInvitation
from program.models.email_invitations import MAILS_AT_MOST
from tests.accounts.knocking import knocks
from tests.factories import PASSWORD, make_cohort, make_user
from tests.figures import figure
from tests.often import often
from tests.program.test_coaching import logged_in
from tests.racing import race_together
from tests.resilience.launched import ROOT

PROCESSES = often(2, 6)
# As they are configured: in a minute, or of passwords and codes of an app in five of them.
LIMITS = {
    "password": 5,
    "new password": 5,
    "code to log in": 3,
    "sign-up": 20,
    "second step": 5,
    "password again": 5,
    "second factor again": 5,
    "passkey": 10,
}
Process = subprocess.Popen[str]


@pytest.fixture
def cookies(transactional_db: None) -> list[str]:
    """Of Alice, who has a password alone, of Bob after the first of two steps, and of Carol."""
    alice, bob, carol = (make_user(name=name) for name in ("Alice", "Bob", "Carol"))
    for user in (bob, carol):
        TOTP.activate(user, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    halfway = Client()
    halfway.post("/accounts/login/", {"login": bob.email, "password": PASSWORD})
    return [_session_of(alice), halfway.cookies["session"].value, _session_of(carol)]


def _session_of(user: User) -> str:
    return logged_in(user).cookies["session"].value


@pytest.fixture
def processes(cookies: list[str]) -> Iterator[list[Process]]:
    database = urlsplit(os.environ["DATABASE_URL"])
    environment = os.environ | {
        "DATABASE_URL": database._replace(path=f"/{connection.settings_dict['NAME']}").geturl(),
        "DJANGO_SETTINGS_MODULE": "breakthrough.settings",
    }
    command = [sys.executable, "-m", "tests.accounts.knocking", *cookies]
    with ExitStack() as stack:
        started = [
            stack.enter_context(
                subprocess.Popen(
                    command,
                    cwd=ROOT,
                    env=environment,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for _number in range(PROCESSES)
        ]
        assert [_answer(process) for process in started] == ["ready"] * PROCESSES
        yield started


def _answer(process: Process) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def _knock(process: Process, door: str) -> None:
    assert process.stdin
    process.stdin.write(f"{door}\n")
    process.stdin.flush()


def test_limit_is_the_same_for_any_number_of_processes(
    processes: list[Process], cookies: list[str]
) -> None:
    heard = {}
    for door in LIMITS:
        for process in processes:
            _knock(process, door)
        heard[door] = sum(int(_answer(process)) for process in processes)
        # Whoever was refused because two came at once.
        _knock(processes[0], door)
        heard[door] += int(_answer(processes[0]))
        figure(
            f"E1/{door.replace(' ', '-')}",
            f"tries that {PROCESSES} processes heard at once",
            heard[door],
            bar=f"= {LIMITS[door]}",
            holds=heard[door] == LIMITS[door],
        )

    assert heard == LIMITS
    assert set(knocks("", "", "")) == set(LIMITS)


def test_who_was_refused_is_refused_again_without_asking_the_database(
    db: None, noon: time_machine.Traveller, django_assert_num_queries: Any
) -> None:
    client = Client()

    def log_in(address: str = "10.0.0.1") -> int:
        return client.post("/accounts/login/", {}, REMOTE_ADDR=address).status_code

    assert [log_in() for _try in range(31)] == [200] * 30 + [429]
    with django_assert_num_queries(0):
        assert log_in() == 429
    assert log_in("10.0.0.2") == 200
    noon.shift(61)
    assert log_in() == 200


def test_coach_invites_no_more_by_mail_from_several_cohorts_at_once(
    transactional_db: None, carol: User, noon: time_machine.Traveller
) -> None:
    cohorts = [make_cohort(coach=carol) for _lane in range(3)]
    clients = [logged_in(carol) for _lane in cohorts]

    for hour in range(2):
        lanes = iter(range(3))

        def invite(hour: int = hour, lanes: Iterator[int] = lanes) -> None:
            lane = next(lanes)
            emails = " ".join(f"{hour}x{lane}x{number}@example.org" for number in range(50))
            path = f"/coaching/{cohorts[lane].pk}/invite/by-mail/"
            assert clients[lane].post(path, {"emails": emails}).status_code in {302, 422}

        race_together(invite, lanes=3)

    invited = EmailInvitation.objects.count()
    figure(
        "E1/invitations-by-mail",
        "mails that three posts at once, twice, made go out",
        invited,
        bar=f"= {MAILS_AT_MOST}",
        holds=invited == MAILS_AT_MOST,
    )
    assert invited == MAILS_AT_MOST
