import uuid
from typing import Self

from django.db import models

from accounts.models import User
from program.models.enrollments import Enrollment
from program.models.entries import DailyEntry


class BreakthroughQuerySet(models.QuerySet["Breakthrough"]):
    def owned_by(self, user: User) -> Self:
        return self.filter(enrollment__participant=user)

    def of(self, enrollment: Enrollment) -> Self:
        return self.filter(enrollment=enrollment)

    def kept(self) -> Self:
        return self.filter(removed_at__isnull=True)

    def newest_first(self) -> Self:
        return self.order_by("-day", "-created_at", "-pk")


class Breakthrough(models.Model):
    """A moment when something gave: what came before, the moment, what is different since."""

    # The fields a person fills in; one of them is enough.
    WORDS = ("title", "before", "moment", "after")
    TITLE_MAX_LENGTH = 200
    TEXT_MAX_LENGTH = 4000

    enrollment = models.ForeignKey(
        Enrollment, on_delete=models.CASCADE, related_name="breakthroughs"
    )
    client_id = models.UUIDField(default=uuid.uuid4)
    day = models.DateField()
    title = models.CharField(max_length=TITLE_MAX_LENGTH, blank=True)
    before = models.TextField(max_length=TEXT_MAX_LENGTH, blank=True)
    moment = models.TextField(max_length=TEXT_MAX_LENGTH, blank=True)
    after = models.TextField(max_length=TEXT_MAX_LENGTH, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)
    # What led to it.
    entries = models.ManyToManyField(DailyEntry, related_name="breakthroughs", blank=True)

    objects = BreakthroughQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment", "client_id"], name="breakthrough_natural_key"
            ),
        ]

    def __str__(self) -> str:
        return self.title or f"Breakthrough on {self.day}"
