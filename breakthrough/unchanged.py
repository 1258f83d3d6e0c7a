"""What was read from the database, remembered for as long as nothing is written there.

For a page that is the same for everybody and asked again and again: one short question in place of
all that it reads. It takes no note of which rows a page is made of, so none can be forgotten.
"""

from collections.abc import Callable
from functools import lru_cache, wraps

from django.db import connection

from breakthrough.built_once import executed

# Which transactions a statement sees. A commit always changes it, and the same ones are the same
# rows of every table. Their numbers come again where a server is put back to an earlier state;
# that is a start of its own.
_STATE = "SELECT pg_current_snapshot(), pg_postmaster_start_time()::text"


def remembered_while_unchanged[*Given, Read](
    *, at_most: int
) -> Callable[[Callable[[*Given], Read]], Callable[[*Given], Read]]:
    """Of a function that reads the database and depends on it and its arguments alone: what it
    returned for the last `at_most` arguments, until anything is written anywhere.
    """

    def decorate(read: Callable[[*Given], Read]) -> Callable[[*Given], Read]:
        # What is read may be newer than the state under its name, never older: where something
        # was committed in between, nobody meets that state again.
        @lru_cache(maxsize=at_most)
        def remembered(state: tuple[str, ...], *args: *Given) -> Read:
            return read(*args)

        @wraps(read)
        def ask(*args: *Given) -> Read:
            # What a transaction has written itself is not in the state that it sees.
            if connection.in_atomic_block:
                return read(*args)
            return remembered(_state(), *args)

        return ask

    return decorate


def _state() -> tuple[str, ...]:
    with executed(_STATE, []) as cursor:
        state: tuple[str, ...] = cursor.fetchone()
    return state
