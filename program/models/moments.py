import uuid
from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Self

from django.db import models, transaction
from django.db.models import Prefetch, Q

from accounts.models import User
from program import calendar
from program.models.enrollments import Enrollment
from program.models.entries import DailyEntry
from program.models.scopes import WITH_MOMENTS, seen_by


class BreakthroughConflictError(Exception):
    """The moment was rewritten since it was shown, most likely in another tab."""

    def __init__(self, stored: "Breakthrough") -> None:
        super().__init__()
        self.stored = stored


class BreakthroughRemovedError(Exception):
    """The moment was removed before; a late resend does not bring it back."""


class BreakthroughQuerySet(models.QuerySet["Breakthrough"]):
    def owned_by(self, user: User) -> Self:
        return self.filter(enrollment__participant=user)

    def coached_by(self, user: User) -> Self:
        return self.filter(seen_by(user, WITH_MOMENTS, "enrollment__"))

    def of(self, enrollment: Enrollment) -> Self:
        return self.filter(enrollment=enrollment)

    def kept(self) -> Self:
        return self.filter(removed_at__isnull=True)

    def newest_first(self) -> Self:
        return self.order_by("-day", "-created_at", "-pk")

    def with_causes(self) -> Self:
        """Prefetch `causes`, the entries that led to it and are not removed, as they came."""
        entries = DailyEntry.objects.filter(removed_at__isnull=True)
        entries = entries.order_by("day", "created_at", "pk")
        return self.prefetch_related(Prefetch("entries", entries, to_attr="causes"))


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

    causes: list[DailyEntry]  # by with_causes()
    is_chosen: bool  # for the public page, by the form of it

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment", "client_id"], name="breakthrough_natural_key"
            ),
        ]

    def __str__(self) -> str:
        return self.title or f"Breakthrough on {self.day}"

    @classmethod
    def catch(
        cls, *, enrollment: Enrollment, client_id: uuid.UUID, day: date, now: datetime, **words: str
    ) -> "Breakthrough":
        """Keep a moment in `words` (WORDS); the same form sent twice is one moment.

        Raises BreakthroughRemovedError, or BreakthroughConflictError where the moment of that id
        says something else, and writes nothing then.
        """
        caught, is_new = cls.objects.get_or_create(
            enrollment=enrollment,
            client_id=client_id,
            defaults={"day": day, "created_at": now, **words},
        )
        if caught.removed_at:
            raise BreakthroughRemovedError
        if not is_new and not caught.says(day=day, **words):
            raise BreakthroughConflictError(caught)
        return caught

    def says(self, **fields: object) -> bool:
        return all(getattr(self, name) == value for name, value in fields.items())

    @property
    def is_complete(self) -> bool:
        return all(getattr(self, name) for name in self.WORDS)

    def may_have_led_to_it(
        self, day: date, ticked: Iterable[uuid.UUID]
    ) -> "models.QuerySet[DailyEntry]":
        """The entries with words of `day` and the two days before, and all that are ticked."""
        earliest = calendar.day_before(calendar.day_before(day))
        has_words = ~Q(line="", answer="")
        offered = Q(day__range=(earliest, day)) & has_words | Q(client_id__in=list(ticked))
        entries = DailyEntry.objects.of(self.enrollment).filter(offered, removed_at__isnull=True)
        return entries.order_by("-day", "created_at", "pk")

    def rewrite(
        self, *, day: date, entries: Collection[DailyEntry], based_on: int, **words: str
    ) -> None:
        """Make the moment what it should be; what changes nothing makes no new version.

        Raises BreakthroughRemovedError, or BreakthroughConflictError when the stored version is
        not `based_on` and says something else, and writes nothing then.
        """
        with transaction.atomic():
            # The lock makes two tabs take turns.
            stored = type(self).objects.select_for_update().get(pk=self.pk)
            if stored.removed_at:
                raise BreakthroughRemovedError
            linked = list(stored.entries.order_by("pk"))
            # An entry that is removed was not on the page; it comes back with its Undo.
            wanted = {*entries, *(entry for entry in linked if entry.removed_at)}
            if stored.says(day=day, **words) and wanted == set(linked):
                return
            if stored.version != based_on:
                raise BreakthroughConflictError(stored)
            for name, value in {"day": day, "version": based_on + 1, **words}.items():
                setattr(stored, name, value)
            stored.save(update_fields=["day", "version", *words])
            stored.entries.set(wanted)

    def remove(self, now: datetime) -> None:
        self.removed_at = now
        self.save(update_fields=["removed_at"])

    def restore(self) -> None:
        self.removed_at = None
        self.save(update_fields=["removed_at"])
