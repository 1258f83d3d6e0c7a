"""What an archive says, value by value: either as it can be stored, or what is wrong with it."""

import uuid
from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any

from django.utils.translation import gettext as _

from program import calendar
from program.archive.kinds import (
    ABOUT,
    ENTRIES,
    GOALS,
    MOMENTS,
    NEEDS,
    PARTS,
    PAUSES,
    PEOPLE,
    PROFILE,
    REFLECTIONS,
    STEPS,
    TWO_WEEKS,
    Kind,
)
from program.archive.reading import ArchiveRefusedError
from program.archive.values import RefusedValueError, field_of, stored_value, uuid_of
from program.curriculum import MAX_ENTRIES_PER_PRACTICE_AND_DAY
from program.models import DailyEntry
from program.models.steps import MARKED_STEPS

HOURS = range(6)  # at which a day may end
# Two taps at the same moment may make one more than the program takes.
MAX_ENTRIES = 2 * MAX_ENTRIES_PER_PRACTICE_AND_DAY
# So many are said at once; whoever mends one by hand reads the rest the next time.
MAX_PROBLEMS = 10
# Not taken over: whose archive it was, and what others said and did.
FACTS = {
    PROFILE: ("email", "date_joined", *(kind.key for kind in ABOUT)),
    TWO_WEEKS: ("received",),
}
REQUEST = DailyEntry.Practice.REQUEST

Row = dict[str, Any]


def checked(archive: Row) -> Row:
    """`profile`, `people` and `two_weeks` of what read() found, with dates, instants and ids in
    place of their texts. Raises ArchiveRefusedError."""
    return _Checker().archive(archive)


class _Checker:
    def __init__(self) -> None:
        self.problems: list[str] = []

    def archive(self, archive: Row) -> Row:
        profile = self._row(PROFILE, archive.get("profile"), "profile")
        people = self._rows(PEOPLE, archive.get("people"), "people")
        weeks = archive.get("two_weeks")
        two_weeks = self._rows(TWO_WEEKS, weeks, "two_weeks")
        for number, row in enumerate(two_weeks):
            where = f"two_weeks[{number}]"
            for kind in PARTS:
                row[kind.key] = self._part(kind, weeks[number].get(kind.key), where)  # type: ignore[index]
        if not self.problems:
            if profile["day_end_hour"] not in HOURS:
                self._note("profile.day_end_hour", _("is out of range."))
            self._hang_together(people, two_weeks)
        self._refuse()
        return {"profile": profile, "people": people, "two_weeks": two_weeks}

    def _part(self, kind: Kind, found: Any, where: str) -> Any:
        where = f"{where}.{kind.key}"
        if not kind.is_one:
            return self._rows(kind, found, where)
        return self._row(kind, found, where) if found is not None else None

    def _rows(self, kind: Kind, found: Any, where: str) -> list[Row]:
        if not isinstance(found, list):
            self._note(where, _("has to be a list."))
            return []
        return [self._row(kind, row, f"{where}[{number}]") for number, row in enumerate(found)]

    def _row(self, kind: Kind, found: Any, where: str) -> Row:
        """The columns of the kind; no other is taken, but for facts and what hangs below."""
        if not isinstance(found, dict):
            self._note(where, _("has to be an object."))
            return {}
        below = [part.key for part in PARTS] if kind is TWO_WEEKS else []
        facts = FACTS.get(kind, ())
        known = {*kind.columns, *kind.links, *facts, *below}
        if unknown := found.keys() - known:
            self._note(f"{where}.{min(unknown)[:40]!a}", _("is nothing that an archive has."))
        columns = [name for name in kind.columns if name not in facts]
        row = {name: self._value(kind, name, found, where) for name in columns}
        for name in kind.links:
            row[name] = self._ids(found.get(name), f"{where}.{name}")
        return row

    def _value(self, kind: Kind, name: str, found: Row, where: str) -> Any:
        try:
            if name not in found:
                if name in kind.newer:
                    return ""
                raise RefusedValueError(_("is missing."))
            column = str(kind.columns[name])
            return stored_value(
                field_of(kind.model, column), found[name], is_pointer="__" in column
            )
        except RefusedValueError as problem:
            self._note(f"{where}.{name}", str(problem))
            return None

    def _ids(self, found: Any, where: str) -> list[uuid.UUID]:
        try:
            if not isinstance(found, list):
                raise RefusedValueError(_("has to be a list."))
            ids = [uuid_of(each) for each in found]
            if len(set(ids)) != len(ids):
                raise RefusedValueError(_("names the same twice."))
        except RefusedValueError as problem:
            self._note(where, str(problem))
            return []
        return ids

    # --- What holds between rows; asked only when each by itself is as it should be --------------

    def _hang_together(self, people: list[Row], two_weeks: list[Row]) -> None:
        self._unique(people, ("id",), "people")
        self._unique(two_weeks, ("id",), "two_weeks")
        if sum(row["ended_at"] is None for row in two_weeks) > 1:
            self._note("two_weeks", _("only one of them can be without ended_at."))
        ids_of_people = {person["id"] for person in people}
        ids_of_weeks = {row["id"] for row in two_weeks}
        for number, row in enumerate(two_weeks):
            where = f"two_weeks[{number}]"
            self._weeks(row, where)
            for position, entry in enumerate(row[ENTRIES.key]):
                here = f"{where}.entries[{position}]"
                self._among(entry["person"], ids_of_people, f"{here}.person")
                self._among(entry["carried_into"], ids_of_weeks, f"{here}.carried_into")
                self._entry(entry, here)

    def _weeks(self, row: Row, where: str) -> None:
        for kind, key in {ENTRIES: "id", NEEDS: "id", MOMENTS: "id"}.items():
            self._unique(row[kind.key], (key,), f"{where}.{kind.key}")
        self._unique(row[REFLECTIONS.key], ("day",), f"{where}.reflections")
        self._unique(row[STEPS.key], ("number",), f"{where}.steps")
        if any(step["number"] not in MARKED_STEPS for step in row[STEPS.key]):
            self._note(f"{where}.steps", _("one has a number that no step has."))
        self._unique(row[PAUSES.key], ("starts_on",), f"{where}.pauses")
        if not row[GOALS.key]:
            self._note(f"{where}.goals", _("has to hold one at least."))
        spans = [(pause["starts_on"], pause["ends_on"]) for pause in row[PAUSES.key]]
        if any(first > last for first, last in spans):
            self._note(f"{where}.pauses", _("one ends before it starts."))
        dates = set(calendar.program_dates(row["starts_on"], spans))
        for key in (ENTRIES.key, REFLECTIONS.key):
            for position, each in enumerate(row[key]):
                if each["day"] not in dates:
                    here = f"{where}.{key}[{position}].day"
                    self._note(here, _("is none of the fourteen days."))
        self._entries(row[ENTRIES.key], f"{where}.entries")
        entries = {entry["id"] for entry in row[ENTRIES.key]}
        for kind in PARTS:
            for name in kind.links:
                for position, each in enumerate(row[kind.key]):
                    for linked in each[name]:
                        self._among(linked, entries, f"{where}.{kind.key}[{position}].{name}")

    def _entries(self, entries: list[Row], where: str) -> None:
        full = Counter((entry["day"], entry["practice"]) for entry in entries)
        if max(full.values(), default=0) > MAX_ENTRIES:
            words = _("one day holds more than %(count)d of one practice.")
            self._note(where, words % {"count": MAX_ENTRIES})
        ids = {entry["id"] for entry in entries}
        turned = [entry for entry in entries if entry["source"]]
        self._unique(turned, ("source", "practice"), where)
        for entry in turned:
            self._among(entry["source"], ids - {entry["id"]}, f"{where}.source")

    def _entry(self, entry: Row, where: str) -> None:
        is_request = entry["practice"] == REQUEST
        if bool(entry["outcome"]) != is_request:
            self._note(f"{where}.outcome", _("is of requests, and of each of them."))
        if not is_request and (entry["size"] or entry["follow_up_on"] or entry["carried_into"]):
            words = _("size, follow_up_on and carried_into are of requests alone.")
            self._note(where, words)

    def _unique(self, rows: Iterable[Row], key: tuple[str, ...], where: str) -> None:
        found = Counter(tuple(row[name] for name in key) for row in rows)
        if max(found.values(), default=0) > 1:
            words = _("two of them have the same %(names)s.")
            self._note(where, words % {"names": ", ".join(key)})

    def _among(self, found: Any, ids: Collection[Any], where: str) -> None:
        if found is not None and found not in ids:
            self._note(where, _("names what is not in the archive."))

    def _note(self, where: str, words: str) -> None:
        self.problems.append(f"{where}: {words}")
        if len(self.problems) >= MAX_PROBLEMS:
            self._refuse()

    def _refuse(self) -> None:
        if self.problems:
            raise ArchiveRefusedError(*self.problems)
