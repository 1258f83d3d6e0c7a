"""The database of a machine that has none: PostgreSQL from a wheel, kept in one folder.

`ensure_running()` is all a caller needs. The server runs while at least one process holds it, and
the last holder to leave stops it.
"""

from breakthrough.embedded_postgres.errors import EmbeddedPostgresError
from breakthrough.embedded_postgres.holders import (
    ensure_running,
    is_running,
    release,
    stop_if_abandoned,
)

__all__ = [
    "EmbeddedPostgresError",
    "ensure_running",
    "is_running",
    "release",
    "stop_if_abandoned",
]
