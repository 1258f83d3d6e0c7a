"""One person's archive: a zip of two-weeks.json, which is whole, and of tables to look into."""

import io
import json
import uuid
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time
from typing import Any

from accounts.models import User
from program.archive.kinds import (
    ABOUT,
    COACHING,
    ENTRIES,
    MOMENTS,
    PARTS,
    PEOPLE,
    PROFILE,
    RECEIVED,
    TWO_WEEKS,
    Kind,
)
from program.exports import Cell, csv_text

FORMAT, VERSION = "two-weeks", 1
JSON_NAME = "two-weeks.json"
# More rows than this are put together in the background.
MANY = 2_000

Row = dict[str, Any]
_COUNTED = (
    ENTRIES,
    PEOPLE,
    *(kind for kind in PARTS if kind is not ENTRIES),
    *RECEIVED,
    *COACHING,
    *ABOUT,
)


def is_large(user: User) -> bool:
    """Whether somebody should not wait for it in front of a page."""
    counts = [kind.rows(user).order_by().values("pk")[: MANY + 1] for kind in _COUNTED]
    return counts[0].union(*counts[1:], all=True).count() > MANY


def build(user: User, now: datetime) -> bytes:
    """The zip, in a number of queries that does not depend on what is in it."""
    return zipped(archive_of(user, now), now)


def archive_of(user: User, now: datetime) -> Row:
    """What two-weeks.json holds.

    What comes in or goes while the lists are read may be in one of them and not in another; no row
    then names one that is not there.
    """
    weeks = list(_rows(TWO_WEEKS, user))
    people = [row for _pk, row in _rows(PEOPLE, user)]
    parts = {kind: _by_weeks(kind, user) for kind in (*PARTS, *RECEIVED)}
    for pk, row in weeks:
        for kind in PARTS:
            found = parts[kind].get(pk, [])
            row[kind.key] = (found[0] if found else None) if kind.is_one else found
        row["received"] = {kind.key: parts[kind].get(pk, []) for kind in RECEIVED}
    _drop_dangling([row for _pk, row in weeks], {person["id"] for person in people})
    [profile] = [row for _pk, row in _rows(PROFILE, user)]
    return {
        "format": FORMAT,
        "version": VERSION,
        "exported_at": _plain(now),
        "profile": {
            **profile,
            **{kind.key: [row for _pk, row in _rows(kind, user)] for kind in ABOUT},
        },
        "people": people,
        "two_weeks": [row for _pk, row in weeks],
        "coaching": {kind.key: [row for _pk, row in _rows(kind, user)] for kind in COACHING},
    }


def _by_weeks(kind: Kind, user: User) -> dict[Any, list[Row]]:
    found: dict[Any, list[Row]] = defaultdict(list)
    for weeks, row in _rows(kind, user):
        found[weeks].append(row)
    return found


def _rows(kind: Kind, user: User) -> Iterator[tuple[Any, Row]]:
    """(pk of the two weeks, or of the row that hangs from the person; the row)."""
    linked = {name: _links(kind, field, user) for name, field in kind.links.items()}
    values = kind.rows(user).order_by(*kind.order)
    columns = ("pk", kind.weeks or "pk", *kind.columns.values())
    for pk, weeks, *row in values.values_list(*columns).iterator():
        written = dict(zip(kind.columns, map(_plain, row), strict=True))
        for name, of_row in linked.items():
            written[name] = of_row.get(pk, [])
        yield weeks, written


def _links(kind: Kind, field: str, user: User) -> dict[int, list[str]]:
    """{pk of the row: the ids of what it is linked to, entries or moments}."""
    linked = f"{field}__client_id"
    rows = kind.rows(user).filter(**{f"{linked}__isnull": False})
    found: dict[int, list[str]] = defaultdict(list)
    order = [f"{field}__{column}" for column in ENTRIES.order]
    for pk, client_id in rows.order_by(*order).values_list("pk", linked):
        found[pk].append(str(client_id))
    return found


def _drop_dangling(all_weeks: list[Row], people: set[str]) -> None:
    """Take out what points to a row that is not in the archive, such as one that was removed."""
    ids_of_weeks = {weeks["id"] for weeks in all_weeks}
    for weeks in all_weeks:
        entries = {entry["id"] for entry in weeks[ENTRIES.key]}
        pointers = {"person": people, "source": entries, "carried_into": ids_of_weeks}
        for entry in weeks[ENTRIES.key]:
            entry |= {name: None for name, ids in pointers.items() if entry[name] not in ids}
        for note in weeks["received"]["notes"]:
            note["entry"] = note["entry"] if note["entry"] in entries else None
        moments = {moment["id"] for moment in weeks[MOMENTS.key]}
        for page in weeks["received"]["public_pages"]:
            page["moments"] = [one for one in page["moments"] if one in moments]
        for kind in PARTS:
            for name in kind.links:
                for row in weeks[kind.key]:
                    row[name] = [client_id for client_id in row[name] if client_id in entries]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value) if isinstance(value, uuid.UUID) else value


# --- The zip --------------------------------------------------------------------------------------


def zipped(archive: Row, now: datetime) -> bytes:
    file = io.BytesIO()
    written_at = now.astimezone(UTC).timetuple()[:6]
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as members:
        for name, text in _members(archive):
            info = zipfile.ZipInfo(name, written_at)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            members.writestr(info, text)
    return file.getvalue()


def _members(archive: Row) -> Iterator[tuple[str, str]]:
    yield JSON_NAME, json.dumps(archive, ensure_ascii=False, indent=1)
    for kind in ABOUT:
        rows_of_account = [((), row) for row in archive[PROFILE.key][kind.key]]
        yield _table(f"profile_{kind.key}.csv", kind, rows_of_account)
    yield _table("people.csv", PEOPLE, [((), row) for row in archive[PEOPLE.key]])
    weeks = archive[TWO_WEEKS.key]
    yield _table("two_weeks.csv", TWO_WEEKS, [((), row) for row in weeks])
    for kind in PARTS:
        rows = [((week["id"],), row) for week in weeks for row in _listed(week[kind.key])]
        yield _table(f"{kind.key}.csv", kind, rows, "two_weeks")
    for kind in RECEIVED:
        facts = [((week["id"],), row) for week in weeks for row in week["received"][kind.key]]
        yield _table(f"received_{kind.key}.csv", kind, facts, "two_weeks")
    for kind in COACHING:
        rows_of_coach = [((), row) for row in archive["coaching"][kind.key]]
        yield _table(f"coaching_{kind.key}.csv", kind, rows_of_coach)


def _table(
    name: str, kind: Kind, rows: Iterable[tuple[tuple[str, ...], Row]], *first: str
) -> tuple[str, str]:
    columns = [*kind.columns, *kind.links]
    cells = ([*ids, *(_cell(row[column]) for column in columns)] for ids, row in rows)
    return name, csv_text([*first, *columns], cells)


def _listed(value: Any) -> list[Row]:
    return value if isinstance(value, list) else [value] if value else []


def _cell(value: Any) -> Cell:
    """Empty for nothing, yes or no, the ids of a list with spaces between."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(value) if isinstance(value, list) else value
