from django.conf import settings
from django.db import models

DAYS = 14


class Day(models.Model):
    """One of somebody's fourteen."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    number = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=100)

    def __str__(self) -> str:
        return f"Day {self.number}"
