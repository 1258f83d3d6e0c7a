"""The log for reading: one line a record, and no line tells a secret (logs.py has the JSON).

Whoever has the address of an invitation, a mail's link or a calendar may use it, so an address is
written without that part of it; and nobody writes lines of their own by way of an address.
"""

import logging
import re
from collections.abc import Iterator
from functools import cache

from django.urls import URLPattern, URLResolver, get_resolver

SECRETS = {"token", "key", "uidb36"}
MASK = "[...]"


class LineFormatter(logging.Formatter):
    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        return re.sub(
            r"[\x00-\x1f\x7f-\x9f\u2028\u2029]",
            lambda found: found[0].encode("unicode_escape").decode(),
            super().formatMessage(record),
        )

    def format(self, record: logging.LogRecord) -> str:
        return without_secrets(super().format(record))


def without_secrets(text: str) -> str:
    """What stands in the place of a secret in an address of ours, whatever it is, is masked."""
    return _secret_places().sub(rf"\1{MASK}", text)


@cache
def _secret_places() -> re.Pattern[str]:
    """Also behind what only looks like an address: half a link that was pasted is still a link."""
    before = sorted(set(_before_secrets(get_resolver())), key=len, reverse=True)
    return re.compile(rf"((?:/|%2F)(?:{'|'.join(map(re.escape, before))}))[^/\s?#&'\"]+")


def _before_secrets(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    """The part of each route that leads up to its secret: "join/"."""
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern).removeprefix("^")
        if isinstance(pattern, URLResolver):
            yield from _before_secrets(pattern, route)
        elif isinstance(pattern, URLPattern) and pattern.pattern.converters.keys() & SECRETS:
            yield re.split(r"<", route)[0]
        elif found := re.search(rf"\(\?P<(?:{'|'.join(SECRETS)})>", route):
            yield route[: found.start()]
