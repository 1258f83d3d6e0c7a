import time
from collections.abc import Callable

import pytest
from django.db.backends.utils import CursorWrapper


def wait_until[T](condition: Callable[[], T], seconds: float = 60) -> T:
    """Ask until the answer is truthy and return it; never a sleep of a guessed length."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        if time.monotonic() > deadline:
            pytest.fail(f"still waiting after {seconds} seconds")
        time.sleep(0.02)
    return answer


def wait_until_a_lock_is_waited_for(cursor: CursorWrapper) -> None:
    """In our own database: the server has another one for the tests in the other process."""

    def is_waited_for() -> bool:
        # A lock on a row belongs to a transaction, and so to no database.
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks JOIN pg_stat_activity USING (pid)"
            " WHERE NOT granted AND datname = current_database())"
        )
        return bool(cursor.fetchone()[0])

    wait_until(is_waited_for)
