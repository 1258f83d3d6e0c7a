"""Connections of a web process: a database that says nothing at all is an error too."""

import psycopg
from psycopg.abc import RV, PQGen
from psycopg.pq import TransactionStatus

# The server cuts a statement off after 3 s. Whoever hears nothing for longer is talking to a
# server that is frozen, or to nobody.
SILENCE = 5.0


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
