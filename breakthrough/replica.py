"""Reads that may be a few seconds late, from a copy of the database that follows it (REPLICA_URL).

Never who may see what: a consent that was revoked holds at once, so the database itself says whose
rows they are, and the copy is asked for counts of those alone. Words are not read from it either:
one that was made private a moment ago is private there a moment later.
"""

import logging
import time
from collections.abc import Callable

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections

log = logging.getLogger(__name__)

ALIAS = "replica"
# A copy that is further behind is not read from. Of a database in which nothing happens nobody can
# tell how far behind its copy is; one in which nothing happens has time to answer itself.
MOST_SECONDS = 10.0
# One that did not answer is not asked again for so long.
REST_SECONDS = 15.0
LAG = "SELECT extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())"
_rests_until = 0.0


def read[Answer](ask: Callable[[str], Answer]) -> Answer:
    """What `ask` finds in the database of the alias that it is given: of the copy where that
    follows closely, else of the database itself, also when the copy fails meanwhile."""
    if _is_close():
        try:
            return ask(ALIAS)
        except DatabaseError:
            _rest()
    return ask(DEFAULT_DB_ALIAS)


def lag() -> float | None:
    """Seconds since the last change that has come; None where it is no copy that follows another
    one. Raises DatabaseError when it does not answer."""
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(LAG)
        (seconds,) = cursor.fetchone()
    return None if seconds is None else float(seconds)


def _is_close() -> bool:
    if ALIAS not in connections.databases or time.monotonic() < _rests_until:
        return False
    try:
        seconds = lag()
    except DatabaseError:
        _rest()
        return False
    return seconds is not None and seconds <= MOST_SECONDS


def _rest() -> None:
    global _rests_until
    _rests_until = time.monotonic() + REST_SECONDS
    log.warning("The database of REPLICA_URL does not answer; its reads go to DATABASE_URL.")
