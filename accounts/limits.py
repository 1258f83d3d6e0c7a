"""How often somebody may do what costs us work, and the rows of the cache that count it."""

from datetime import datetime

from allauth.core import ratelimit
from django.conf import settings
from django.db import connection
from django.http import HttpResponse

from accounts.models import User
from breakthrough.http import HttpRequest


def too_often(request: HttpRequest, action: str) -> HttpResponse | None:
    """The answer to one try too many, by the rate of ACCOUNT_RATE_LIMITS for the action."""
    answer: HttpResponse | None = ratelimit.consume_or_429(
        request, action=action, user=request.user
    )
    return answer


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
