"""System checks: `manage.py migrate` runs the database's, and stops where one fails."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

OLDEST_POSTGRES = 15
DURABLE = {
    "fsync": {"on"},
    "full_page_writes": {"on"},
    # All but `off` wait for the server's own disk at least.
    "synchronous_commit": {"on", "local", "remote_write", "remote_apply"},
}
LOSSY = "The database of DATABASE_URL runs with {}, so a crash can lose what was saved."
LOSSY_HINT = "Set it to on in postgresql.conf, and for the database and its user."


@register(Tags.database)
def saved_means_saved(databases: Sequence[str] | None, **kwargs: Any) -> list[CheckMessage]:
    """What a page calls saved must be on disk, so the database may not answer before it is."""
    errors: list[CheckMessage] = []
    for alias in databases or ():
        with connections[alias].cursor() as cursor:
            lossy = lossy_settings(cursor)
        errors += [
            Error(LOSSY.format(setting), hint=LOSSY_HINT, id="breakthrough.E001")
            for setting in lossy
        ]
    return errors


def lossy_settings(cursor: Any) -> list[str]:
    """Such as ["fsync = off"]; empty for a database that keeps what it says it has."""
    lossy = []
    for name, safe in DURABLE.items():
        cursor.execute(f"SHOW {name}")
        (value,) = cursor.fetchone()
        if value not in safe:
            lossy.append(f"{name} = {value}")
    return lossy
