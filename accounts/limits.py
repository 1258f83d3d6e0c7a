"""The rows of the cache that count tries, for those who delete an account or tidy up."""

from datetime import datetime

from django.conf import settings
from django.db import connection

from accounts.models import User


def forget_limits_of(user: User) -> None:
    """Drop what was counted for this account; what was counted for an address is a hash."""
    _delete("cache_key LIKE %s", f"%:user:{user.pk}")


def forget_expired(now: datetime) -> int:
    """Drop what counts no more, which may hold the addresses of machines; how many it was."""
    return _delete("expires < %s", now)


def _delete(condition: str, value: str | datetime) -> int:
    table = connection.ops.quote_name(str(settings.CACHES["default"]["LOCATION"]))
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE {condition}", [str(value)])  # noqa: S608
        return int(cursor.rowcount)
