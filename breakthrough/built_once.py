"""Queries of the hottest pages: to build the SQL takes Django longer than PostgreSQL to answer it.

PostgreSQL, too, plans each of them once for a connection (a prepared statement); behind a pooler
that hands connections around it plans them anew. docs/decisions/0010 has what it saves. Everything
else asks by a QuerySet, as in the tutorial.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from django.db import DEFAULT_DB_ALIAS, NotSupportedError, connection, models
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorWrapper
from django.db.models.sql.compiler import SQLCompiler
from psycopg.sql import Literal

# For a key: larger than any that a sequence has come to.
STAND_IN = 2**62


class BuiltOnce[Model: models.Model]:
    """A QuerySet whose SQL is built at the first call; later ones change its values alone.

    `build` takes a value for each of `stand_ins`, by name, and returns the QuerySet. A stand-in is
    of the type of the value and like nothing else in the query, so that its places are found among
    the parameters. What `build` does must not depend on the values: they are bound, never read.
    """

    def __init__(
        self, build: Callable[..., models.QuerySet[Model, Any]], **stand_ins: Hashable
    ) -> None:
        self._build, self._stand_ins = build, stand_ins

    def objects(self, **values: Any) -> list[Model]:
        """Instances with their annotations, as iterating the QuerySet gives them."""
        rows = self.rows(**values)
        compiler, _sql, _params = self._built
        assert compiler.klass_info
        assert compiler.annotation_col_map is not None
        model, fields = compiler.klass_info["model"], compiler.klass_info["select_fields"]
        names = [compiler.select[number][0].target.attname for number in fields]
        found = []
        for row in rows:
            instance = model.from_db(DEFAULT_DB_ALIAS, names, [row[number] for number in fields])
            for name, number in compiler.annotation_col_map.items():
                setattr(instance, name, row[number])
            found.append(instance)
        return found

    def rows(self, **values: Any) -> list[Any]:
        """What values_list() gives."""
        compiler, sql, names = self._built
        with executed(sql, [values[name] for name in names]) as cursor:
            rows = cursor.fetchall()
        return list(compiler.apply_converters(rows, self._converters))

    @cached_property
    def _converters(self) -> dict[int, Any]:
        compiler = self._built[0]
        found: dict[int, Any] = compiler.get_converters([each[0] for each in compiler.select])
        return found

    @cached_property
    def _built(self) -> tuple[SQLCompiler, str, list[str]]:
        """The compiler, the SQL and the names of the values that it still takes, in order."""
        compiler = self._build(**self._stand_ins).query.get_compiler(DEFAULT_DB_ALIAS)
        compiler.setup_query()
        sql, params = compiler.as_sql()
        known = {(type(value), value): name for name, value in self._stand_ins.items()}
        names = [known.get((type(value), value)) for value in params]
        assert {*names} >= self._stand_ins.keys(), "it is not in the SQL"
        # What is the same every time stands in the SQL itself, where its type is as it was.
        places = [
            "%s" if name else _literal(value) for name, value in zip(names, params, strict=True)
        ]
        return compiler, sql.replace("%%", "%%%%") % tuple(places), [each for each in names if each]


def _literal(value: Any) -> str:
    connection.ensure_connection()
    return Literal(value).as_string(connection.connection).replace("%", "%%")


@contextmanager
def executed(sql: str, values: Sequence[Any] | Mapping[str, Any]) -> Iterator[CursorWrapper]:
    """A cursor as connection.cursor() gives it, but for the values: they travel beside the SQL."""
    connection.ensure_connection()
    bare: Any = ServerBindingCursor(connection.connection)  # type: ignore[call-arg]
    with connection._prepare_cursor(bare) as cursor:  # type: ignore[attr-defined]
        try:
            cursor.execute(sql, values)
        except NotSupportedError:
            # A migration has changed the type of a column; now it is planned anew.
            if connection.in_atomic_block:
                raise
            cursor.execute("DEALLOCATE ALL")
            cursor.execute(sql, values)
        yield cursor


def first_row[Model: models.Model](
    model: type[Model], sql: str, values: dict[str, Any]
) -> Model | None:
    """The instance that hand-written SQL returns, as raw() gives it with more ado."""
    with executed(sql, values) as cursor:
        row = cursor.fetchone()
        if row is None:
            return None
        stored = dict(zip([column.name for column in cursor.description], row, strict=True))
    names = [field.attname for field in model._meta.concrete_fields]
    return model.from_db(DEFAULT_DB_ALIAS, names, [stored[name] for name in names])
