"""Entries: each one share, act or request that a person put down on a day."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Self

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models, transaction
from django.db.models import OuterRef, Q
from django.db.models.functions import JSONObject
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from breakthrough.built_once import STAND_IN, BuiltOnce, first_row
from program.curriculum import (
    MAX_ENTRIES_PER_PRACTICE_AND_DAY,
    PRACTICES,
)
from program.models.enrollments import Enrollment
from program.models.refusals import (
    EntryMismatchError,
    EntryRefusedError,
    EntryRemovedError,
    TooManyEntriesError,
)
from program.models.requests import RequestQuerySet
from program.models.scopes import WITH_ENTRIES, seen_by
from program.models.stones import filled_up

_SAVE_ENTRY = Path(__file__).with_name("save_entry.sql").read_text()


class DailyEntryQuerySet(RequestQuerySet):
    def owned_by(self, user: User) -> Self:
        return self.filter(enrollment__participant=user)

    def coached_by(self, user: User) -> Self:
        """Those whose words a standing consent shows to this coach; never a private one."""
        return self.filter(seen_by(user, WITH_ENTRIES, "enrollment__"), is_private=False)

    def of(self, enrollment: Enrollment) -> Self:
        return self.filter(enrollment=enrollment)

    def on(self, day: date) -> Self:
        return self.filter(day=day)

    def with_words(self) -> Self:
        return self.filter(Q(line__gt="") | Q(answer__gt=""), removed_at__isnull=True)

    def in_order(self) -> Self:
        return self.order_by("created_at", "pk")

    def in_day_order(self) -> Self:
        return self.order_by("day", "created_at", "pk")

    def kept(self) -> Self:
        """Those that say something and were not removed."""
        said = Q(placed_at__isnull=False) | Q(line__gt="") | Q(answer__gt="")
        return self.filter(said, removed_at__isnull=True)

    def keep_private(
        self, private: Iterable["DailyEntry"], *, among: Iterable["DailyEntry"]
    ) -> None:
        """Of those `among` which somebody chose: what is in `private` no coach reads, the rest may
        be read as far as was granted.
        """
        kept = {entry.pk for entry in private}
        with transaction.atomic():
            self.filter(pk__in=kept).update(is_private=True)
            self.filter(pk__in={entry.pk for entry in among} - kept).update(is_private=False)

    def first_lines(self) -> dict[date, str]:
        """The first words put down on each day; a day without any is absent."""
        rows = self.filter(removed_at__isnull=True, line__gt="").distinct("day")
        return dict(rows.order_by("day", "created_at", "pk").values_list("day", "line"))

    def places(self, enrollment: Enrollment, day: date) -> dict[str, list["DailyEntry"]]:
        """The day's entries by practice, filled up to two each with unsaved ones still open.

        An open place carries the id its entry will have: the first of the day's numbered ids that
        no row uses, removed rows included, so that a removed one is never brought back. Entries
        keep the place they were made in.
        """
        rows: dict[str, list[DailyEntry]] = defaultdict(list)
        for entry in _OF_DAY.objects(weeks=enrollment.pk, day=day):
            rows[entry.practice].append(entry)
        return {
            practice.key: filled_up(rows[practice.key], enrollment, day, practice.key)
            for practice in PRACTICES
        }

    def with_turned(self) -> Self:
        """Annotate `turned`: {"id", "practice", "day"} of what the answer was turned into."""
        made = DailyEntry.objects.filter(source=OuterRef("pk"), removed_at__isnull=True)
        turned = JSONObject(id="client_id", practice="practice", day="day")
        return self.annotate(turned=ArraySubquery(made.order_by("pk").values(turned=turned)))

    def save_entry(
        self,
        *,
        enrollment: Enrollment,
        client_id: uuid.UUID,
        day: date,
        practice: str,
        placed: bool | None,
        line: str | None,
        outcome: str | None = None,
        answer: str | None = None,
        now: datetime,
    ) -> "DailyEntry":
        """Make the entry what it should be and return it; a repeat changes nothing.

        `placed`, `line`, `outcome` and `answer` of None leave what is stored. One statement, so a
        double tap, two tabs and two devices end in one row, and a row that was removed stays so.

        Raises EntryRemovedError, TooManyEntriesError or EntryMismatchError and writes nothing then.
        """
        values = {
            "enrollment": enrollment.pk,
            "client_id": client_id,
            "practice": practice,
            "day": day,
            "placed": placed,
            "line": line,
            "answer": answer,
            "outcome": outcome if practice == DailyEntry.Practice.REQUEST else None,
            "is_request": practice == DailyEntry.Practice.REQUEST,
            "now": now,
            "max": MAX_ENTRIES_PER_PRACTICE_AND_DAY,
        }
        if entry := first_row(self.model, _SAVE_ENTRY, values):
            return entry
        raise self._why_not_saved(enrollment, client_id)

    def _why_not_saved(self, enrollment: Enrollment, client_id: uuid.UUID) -> EntryRefusedError:
        existing = self.of(enrollment).filter(client_id=client_id).first()
        if existing is None:
            return TooManyEntriesError()
        if existing.removed_at:
            return EntryRemovedError()
        return EntryMismatchError()


class DailyEntry(models.Model):
    class Practice(models.TextChoices):
        SHARE = "share", _("Share")
        ACT = "act", _("Act")
        REQUEST = "request", _("Request")

    class Outcome(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        GRANTED = "granted", _("Yes")
        DECLINED = "declined", _("No")
        COUNTERED = "countered", _("Counter-offer")
        UNANSWERED = "unanswered", _("No answer")

    class Size(models.TextChoices):
        EASY = "easy", _("Easy")
        STRETCH = "stretch", _("Stretch")
        UNREASONABLE = "unreasonable", _("Unreasonable")

    LINE_MAX_LENGTH = 500

    enrollment = models.ForeignKey(Enrollment, on_delete=models.CASCADE, related_name="entries")
    # Made by the page or the device before the entry exists; with the enrollment the natural key.
    client_id = models.UUIDField()
    practice = models.CharField(max_length=7, choices=Practice)
    day = models.DateField()
    line = models.CharField(max_length=LINE_MAX_LENGTH, blank=True, default="")
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True, default="")
    # What came back, in words: said, offered or suggested.
    answer = models.CharField(max_length=LINE_MAX_LENGTH, blank=True, default="")
    # Of a request: how much it asks (empty until said), and when to ask again.
    size = models.CharField(max_length=12, choices=Size, blank=True, db_default="")
    follow_up_on = models.DateField(null=True, blank=True)
    # Whom it is about where that was said; names in the line speak for themselves.
    person = models.ForeignKey(
        "program.Person", null=True, blank=True, on_delete=models.SET_NULL, related_name="entries"
    )
    # The later two weeks whose ledger holds this request too, because it was still waiting.
    carried_into = models.ForeignKey(
        Enrollment, null=True, blank=True, on_delete=models.SET_NULL, related_name="carried_entries"
    )
    # No coach reads its words, whatever was granted; it still counts.
    is_private = models.BooleanField(default=False, db_default=False)
    # The share whose answer this action or request was made of.
    source = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="turned_into"
    )
    # Null: words without a stone, which count nowhere.
    placed_at = models.DateTimeField(null=True, blank=True)
    # A removed row stays for a while as its own tombstone.
    removed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = DailyEntryQuerySet.as_manager()

    turned: Sequence[dict[str, str]] = ()  # by with_turned()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrollment", "client_id"], name="entry_natural_key"),
            models.CheckConstraint(
                condition=Q(practice__in=["share", "act", "request"]), name="entry_practice_known"
            ),
            models.CheckConstraint(
                condition=Q(practice="request", outcome__gt="")
                | (~Q(practice="request") & Q(outcome="")),
                name="entry_outcome_on_requests_only",
            ),
            models.CheckConstraint(
                condition=Q(practice="request") | Q(size="", follow_up_on__isnull=True),
                name="entry_size_and_follow_up_on_requests_only",
            ),
            models.CheckConstraint(
                condition=Q(size__in=["", "easy", "stretch", "unreasonable"]),
                name="entry_size_known",
            ),
            # A double tap on "Make it an action" is one action.
            models.UniqueConstraint(fields=["source", "practice"], name="entry_one_of_each_source"),
        ]
        indexes = [models.Index(fields=["enrollment", "day"], name="entry_of_day")]

    def __str__(self) -> str:
        return f"{self.get_practice_display()} on {self.day}"

    @property
    def is_placed(self) -> bool:
        return self.placed_at is not None

    @property
    def says_something(self) -> bool:
        return bool(self.is_placed or self.line or self.answer)

    def turn_into(self, practice: str, *, day: date, now: datetime) -> "DailyEntry":
        """The answer as words of an action or request on `day`, still without a stone.

        It is an entry of its own, never an open place: somebody may be typing there. Turned a
        second time it is the same entry. Raises what save_entry raises.
        """
        with transaction.atomic():
            # One at a time, so that a double tap finds what the first tap made.
            Enrollment.objects.select_for_update().get(pk=self.enrollment_id)
            made = self.turned_into.filter(practice=practice)
            existing = made.filter(removed_at__isnull=True).first()
            if existing and existing.says_something:
                return existing
            entry = DailyEntry.objects.save_entry(
                enrollment=self.enrollment,
                client_id=uuid.uuid5(self.client_id, f"{practice}/{now.isoformat()}"),
                day=day,
                practice=practice,
                placed=None,
                line=self.answer,
                now=now,
            )
            made.update(source=None)
            entry.source = self
            entry.save(update_fields=["source"])
        return entry

    def remove(self, now: datetime) -> None:
        self.removed_at = now
        self.save(update_fields=["removed_at"])

    def restore(self) -> None:
        """Raises TooManyEntriesError when the day is full by now."""
        rows = DailyEntry.objects.filter(
            enrollment_id=self.enrollment_id, day=self.day, practice=self.practice
        )
        if rows.filter(removed_at__isnull=True).count() >= MAX_ENTRIES_PER_PRACTICE_AND_DAY:
            raise TooManyEntriesError
        self.removed_at = None
        self.save(update_fields=["removed_at"])


_OF_DAY = BuiltOnce(
    lambda weeks, day: DailyEntry.objects.of(Enrollment(pk=weeks)).on(day).with_turned().in_order(),
    weeks=STAND_IN,
    day=date(1, 1, 1),
)
