"""Connections of a web process: a database that says nothing at all is an error too."""

import select
import time
from typing import Any

import psycopg
from psycopg.abc import RV, PQGen
from psycopg.pq import TransactionStatus
from psycopg_pool import ConnectionPool

# The server cuts a statement off after 3 s. Whoever hears nothing for longer is talking to a
# server that is frozen, or to nobody.
SILENCE = 5.0
# Unused for longer, a connection is asked whether it still answers.
UNUSED = 30.0


class ImpatientConnection(psycopg.Connection):
    """Raises OperationalError when an answer takes longer than SILENCE seconds, and closes."""

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        try:
            return super().wait(gen, interval, SILENCE if timeout is None else timeout)
        except psycopg.OperationalError:
            # Still waiting for an answer: whatever comes later must not be taken for another one's.
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.pgconn.finish()
            raise


def check(connection: psycopg.Connection[Any]) -> None:
    """For the pool, before each use; raises OperationalError when it is over with the connection.

    A server that ends closes its connections, and that can be seen here: only where something has
    come unasked, or after a while in which a firewall may have forgotten us, the server is asked.
    """
    now = time.monotonic()
    unused = now - getattr(connection, "checked_at", 0)
    arrived = select.poll()
    arrived.register(connection.fileno(), select.POLLIN)
    if unused > UNUSED or arrived.poll(0):
        ConnectionPool.check_connection(connection)
    connection.checked_at = now  # type: ignore[attr-defined]
