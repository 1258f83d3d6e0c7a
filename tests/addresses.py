"""Every address of the site, ready to ask for, and everything that is stored, in one number."""

import re
from collections.abc import Iterator
from functools import cache

from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver

EXAMPLES = {
    "date": "2027-03-16",
    "int": "1",
    "path": "1",
    "public_token": "a-page-that-was-not-made",
    "slug": "key",
    "str": "key",
    "uuid": "8b7d0f5e-3c1f-4a55-9a40-6f3f0a3f2b11",
}


def _patterns(resolver: URLResolver, prefix: str = "/") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield re.sub(r"<(?:(\w+):)?\w+>", lambda m: EXAMPLES[m[1] or "str"], address)
        else:
            yield from _patterns(pattern, address)


ADDRESSES = list(_patterns(get_resolver()))


def fingerprint() -> str:
    """Changes whenever a row of any table does; sessions and the cache keep their own time."""
    return _of_each_table("md5(string_agg(t::text, '|' ORDER BY t::text))")


def rows(but: str = "-") -> str:
    """All that the fingerprint is taken of, `but` for tables whose names begin so."""
    return _of_each_table("string_agg(t::text, '|' ORDER BY t::text)", but)


def _of_each_table(expression: str, but: str = "-") -> str:
    found = " UNION ALL ".join(
        f"SELECT '{table}', count(*), {expression} FROM \"{table}\" t"  # noqa: S608
        for table in _tables()
        if not table.startswith(but)
    )
    with connection.cursor() as cursor:
        cursor.execute(found)
        # The parts of a UNION come in any order: the database may read them side by side.
        return str(sorted(cursor.fetchall()))


@cache
def _tables() -> list[str]:
    return sorted(set(connection.introspection.table_names()) - {"django_session", "cache"})
