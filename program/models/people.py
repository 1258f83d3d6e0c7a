import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import JSONObject, Lower

from accounts.models import User
from program import names
from program.models.enrollments import Enrollment
from program.models.entries import DailyEntry
from program.models.refusals import EntryRemovedError
from program.models.worded import Worded


class NameTakenError(Exception):
    """The list holds somebody of that name already."""

    def __init__(self, person: "Person") -> None:
        super().__init__()
        self.person = person


@dataclass(frozen=True)
class Told:
    """The first share that told somebody."""

    day: date
    enrollment_id: int
    client_id: uuid.UUID


class PersonQuerySet(models.QuerySet["Person"]):
    def owned_by(self, user: User) -> Self:
        return self.filter(user=user)

    def kept(self) -> Self:
        return self.filter(removed_at__isnull=True)

    def by_name(self) -> Self:
        return self.order_by(Lower("name"), "pk")

    def by_role(self) -> Self:
        """Evangelists first, then advisors, supporters and everybody else, each by name."""
        roles = [F(role).desc() for role in Person.ROLES]
        return self.order_by(*roles, Lower("name"), "pk")

    def names(self) -> list[tuple[int, str]]:
        """(pk, name) of everybody kept, by name: what program.names and a <datalist> take."""
        return list(self.kept().by_name().values_list("pk", "name"))

    def as_names(self) -> "models.QuerySet[Person, dict[str, object]]":
        """The same within another query: ArraySubquery(Person.objects.of(OuterRef(…)).as_names())
        gives a list of {"pk": …, "name": …}."""
        return self.kept().by_name().values(named=JSONObject(pk="pk", name="name"))

    def of(self, participant: models.OuterRef) -> Self:
        return self.filter(user=participant)


class Person(Worded):
    """Somebody in a participant's list; it outlives one goal, so it hangs from the user.

    Whether they were told is not stored: it follows from the shares that name them.
    """

    ROLES = ("is_evangelist", "is_advisor", "is_supporter")
    WORDS = ("name", "note", *ROLES)
    NAME_MAX_LENGTH = 100
    NOTE_MAX_LENGTH = 500

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="people")
    # Made by the page, so that a form sent twice is one person.
    client_id = models.UUIDField(default=uuid.uuid4)
    name = models.CharField(max_length=NAME_MAX_LENGTH)
    note = models.CharField(max_length=NOTE_MAX_LENGTH, blank=True)
    is_evangelist = models.BooleanField(default=False)
    is_advisor = models.BooleanField(default=False)
    is_supporter = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = PersonQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "client_id"], name="person_natural_key"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def initial(self) -> str:
        """The letter, or whatever the name begins with, for the round mark beside it."""
        return self.name[:1].upper()

    def add(self, now: datetime) -> "Person":
        """Put them on the list; sent a second time it is the same person, removed or not.

        Raises NameTakenError.
        """
        with self._list_to_oneself() as others:
            for other in others:
                if other.client_id == self.client_id:
                    return other
            self._check_name(others)
            self.created_at = now
            self.save()
        return self

    def rewrite(self, words: "Person", *, based_on: str) -> None:
        """Raises WordsConflictError, with the stored words in self by then, or NameTakenError."""
        with self._list_to_oneself() as others:
            self.refresh_from_db(fields=self.WORDS)
            if self.take_words(words, based_on=based_on):
                self._check_name(others)
                self.save(update_fields=self.WORDS)

    def remove(self, now: datetime) -> None:
        self.removed_at = now
        self.save(update_fields=["removed_at"])

    def restore(self) -> None:
        """Raises NameTakenError when another of that name came meanwhile."""
        with self._list_to_oneself() as others:
            self._check_name(others)
            self.removed_at = None
            self.save(update_fields=["removed_at"])

    def start(
        self,
        practice: str,
        *,
        enrollment: Enrollment,
        client_id: uuid.UUID,
        day: date,
        now: datetime,
    ) -> DailyEntry:
        """A share or request with their name as its words, still without a stone.

        Started a second time it is the same entry, whatever its line says by then. Raises what
        save_entry raises.
        """
        with transaction.atomic():
            rows = DailyEntry.objects.of(enrollment).filter(client_id=client_id, practice=practice)
            entry = rows.first()
            if entry is None:
                entry = DailyEntry.objects.save_entry(
                    enrollment=enrollment,
                    client_id=client_id,
                    day=day,
                    practice=practice,
                    placed=None,
                    line=self.name,
                    now=now,
                )
                entry.person = self
                entry.save(update_fields=["person"])
        if entry.removed_at:
            raise EntryRemovedError
        return entry

    @contextmanager
    def _list_to_oneself(self) -> "Iterator[list[Person]]":
        """Everybody of the list, removed or not; whoever else changes it waits its turn."""
        with transaction.atomic():
            User.objects.select_for_update(no_key=True).get(pk=self.user_id)
            yield list(Person.objects.owned_by(self.user))

    def _check_name(self, others: "list[Person]") -> None:
        for other in others:
            if other.pk == self.pk or other.removed_at:
                continue
            if names.same_name(other.name, self.name):
                raise NameTakenError(other)


def first_told(user: User, named: list[tuple[int, str]]) -> dict[int, Told]:
    """By pk of `named`, (pk, name), the first placed share that is about them or names them.

    The shares of all their two weeks, in one query.
    """
    shares = (
        DailyEntry.objects.owned_by(user)
        .placed()
        .filter(Q(line__gt="") | Q(person__isnull=False), practice=DailyEntry.Practice.SHARE)
        .order_by("day", "created_at", "pk")
        .values_list("line", "person_id", "day", "enrollment_id", "client_id")
    )
    finder = names.NameFinder(named)
    told: dict[int, Told] = {}
    for line, person_id, day, enrollment_id, client_id in shares.iterator():
        for pk in {person_id, *finder.in_line(line)} - {None}:
            told.setdefault(pk, Told(day, enrollment_id, client_id))
    return told
