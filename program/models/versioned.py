"""Text that is saved as a version after another one, so that two tabs never overwrite silently."""

from datetime import datetime
from typing import Any

from django.db import models, transaction


class TextConflictError(Exception):
    """The text was saved meanwhile, most likely by the same person in another tab."""

    def __init__(self, stored: Any) -> None:
        super().__init__()
        self.stored = stored


def save_version(
    rows: "models.QuerySet[Any]", text: str, *, based_on: int, now: datetime, **key: Any
) -> Any:
    """Store `text` in the row of `key` as the version after `based_on` (0: there was none).

    Raises TextConflictError with what is stored when that is neither `based_on` nor this text.
    """
    with transaction.atomic():
        stored, created = rows.select_for_update().get_or_create(
            **key, defaults={"text": text, "version": 1, "updated_at": now}
        )
        if created or stored.text == text:
            return stored
        if stored.version != based_on:
            raise TextConflictError(stored)
        stored.text, stored.version, stored.updated_at = text, based_on + 1, now
        stored.save(update_fields=["text", "version", "updated_at"])
    return stored
