from datetime import date, datetime
from typing import Self

from django.db import models
from django.db.models.functions import Left

from accounts.models import User
from program.models.enrollments import Enrollment
from program.models.scopes import WITH_ENTRIES, seen_by
from program.models.versioned import save_version


class ReflectionQuerySet(models.QuerySet["Reflection"]):
    def owned_by(self, user: User) -> Self:
        return self.filter(enrollment__participant=user)

    def coached_by(self, user: User) -> Self:
        return self.filter(seen_by(user, WITH_ENTRIES, "enrollment__"), is_private=False)

    def of(self, enrollment: Enrollment) -> Self:
        return self.filter(enrollment=enrollment)

    def on(self, day: date) -> Self:
        return self.filter(day=day)

    def with_words(self) -> Self:
        return self.exclude(text__regex=r"^\s*$")

    def keep_private(self, is_private: bool) -> None:
        self.update(is_private=is_private)

    def newest_first(self) -> Self:
        return self.order_by("-day", "-updated_at", "-pk")

    def first_lines(self) -> dict[date, str]:
        """The first line of each day that has words; it is cut where nobody reads on."""
        rows = self.order_by("day").values_list("day", Left("text", 500))
        return {day: text.strip().splitlines()[0] for day, text in rows if text.strip()}

    def save_text(
        self, *, enrollment: Enrollment, day: date, text: str, based_on: int, now: datetime
    ) -> "Reflection":
        """Store `text` as the version after `based_on` (0: there was none).

        Raises TextConflictError with what is stored when that is neither `based_on` nor
        this text.
        """
        saved: Reflection = save_version(
            self, text, based_on=based_on, now=now, enrollment=enrollment, day=day
        )
        return saved


class Reflection(models.Model):
    TEXT_MAX_LENGTH = 10_000

    enrollment = models.ForeignKey(Enrollment, on_delete=models.CASCADE, related_name="reflections")
    day = models.DateField()
    text = models.TextField(max_length=TEXT_MAX_LENGTH, blank=True)
    version = models.PositiveIntegerField()
    # No coach reads it, whatever was granted.
    is_private = models.BooleanField(default=False, db_default=False)
    updated_at = models.DateTimeField()

    objects = ReflectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrollment", "day"], name="reflection_one_a_day"),
        ]

    def __str__(self) -> str:
        return f"Reflection on {self.day}"
