"""One value of an archive, checked by the field that it goes to."""

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

YEARS = range(2000, 2100)
ANY_YEAR = "follow_up_on"  # the one date that the pages take as it is typed
MAX_NUMBER = {models.PositiveSmallIntegerField: 2**15 - 1, models.PositiveIntegerField: 2**31 - 1}


class RefusedValueError(Exception):
    """Why a value is not taken."""


def field_of(model: type[models.Model], column: str) -> Any:
    """The field that a column such as person__client_id ends at."""
    first, _underscores, rest = column.partition("__")
    found: Any = model._meta.get_field(first)
    return field_of(found.related_model, rest) if rest else found


def stored_value(field: Any, value: Any, *, is_pointer: bool) -> Any:
    """The value as the field takes it; raises RefusedValueError."""
    if value is None:
        if field.null or is_pointer:
            return None
        raise RefusedValueError(_("is missing."))
    for kind, check in _CHECKS.items():
        if isinstance(field, kind):
            return check(field, value)
    raise TypeError(f"No archive holds a {type(field).__name__}.")


def _text(field: Any, value: Any) -> str:
    if not isinstance(value, str):
        raise RefusedValueError(_("has to be a text."))
    if field.max_length and len(value) > field.max_length:
        words = _("has %(count)d characters; %(most)d is the most.")
        raise RefusedValueError(words % {"count": len(value), "most": field.max_length})
    if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise RefusedValueError(_("holds a character that cannot be stored."))
    if not field.blank and not value.strip():
        raise RefusedValueError(_("is empty."))
    if field.choices and value and value not in dict(field.flatchoices):
        raise RefusedValueError(_("is none of the values that there are."))
    return value


def _flag(_field: Any, value: Any) -> bool:
    if not isinstance(value, bool):
        raise RefusedValueError(_("has to be true or false."))
    return value


def _number(field: Any, value: Any) -> int:
    if type(value) is not int:
        raise RefusedValueError(_("has to be a whole number."))
    if not 0 <= value <= MAX_NUMBER[type(field)]:
        raise RefusedValueError(_("is out of range."))
    return value


def _date(field: Any, value: Any) -> date:
    try:
        found = date.fromisoformat(value)
    except (TypeError, ValueError):
        found = None
    if found is None or found.isoformat() != value:
        raise RefusedValueError(_("has to be a date such as 2027-03-16."))
    if found.year not in YEARS and field.name != ANY_YEAR:
        raise RefusedValueError(_("is out of range."))
    return found


def _instant(_field: Any, value: Any) -> datetime:
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        found = None
    if found is None or found.utcoffset() is None:
        raise RefusedValueError(_("has to be an instant such as 2027-03-16T12:00:00+00:00."))
    if found.year not in YEARS:
        raise RefusedValueError(_("is out of range."))
    return found.astimezone(UTC)


def _id(_field: Any, value: Any) -> uuid.UUID:
    return uuid_of(value)


def uuid_of(value: Any) -> uuid.UUID:
    try:
        found = uuid.UUID(value)
    except (TypeError, ValueError, AttributeError):
        found = None
    if found is None or str(found) != value:
        raise RefusedValueError(_("has to be an id such as 8b7d0f5e-3c1f-4a55-9a40-6f3f0a3f2b11."))
    return found


_CHECKS: dict[type[Any], Callable[[Any, Any], Any]] = {
    models.CharField: _text,
    models.TextField: _text,
    models.BooleanField: _flag,
    models.PositiveSmallIntegerField: _number,
    models.PositiveIntegerField: _number,
    models.DateTimeField: _instant,  # before DateField, which it is one of
    models.DateField: _date,
    models.UUIDField: _id,
}
