"""Posts that start at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection, connections
from django.test import Client

from accounts.models import User
from tests.posting import Response

RACES = 200
Attempt = Callable[[Client, int], Response]


def race(
    user: User,
    *attempts: Attempt,
    before: Callable[[], Any] = bool,
    after: Callable[[], Any] = bool,
    times: int = RACES,
) -> list[list[int]]:
    """Let the attempts start at once, so many times; the statuses of each race, in no order.

    `before` and `after` are called around each race, while nobody runs.
    """
    start = Barrier(len(attempts), action=before, timeout=30)
    finish = Barrier(len(attempts), action=after, timeout=30)

    def run(client: Client, attempt: Attempt) -> list[int]:
        statuses = []
        try:
            for number in range(times):
                start.wait()
                statuses.append(attempt(client, number).status_code)
                finish.wait()
        except BaseException:
            start.abort()
            finish.abort()
            raise
        finally:
            connections.close_all()
        return statuses

    clients = [_logged_in(user) for _attempt in attempts]
    connection.close()  # The pool is small: the racers need its connections.
    with ThreadPoolExecutor(len(attempts)) as threads:
        lanes = list(threads.map(run, clients, attempts))
    return [sorted(statuses) for statuses in zip(*lanes, strict=True)]


def _logged_in(user: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def race_together(do: Callable[[], None], lanes: int = 2) -> None:
    """Do it in so many threads at once, each with a connection of its own."""
    start = Barrier(lanes, timeout=30)

    def run(_lane: int) -> None:
        try:
            start.wait()
            do()
        finally:
            connections.close_all()

    connection.close()  # The pool is small: the racers need its connections.
    with ThreadPoolExecutor(lanes) as threads:
        list(threads.map(run, range(lanes)))
