"""An archive back into an account that has begun nothing: all of it, or none."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from django.db import DataError, IntegrityError, models, transaction
from django.utils.translation import gettext as _

from accounts import time_zones
from accounts.models import User
from program.archive.checking import checked
from program.archive.kinds import (
    ENTRIES,
    MOMENTS,
    PARTS,
    PEOPLE,
    REFLECTIONS,
    TWO_WEEKS,
    Kind,
)
from program.archive.reading import ArchiveRefusedError, read
from program.curriculum import MAX_ENTRIES_PER_PRACTICE_AND_DAY
from program.models import DailyEntry, Enrollment, Import, Person

# Rows that one statement writes, so that none takes longer than a page may wait.
BATCH = 5_000
# Of a day's stones of one practice; entries that were removed have used some up.
NUMBERS = range(1, 3 * MAX_ENTRIES_PER_PRACTICE_AND_DAY + 1)

Row = dict[str, Any]


class NotFreshError(Exception):
    """The account holds something of its own, which an import would mix with."""


def is_fresh(user: User) -> bool:
    """Whether they have neither begun two weeks nor put anybody on their list."""
    weeks = Enrollment.objects.owned_by(user).exists()
    return not weeks and not Person.objects.owned_by(user).exists()


@dataclass(frozen=True)
class Archive:
    """One that was found whole."""

    profile: Row
    people: list[Row]
    two_weeks: list[Row]

    @classmethod
    def of(cls, content: bytes) -> Self:
        """Raises ArchiveRefusedError."""
        return cls(**checked(read(content)))

    def counts(self) -> dict[str, int]:
        """How many of each list there are, by its key."""
        of_parts = {
            kind.key: sum(len(row[kind.key]) for row in self.two_weeks)
            for kind in (ENTRIES, REFLECTIONS, MOMENTS)
        }
        here = [person for person in self.people if person["removed_at"] is None]
        return {TWO_WEEKS.key: len(self.two_weeks), PEOPLE.key: len(here), **of_parts}

    def rehearse(self, user: User) -> None:
        """Restore it and take that back, to know that the database takes all of it.

        Raises what restore() raises.
        """
        with transaction.atomic():
            self.restore(user)
            transaction.set_rollback(True)

    def restore(self, user: User) -> None:
        """Raises NotFreshError, or ArchiveRefusedError where a rule of the database is broken."""
        try:
            with transaction.atomic():
                # Of two taps the second waits, and finds that it is done.
                if not is_fresh(User.objects.select_for_update(no_key=True).get(pk=user.pk)):
                    raise NotFreshError
                _Restoring(user, self).run()
        except (IntegrityError, DataError) as error:
            raise ArchiveRefusedError(
                _("What the archive says contradicts itself, so nothing of it was restored.")
            ) from error


def restore_kept(stored: Import) -> None:
    """Restore one that was handed in, and let go of it; raises what Archive.restore() raises."""
    with transaction.atomic():
        Archive.of(bytes(stored.content)).restore(stored.user)
        stored.delete()


class _Restoring:
    """One run. Rows get new keys and two weeks new ids, so that no row of anybody is touched."""

    def __init__(self, user: User, archive: Archive) -> None:
        self.user = user
        self.archive = archive
        self.people: dict[uuid.UUID, Person] = {}
        self.weeks: dict[uuid.UUID, Enrollment] = {}
        # By the ids, in the archive, of the two weeks and of the entry.
        self.entries: dict[tuple[uuid.UUID, uuid.UUID], DailyEntry] = {}

    def run(self) -> None:
        self._restore_profile()
        people = [Person(user=self.user, **_columns(PEOPLE, row)) for row in self.archive.people]
        Person.objects.bulk_create(people, batch_size=BATCH)
        self.people = {person.client_id: person for person in people}
        for row in self.archive.two_weeks:
            columns = {**_columns(TWO_WEEKS, row), "public_id": uuid.uuid4()}
            self.weeks[row["id"]] = Enrollment(participant=self.user, **columns)
        Enrollment.objects.bulk_create(self.weeks.values(), batch_size=BATCH)
        self._restore_entries()
        for kind in PARTS:
            if kind is not ENTRIES:
                self._restore_part(kind)

    def _restore_profile(self) -> None:
        """What they are called and live by; the address and the way in are the account's own."""
        profile = {**self.archive.profile}
        if not time_zones.is_known(profile["time_zone"]):
            del profile["time_zone"]
        if not profile["display_name"]:
            del profile["display_name"]
        for name, value in profile.items():
            setattr(self.user, name, value)
        self.user.save(update_fields=profile)

    def _restore_entries(self) -> None:
        turned: list[DailyEntry] = []
        for row in self.archive.two_weeks:
            weeks, ids = self.weeks[row["id"]], _StoneIds(row["id"], self.weeks[row["id"]])
            for each in row[ENTRIES.key]:
                columns = {**_columns(ENTRIES, each), "client_id": ids.new(each)}
                entry = DailyEntry(enrollment=weeks, **columns)
                entry.person = self.people.get(each["person"])
                entry.carried_into = self.weeks.get(each["carried_into"])
                self.entries[row["id"], each["id"]] = entry
        DailyEntry.objects.bulk_create(self.entries.values(), batch_size=BATCH)
        for row in self.archive.two_weeks:
            for each in row[ENTRIES.key]:
                if each["source"]:
                    entry = self.entries[row["id"], each["id"]]
                    entry.source = self.entries[row["id"], each["source"]]
                    turned.append(entry)
        DailyEntry.objects.bulk_update(turned, ["source"], batch_size=BATCH)

    def _restore_part(self, kind: Kind) -> None:
        """The rows of this kind, and which entries hang from them."""
        rows: list[tuple[models.Model, uuid.UUID, Row]] = []
        for weeks in self.archive.two_weeks:
            found = weeks[kind.key]
            for each in [found] if isinstance(found, dict) else found or []:
                columns = _columns(kind, each)
                made = kind.model(enrollment=self.weeks[weeks["id"]], **columns)
                rows.append((made, weeks["id"], each))
        kind.model._default_manager.bulk_create([made for made, _, _ in rows], batch_size=BATCH)
        for name, field in kind.links.items():
            through: Any = getattr(kind.model, field).through
            its_own, of_entry = kind.model._meta.model_name, DailyEntry._meta.model_name
            links = [
                through(**{f"{its_own}": made, f"{of_entry}": self.entries[weeks_id, linked]})
                for made, weeks_id, row in rows
                for linked in row[name]
            ]
            through._default_manager.bulk_create(links, batch_size=BATCH)


class _StoneIds:
    """The ids of entries in two weeks that have a new one: a stone's follows from it."""

    def __init__(self, old: uuid.UUID, new: Enrollment) -> None:
        self.old, self.weeks = Enrollment(public_id=old), new
        self.numbered: dict[uuid.UUID, uuid.UUID] = {}
        self.days: set[tuple[date, str]] = set()

    def new(self, entry: Row) -> uuid.UUID:
        """An entry that is no numbered stone of its day keeps its id."""
        day, practice = entry["day"], entry["practice"]
        if (day, practice) not in self.days:
            self.days.add((day, practice))
            for number in NUMBERS:
                old = self.old.stone_id(day, practice, number)
                self.numbered[old] = self.weeks.stone_id(day, practice, number)
        old_id: uuid.UUID = entry["id"]
        return self.numbered.get(old_id, old_id)


def _columns(kind: Kind, row: Row) -> Row:
    """What is the row's own, by the names of the model; pointers to others are left out."""
    named = {str(column): row[name] for name, column in kind.columns.items() if name in row}
    return {column: value for column, value in named.items() if "__" not in column}
