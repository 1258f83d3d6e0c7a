"""Archives that were handed in, until their owner says yes."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models

from accounts.models import User

LIFETIME = timedelta(hours=1)


class ImportQuerySet(models.QuerySet["Import"]):
    def owned_by(self, user: User) -> Self:
        return self.filter(user=user)

    def standing(self, now: datetime) -> Self:
        return self.filter(expires_at__gt=now)

    def over(self, now: datetime) -> Self:
        return self.filter(expires_at__lte=now)

    def keep(self, *, user: User, content: bytes, now: datetime) -> "Import":
        """The newest one handed in; the one before it goes."""
        kept = {"content": content, "created_at": now, "expires_at": now + LIFETIME}
        return self.update_or_create(user=user, defaults=kept)[0]


class Import(models.Model):
    """An archive that was read and found whole, and waits for an hour to be restored."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="import_of_archive")
    content = models.BinaryField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    objects = ImportQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Import of {self.user}"
