"""What whoever runs the site took away, who did and who put it back. One stands at a time."""

from typing import Self

from django.db import models

from accounts.models import User


class TakedownQuerySet[Of: models.Model](models.QuerySet[Of]):
    def standing(self) -> Self:
        return self.filter(restored_at__isnull=True)


class Takedown(models.Model):
    """A row stays after the thing is back: it is the log."""

    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    restored_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    restored_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
