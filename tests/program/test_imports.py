"""An archive back into an account: the same as before, or nothing and the reason why."""

import copy
import io
import json
import random
import time
import uuid
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.models import User
from program.archive import reading
from program.archive.reading import MAX_MEMBERS, MAX_ZIP_BYTES, ArchiveRefusedError
from program.archive.restoring import Archive, NotFreshError
from program.archive.writing import JSON_NAME, archive_of, build
from program.models import Consent, DailyEntry, Enrollment, Finish, Import, Person
from program.models.imports import LIFETIME
from tests.addresses import fingerprint
from tests.archives import hand_in, make_whole, without_facts, zip_of, zip_with
from tests.factories import NOON, make_enrollment, make_entry, make_person, make_user
from tests.posting import is_our_page, text_of
from tests.program.test_exports import fill
from tests.test_queries import queries

Rows = dict[str, Any]
Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def erin_client(erin: User, noon: time_machine.Traveller) -> Client:
    client = Client()
    client.force_login(erin)
    return client


@pytest.fixture
def archive(alice: User, carol: User) -> dict[str, Any]:
    """Of two weeks with a row of every kind."""
    make_whole(alice, coach=carol)
    return archive_of(alice, NOON)


# --- The way there and back -----------------------------------------------------------------------


def test_import_brings_back_what_was_exported(
    erin_client: Client, alice: User, erin: User, archive: dict[str, Any]
) -> None:
    handed_in = hand_in(erin_client, build(alice, NOON))

    assert handed_in["Location"] == "/settings/import/preview/"
    assert not Enrollment.objects.owned_by(erin).exists()
    preview = text_of(erin_client.get("/settings/import/preview/"))
    assert "Alice opens a door" in preview
    assert "consent is given by you" in preview

    restored = erin_client.post("/settings/import/restore/", follow=True)

    assert restored.redirect_chain == [("/today/", 302)]
    assert "It is all back." in text_of(restored)
    assert without_facts(erin) == without_facts(alice)
    assert not Import.objects.exists()
    assert "Data was brought in from a file" in text_of(erin_client.get("/settings/access/"))


def test_import_reads_twenty_files_an_hour(erin_client: Client) -> None:
    statuses = [hand_in(erin_client, b"no zip").status_code for _try in range(20)]

    refused = hand_in(erin_client, b"no zip")

    assert statuses == [422] * 20
    assert refused.status_code == 429
    assert is_our_page(refused)


def test_import_takes_an_archive_from_before_the_later_questions(
    alice: User, erin: User, archive: dict[str, Any]
) -> None:
    finish = next(weeks["finish"] for weeks in archive["two_weeks"] if weeks["finish"])
    for name in Finish.LATER_WORDS:
        del finish[name]

    Archive.of(zip_of(archive)).restore(erin)

    restored = Finish.objects.owned_by(erin).get()
    assert restored.gave_way == finish["gave_way"]
    assert restored.later_words() == ["", ""]


def test_import_restores_no_consent_and_nothing_of_the_coach(
    alice: User, erin: User, carol: User, archive: dict[str, Any]
) -> None:
    Archive.of(zip_of(archive)).restore(erin)

    assert not Consent.objects.owned_by(erin).exists()
    assert not Enrollment.objects.coached_by(carol).filter(participant=erin).exists()
    received = [weeks["received"] for weeks in archive_of(erin, NOON)["two_weeks"]]
    assert not any(rows for each in received for rows in each.values())


def test_import_gives_stones_the_place_they_had(
    alice: User, erin: User, enrollment: Enrollment
) -> None:
    day = date(2027, 3, 16)
    second = make_entry(enrollment=enrollment, place=2, line="The second")
    extra = DailyEntry.objects.save_entry(
        enrollment=enrollment, client_id=uuid.uuid4(), day=day, practice="act", placed=True,
        line="One more", now=NOON,
    )  # fmt: skip

    Archive.of(build(alice, NOON)).restore(erin)

    restored = Enrollment.objects.owned_by(erin).get()
    places = DailyEntry.objects.places(restored, day)
    assert [place.line for place in places["share"]] == ["", "The second"]
    assert places["share"][1].client_id == restored.stone_id(day, "share", 2) != second.client_id
    assert extra.client_id in {place.client_id for place in places["act"]}
    assert restored.public_id != enrollment.public_id


def test_import_leaves_address_password_and_everybody_else_alone(
    alice: User, erin: User, archive: dict[str, Any]
) -> None:
    before = archive_of(alice, NOON)

    Archive.of(zip_of(archive)).restore(erin)

    erin.refresh_from_db()
    assert (erin.email, erin.display_name) == ("erin@example.org", "Alice")
    assert erin.check_password("four plain words here")
    assert archive_of(alice, NOON) == before


def test_import_keeps_the_accounts_own_zone_where_the_archives_is_unknown(
    erin: User, archive: dict[str, Any]
) -> None:
    archive["profile"] |= {"time_zone": "Mars/Olympus_Mons", "display_name": ""}

    Archive.of(zip_of(archive)).restore(erin)

    erin.refresh_from_db()
    assert (erin.time_zone, erin.display_name) == ("Europe/Stockholm", "Erin")


# --- Made up, and at size -------------------------------------------------------------------------

_INSTANT = st.integers(0, 10**9).map(
    lambda seconds: (NOON - timedelta(seconds=seconds / 40)).isoformat()
)
_ANY = st.characters(exclude_characters="\0", exclude_categories=["Cs"])


def _text(most: int, least: int = 0) -> st.SearchStrategy[str]:
    return st.text(_ANY, min_size=least, max_size=min(most, 60)) | st.just("ä🪨=" * (most // 3))


_ID = st.uuids().map(str)
_PERSON = st.fixed_dictionaries(
    {
        "id": _ID,
        "name": _text(100, 1).filter(lambda text: bool(text.strip())),
        "note": _text(500),
        **{f"is_{role}": st.booleans() for role in ("evangelist", "advisor", "supporter")},
        "created_at": _INSTANT,
        "removed_at": st.none(),
    }
)


@st.composite
def two_weeks(draw: st.DrawFn, people: list[str]) -> dict[str, Any]:
    first = draw(st.dates(date(2026, 1, 5), date(2027, 12, 1)))
    days = [(first + timedelta(days=number)).isoformat() for number in range(14)]
    day = st.sampled_from(days)
    words = {"is_private": st.booleans(), "created_at": _INSTANT, "day": day, "id": _ID}
    words |= {"line": _text(500, 1), "answer": _text(500)}
    person = st.sampled_from([None, *people])
    plain = st.fixed_dictionaries(
        {
            **words,
            "person": person,
            "practice": st.sampled_from(["share", "act"]),
            **{name: st.just("") for name in ("outcome", "size")},
            **{name: st.none() for name in ("follow_up_on", "source", "carried_into")},
            "placed_at": st.none() | _INSTANT,
        }
    )
    asked = st.fixed_dictionaries(
        {
            **words,
            "person": person,
            "practice": st.just("request"),
            "outcome": st.sampled_from(["waiting", "granted", "declined", "countered"]),
            "size": st.sampled_from(["", "easy", "stretch", "unreasonable"]),
            "follow_up_on": st.none() | st.dates().map(str),
            **{name: st.none() for name in ("source", "carried_into")},
            "placed_at": st.none() | _INSTANT,
        }
    )
    entries = draw(st.lists(plain | asked, max_size=8, unique_by=lambda row: row["id"]))
    some = st.lists(st.sampled_from([e["id"] for e in entries] or [None]), unique=True).map(
        lambda ids: [each for each in ids if each]
    )
    goal: Rows = {"statement": _text(200, 1).filter(lambda text: bool(text.strip()))}
    goal |= {"why": _text(2000), "measure": _text(2000), "created_at": _INSTANT}
    reflection: Rows = {
        "day": day,
        "text": _text(10_000),
        "version": st.integers(1, 2**31 - 1),
    }
    reflection |= {"is_private": st.booleans(), "updated_at": _INSTANT}
    step: Rows = {
        "number": st.integers(1, 9),
        "note": _text(2000),
        "version": st.integers(0, 9),
    }
    step |= {"state": st.sampled_from(["not_begun", "begun", "in_place"])}
    step |= {"in_place_at": st.none() | _INSTANT, "updated_at": _INSTANT, "evidence": some}
    need: Rows = {
        "id": _ID,
        "question": _text(300, 1).filter(lambda text: bool(text.strip())),
    }
    need |= {"who": _text(200), "answer": _text(500)}
    need |= {"answered_at": st.none() | _INSTANT, "created_at": _INSTANT}
    moment: Rows = {
        "id": _ID,
        "day": day,
        "title": _text(200),
        "version": st.integers(1, 9),
    }
    moment |= {name: _text(4000) for name in ("before", "moment", "after")}
    moment |= {"created_at": _INSTANT, "entries": some}
    finish: Rows = {"whereabouts": st.sampled_from(["", "there", "in_sight", "elsewhere"])}
    finish |= {name: _text(4000) for name in (*Finish.WORDS, *Finish.LATER_WORDS)}
    finish |= {"version": st.integers(1, 9), "updated_at": _INSTANT}
    rows: Any = st.fixed_dictionaries
    return {
        "id": draw(_ID),
        "starts_on": first.isoformat(),
        "created_at": draw(_INSTANT),
        "ended_at": draw(_INSTANT),
        "goals": draw(st.lists(rows(goal), min_size=1, max_size=3)),
        "pauses": [],
        "entries": entries,
        "reflections": draw(st.lists(rows(reflection), max_size=3, unique_by=lambda r: r["day"])),
        "steps": draw(st.lists(rows(step), max_size=3, unique_by=lambda r: r["number"])),
        "needs": draw(st.lists(rows(need), max_size=3, unique_by=lambda r: r["id"])),
        "moments": draw(st.lists(rows(moment), max_size=3, unique_by=lambda r: r["id"])),
        "finish": draw(st.none() | rows(finish)),
    }


@st.composite
def archives(draw: st.DrawFn) -> dict[str, Any]:
    people = draw(st.lists(_PERSON, max_size=4, unique_by=lambda row: row["id"]))
    ids = [person["id"] for person in people]
    weeks = draw(
        st.lists(
            two_weeks(list(map(str, ids))), min_size=1, max_size=3, unique_by=lambda r: r["id"]
        )
    )
    return {
        "format": "two-weeks",
        "version": 1,
        "profile": {
            "display_name": draw(_text(60)),
            "time_zone": "Asia/Tokyo",
            "day_end_hour": draw(st.integers(0, 5)),
            "theme": draw(st.sampled_from(["", "light", "dark"])),
        },
        "people": people,
        "two_weeks": weeks,
    }


class TestMadeUp(TestCase):
    """In a class, because each example gets a transaction of its own."""

    @given(archives())
    @settings(
        max_examples=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        # To make an example smaller takes minutes; one of these can be read as it is.
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
    )
    def test_archive_of_what_was_restored_restores_the_same(self, made_up: dict[str, Any]) -> None:
        nina, olle = make_user(name="Nina"), make_user(name="Olle")

        Archive.of(zip_of(made_up)).restore(nina)
        Archive.of(build(nina, NOON)).restore(olle)

        there, back = without_facts(nina), without_facts(olle)
        assert there == back
        # And it is what the archive said, list by list.
        for kind in ("entries", "reflections", "steps", "needs", "moments", "goals"):
            said = [row for weeks in made_up["two_weeks"] for row in weeks[kind]]
            found = [row for weeks in there["two_weeks"] for row in weeks[kind]]
            assert _words(found) == _words(said)


def _words(rows: list[dict[str, Any]]) -> list[str]:
    """What is the same on both sides: all but ids, in any order."""
    pointers = {"id", "person", "evidence", "entries", "source", "carried_into"}
    return sorted(
        json.dumps({name: row[name] for name in sorted(row.keys() - pointers)}) for row in rows
    )


def _of_size(user: User, count: int) -> bytes:
    """An archive with so many entries, 500 in each two weeks."""
    weeks = make_enrollment(participant=user)
    make_entry(enrollment=weeks, practice="request", line="Words " * 30)
    archive = archive_of(user, NOON)
    [template] = archive["two_weeks"]
    [entry] = template["entries"]
    archive["two_weeks"] = []
    for number in range(count // 500):
        entries = [
            {**entry, "id": str(uuid.uuid4()), "day": weeks.dates[each % 14].isoformat()}
            for each in range(500)
        ]
        ended = NOON.isoformat() if number else None
        archive["two_weeks"].append(
            {**template, "id": str(uuid.uuid4()), "entries": entries, "ended_at": ended}
        )
    return zip_of(archive)


def test_import_of_five_thousand_entries_asks_no_more_often(
    alice: User, bob: User, erin: User, dave: User
) -> None:
    small, large = _of_size(alice, 500), _of_size(bob, 5_000)
    found = []

    for user, content in ((erin, small), (dave, large)):
        started = time.process_time()
        with CaptureQueriesContext(connection) as captured:
            Archive.of(content).restore(user)
        found.append((time.process_time() - started, len(queries(captured))))

    print(f"500 and 5,000: {found}")
    assert found[0][1] == found[1][1]
    assert found[1][0] < 20 * found[0][0] + 0.5
    assert DailyEntry.objects.owned_by(dave).count() == 5_000


# --- What is refused ------------------------------------------------------------------------------


def bomb(size: int) -> bytes:
    return zip_of("[" + " " * size + "]")


def lying(content: bytes) -> bytes:
    """A zip that says its members are one byte long."""
    found = bytearray(content)
    for signature, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = found.find(signature)
        found[start + at : start + at + 4] = (1).to_bytes(4, "little")
    return bytes(found)


def encrypted(content: bytes) -> bytes:
    found = bytearray(content)
    found[found.find(b"PK\x03\x04") + 6] |= 1
    found[found.find(b"PK\x01\x02") + 8] |= 1
    return bytes(found)


def packed(method: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as members:
        members.writestr(JSON_NAME, "{}")
    return file.getvalue()


def twice() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as members:
        members.writestr(JSON_NAME, "{}")
        with pytest.warns(UserWarning, match="Duplicate"):
            members.writestr(JSON_NAME, "{}")
    return file.getvalue()


WHOLE = '{"format": "two-weeks", "version": 1, '
HOSTILE = {
    "nothing": b"\0",
    "no zip": b"two weeks",
    "a cut zip": zip_of({"format": "two-weeks"})[:-30],
    "an empty zip": zip_with({}),
    "another file": zip_with({"other.json": "{}"}),
    "declared too large": bomb(reading.MAX_JSON_BYTES),
    "really too large": lying(bomb(reading.MAX_JSON_BYTES)),
    "two of one name": twice(),
    "encrypted": encrypted(zip_of({})),
    "bzip2": packed(zipfile.ZIP_BZIP2),
    "lzma": packed(zipfile.ZIP_LZMA),
    "a path up": zip_with({JSON_NAME: "{}", "../x": ""}),
    "a path from the root": zip_with({JSON_NAME: "{}", "/etc/passwd": ""}),
    "a path of Windows": zip_with({JSON_NAME: "{}", "..\\x": ""}),
    "a folder": zip_with({f"x/{JSON_NAME}": "{}"}),
    "too many members": zip_with({JSON_NAME: "{}", **{f"{n}": "" for n in range(MAX_MEMBERS)}}),
    "one in a zip": zip_with({JSON_NAME: zip_of({})}),
    "no JSON": zip_of("{"),
    "no UTF-8": zip_of(b'{"format": "\xff"}'),
    "a list": zip_of([]),
    "null": zip_of(None),
    "NaN": zip_of(WHOLE + '"people": NaN}'),
    "a huge number": zip_of(WHOLE + '"people": ' + "9" * 5000 + "}"),
    "deep": zip_of("[" * 500_000),
    "deep objects": zip_of('{"a":' * 100_000),
    "many values": zip_of("[" + "[]," * 1_000_000 + "1]"),
    "the same name twice": zip_of(WHOLE + '"people": [], "people": []}'),
    "another format": zip_of({"format": "three-weeks", "version": 1}),
    "version 2": zip_of({"format": "two-weeks", "version": 2}),
    "version 1.0": zip_of({"format": "two-weeks", "version": 1.0}),
    "version true": zip_of({"format": "two-weeks", "version": True}),
    "version huge": zip_of(WHOLE[:-4] + "9" * 400 + "}"),
    "nothing in it": zip_of({"format": "two-weeks", "version": 1}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file_is_refused_with_a_page_that_says_why(
    name: str, erin_client: Client, erin: User
) -> None:
    before = fingerprint()

    response = hand_in(erin_client, HOSTILE[name])

    assert response.status_code == 422
    assert is_our_page(response)
    assert 'aria-invalid="true"' in text_of(response)
    assert fingerprint() == before


def test_too_many_values_are_refused_unread(erin_client: Client) -> None:
    too_many = hand_in(erin_client, HOSTILE["many values"])

    # Read, it would be none of our archives.
    assert "larger than it may be" in text_of(too_many)


def _set(*path: str | int, value: Any) -> Change:
    def change(archive: dict[str, Any]) -> None:
        found: Any = archive
        for step in path[:-1]:
            found = found[step]
        found[path[-1]] = value

    return change


def _drop(*path: str | int) -> Change:
    def change(archive: dict[str, Any]) -> None:
        found: Any = archive
        for step in path[:-1]:
            found = found[step]
        del found[path[-1]]

    return change


def _again(*path: str | int) -> Change:
    """The first row of the list a second time."""

    def change(archive: dict[str, Any]) -> None:
        found: Any = archive
        for step in path:
            found = found[step]
        found.append(found[0])

    return change


W = ("two_weeks", 1)
E = (*W, "entries", 0)
STRANGER = str(uuid.UUID(int=7))
CHANGES: dict[str, Change] = {
    "a list for an object": _set("profile", value=[]),
    "an object for a list": _set("people", value={}),
    "a text for a row": _set("people", 0, value="Ruth"),
    "no profile": _drop("profile"),
    "no people": _drop("people"),
    "no two weeks": _drop("two_weeks"),
    "no goals": _set(*W, "goals", value=[]),
    "a name missing": _drop(*E, "line"),
    "a name of its own": _set(*E, "enrollment", value=1),
    "a pk": _set(*E, "pk", value=1),
    "a participant": _set(*W, "participant", value=1),
    "staff": _set("profile", "is_staff", value=True),
    "null for a text": _set(*E, "line", value=None),
    "a number for a text": _set(*E, "line", value=1),
    "a list for a text": _set(*E, "line", value=["x"]),
    "a text too long": _set(*E, "line", value="x" * 501),
    "a reflection too long": _set(*W, "reflections", 0, "text", value="x" * 10_001),
    "NUL": _set(*E, "line", value="a\0b"),
    "half a character": _set(*E, "line", value="\ud800"),
    "an empty goal": _set(*W, "goals", 0, "statement", value="  "),
    "an empty name": _set("people", 0, "name", value=""),
    "a text for yes": _set(*E, "is_private", value="yes"),
    "one for yes": _set(*E, "is_private", value=1),
    "true for a number": _set(*W, "reflections", 0, "version", value=True),
    "a fraction": _set(*W, "reflections", 0, "version", value=1.5),
    "a negative number": _set(*W, "reflections", 0, "version", value=-1),
    "a number too large": _set(*W, "reflections", 0, "version", value=2**31),
    "step 10": _set(*W, "steps", 0, "number", value=10),
    "step 0": _set(*W, "steps", 0, "number", value=0),
    "a state that is none": _set(*W, "steps", 0, "state", value="done"),
    "no state": _set(*W, "steps", 0, "state", value=""),
    "hour 6": _set("profile", "day_end_hour", value=6),
    "a theme that is none": _set("profile", "theme", value="pink"),
    "a practice that is none": _set(*E, "practice", value="pray"),
    "a date that is none": _set(*W, "starts_on", value="2027-02-30"),
    "a date in another form": _set(*W, "starts_on", value="20270308"),
    "an instant for a date": _set(*W, "starts_on", value="2027-03-08T00:00:00+00:00"),
    "a number for a date": _set(*W, "starts_on", value=20270308),
    "a date long ago": _set(*W, "starts_on", value="0001-01-01"),
    "the last date": _set(*W, "starts_on", value="9999-12-31"),
    "a date for an instant": _set(*W, "created_at", value="2027-03-08"),
    "an instant without a zone": _set(*W, "created_at", value="2027-03-08T00:00:00"),
    "the first instant": _set(*W, "created_at", value="0001-01-01T00:00:00+23:59"),
    "the last instant": _set(*W, "created_at", value="9999-12-31T23:59:59-23:59"),
    "no id": _set(*E, "id", value="1"),
    "an id in braces": _set(*E, "id", value=f"{{{STRANGER}}}"),
    "a person of somebody else": _set(*E, "person", value=STRANGER),
    "an entry of somebody else as source": _set(*E, "source", value=STRANGER),
    "two weeks of somebody else": _set(*W, "entries", 2, "carried_into", value=STRANGER),
    "a cause of somebody else": _set(*W, "moments", 0, "entries", value=[STRANGER]),
    "evidence of somebody else": _set(*W, "steps", 0, "evidence", value=[STRANGER]),
    "evidence that is no list": _set(*W, "steps", 0, "evidence", value=STRANGER),
    "an outcome of a share": _set(*E, "outcome", value="waiting"),
    "a size of a share": _set(*E, "size", value="easy"),
    "a share to be asked again": _set(*E, "follow_up_on", value="2027-03-20"),
    "an entry on another day": _set(*E, "day", value="2027-01-01"),
    "an entry in the pause": _set(*E, "day", value="2027-03-18"),
    "a reflection on another day": _set(*W, "reflections", 0, "day", value="2027-01-01"),
    "a pause that ends before it starts": _set(*W, "pauses", 0, "ends_on", value="2027-03-17"),
    "two that run": _set("two_weeks", 0, "ended_at", value=None),
    "a person twice": _again("people"),
    "two weeks twice": _again("two_weeks"),
    "an entry twice": _again(*W, "entries"),
    "a need twice": _again(*W, "needs"),
    "a moment twice": _again(*W, "moments"),
    "a day twice": _again(*W, "reflections"),
    "a step twice": _again(*W, "steps"),
    "a pause twice": _again(*W, "pauses"),
    "two finishes": _set(*W, "finish", value=[{}, {}]),
    "forty-one on a day": lambda archive: archive["two_weeks"][1]["entries"].extend(
        {**archive["two_weeks"][1]["entries"][0], "id": str(uuid.UUID(int=n))} for n in range(41)
    ),
    "a source twice": lambda archive: archive["two_weeks"][1]["entries"].extend(
        {
            **archive["two_weeks"][1]["entries"][0],
            "id": str(uuid.UUID(int=n)),
            "source": archive["two_weeks"][1]["entries"][0]["id"],
        }
        for n in (1, 2)
    ),
    "a source of itself": lambda archive: archive["two_weeks"][1]["entries"][0].update(
        source=archive["two_weeks"][1]["entries"][0]["id"]
    ),
}


def test_archive_that_contradicts_the_rules_is_refused(archive: dict[str, Any], erin: User) -> None:
    taken = []

    for name, change in CHANGES.items():
        changed = copy.deepcopy(archive)
        change(changed)
        try:
            Archive.of(zip_of(changed)).rehearse(erin)
            taken.append(name)
        except ArchiveRefusedError:
            pass

    assert taken == []


@pytest.mark.parametrize("name", ["a name of its own", "an entry of somebody else as source"])
def test_archive_that_was_refused_leaves_nothing(
    name: str, erin_client: Client, archive: dict[str, Any]
) -> None:
    CHANGES[name](archive)
    before = fingerprint()

    response = hand_in(erin_client, zip_of(archive))

    assert response.status_code == 422
    assert is_our_page(response)
    assert fingerprint() == before


def test_archive_unchanged_is_taken(erin_client: Client, archive: dict[str, Any]) -> None:
    """So that each of the refusals above is of what was changed."""
    assert hand_in(erin_client, zip_of(archive)).status_code == 302


def test_refusal_names_the_place_and_ten_at_most(
    erin_client: Client, archive: dict[str, Any]
) -> None:
    archive["two_weeks"][1]["goals"][0]["statement"] = "<b>" * 100
    page = text_of(hand_in(erin_client, zip_of(archive)))
    for person in range(20):
        archive["people"].append({"id": person})
    crowded = text_of(hand_in(erin_client, zip_of(archive)))

    assert "two_weeks[1].goals[0].statement: has 300 characters; 200 is the most." in page
    assert "<b><b>" not in page
    assert 10 <= crowded.count("people[") <= 20  # in the field, and in the summary above it


def test_spoiled_zips_are_refused_and_never_an_error(alice: User, enrollment: Enrollment) -> None:
    whole = build(alice, NOON)
    chance = random.Random(7)
    refused = 0

    for _time in range(1_500):
        spoiled = bytearray(whole)
        for _byte in range(chance.randint(1, 6)):
            spoiled[chance.randrange(len(spoiled))] = chance.randrange(256)
        try:
            Archive.of(bytes(spoiled[: chance.choice([len(spoiled), len(spoiled) // 2])]))
        except ArchiveRefusedError:
            refused += 1

    assert refused > 700  # what was spoiled in a CSV is not looked at


def test_upload_past_the_limit_is_refused_before_it_is_read(erin_client: Client) -> None:
    just = hand_in(erin_client, b"x" * (MAX_ZIP_BYTES + 1))
    far = hand_in(erin_client, b"x" * (MAX_ZIP_BYTES + 200_000))

    assert just.status_code == 422
    assert "larger than an archive may be" in text_of(just)
    assert far.status_code == 413


@pytest.mark.parametrize("fields", [{}, {"file": "text"}, {"file": io.BytesIO(b"")}])
def test_import_without_a_file_says_so(erin_client: Client, fields: dict[str, Any]) -> None:
    response = erin_client.post("/settings/import/", fields)

    assert response.status_code == 422
    assert is_our_page(response)


# --- Whose, into what, and when -------------------------------------------------------------------


def test_import_is_for_an_account_that_has_begun_nothing(
    alice_client: Client, alice: User, enrollment: Enrollment
) -> None:
    content = build(alice, NOON)

    page = alice_client.get("/settings/import/")
    posted = hand_in(alice_client, content)

    assert "begun already" in text_of(page)
    assert posted.status_code == 409
    with pytest.raises(NotFreshError):
        Archive.of(content).restore(alice)


def test_import_does_not_mix_with_a_list_of_people(
    erin_client: Client, erin: User, alice: User, enrollment: Enrollment
) -> None:
    hand_in(erin_client, build(alice, NOON))
    make_person(user=erin, name="Peder")

    response = erin_client.post("/settings/import/restore/")

    assert response["Location"] == "/today/"
    assert [person.name for person in Person.objects.owned_by(erin)] == ["Peder"]
    assert not Enrollment.objects.owned_by(erin).exists()


def test_second_tap_restores_nothing_more(
    erin_client: Client, erin: User, alice: User, enrollment: Enrollment
) -> None:
    hand_in(erin_client, build(alice, NOON))

    statuses = [erin_client.post("/settings/import/restore/")["Location"] for _tap in range(2)]

    assert statuses == ["/today/", "/today/"]
    assert Enrollment.objects.owned_by(erin).count() == 1


def test_import_of_somebody_else_is_not_seen(
    erin_client: Client, erin: User, dave: User, alice: User, enrollment: Enrollment
) -> None:
    Import.objects.keep(user=dave, content=build(alice, NOON), now=NOON)

    assert erin_client.get("/settings/import/preview/")["Location"] == "/settings/import/"
    assert erin_client.post("/settings/import/restore/")["Location"] == "/settings/import/"
    assert not Enrollment.objects.owned_by(erin).exists()


def test_import_is_forgotten_after_an_hour(
    erin_client: Client,
    erin: User,
    alice: User,
    enrollment: Enrollment,
    noon: time_machine.Traveller,
) -> None:
    hand_in(erin_client, build(alice, NOON))
    noon.shift(LIFETIME)

    erin_client.post("/settings/import/restore/")

    assert not Enrollment.objects.owned_by(erin).exists()


def test_import_of_five_thousand_entries_through_the_pages(
    erin_client: Client, erin: User, alice: User, enrollment: Enrollment
) -> None:
    fill(enrollment, 500)

    assert hand_in(erin_client, build(alice, NOON)).status_code == 302
    erin_client.post("/settings/import/restore/")

    assert DailyEntry.objects.owned_by(erin).count() == 500
