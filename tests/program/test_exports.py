"""The archive of a person: all of theirs, nothing of others, for them alone and for a day."""

import csv
import io
import re
import time
import tracemalloc
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.db import connection, models
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import OutgoingMail, User
from program import emails
from program.archive import background, writing
from program.archive.decisions import ALL, LEFT_OUT
from program.archive.kinds import ABOUT, COACHING, KINDS, PARTS, RECEIVED, Kind
from program.archive.writing import build, is_large
from program.exports import csv_text
from program.models import DailyEntry, Enrollment, Export, retention
from program.models.exports import ATTEMPTS, LEASE, LIFETIME
from tests.archives import archive_in, confirm, make_whole, unzipped
from tests.factories import NOON, make_enrollment, make_entry
from tests.posting import HTMX, is_our_page, text_of
from tests.test_queries import queries

DOCS = Path(__file__).parent.parent.parent / "docs" / "export.md"

# --- Every model and every column of the site is decided about ------------------------------------


def written(kind: Kind) -> Iterator[str]:
    """The columns of its model that a kind writes, also those on the way to another row."""
    for column in (*kind.columns.values(), *kind.links.values(), kind.weeks):
        if isinstance(column, str):
            yield column.split("__")[0]
        else:
            yield from (part.name.split("__")[0] for part in parts(column) if isinstance(part, F))  # type: ignore[attr-defined]


def parts(expression: Any) -> Iterator[Any]:
    yield expression
    if not isinstance(expression, F):
        for part in expression.get_source_expressions():
            yield from parts(part)


def decided() -> dict[str, set[str]]:
    found = {label: set(columns) for label, columns in LEFT_OUT.items()}
    for kind in KINDS:
        found.setdefault(kind.model._meta.label, set()).update(written(kind))
    return found


@pytest.mark.parametrize(
    "model", apps.get_models(include_auto_created=True), ids=lambda model: model._meta.label
)
def test_every_column_of_the_site_is_written_or_left_out_with_a_reason(
    model: type[models.Model],
) -> None:
    meta = model._meta
    of_model = decided().get(meta.label, set())

    undecided = {
        field.name
        for field in (*meta.concrete_fields, *meta.many_to_many)
        if not field.primary_key and {field.name, field.attname} & of_model == set()
    }

    assert of_model == {ALL} or undecided == set()


def test_decisions_speak_of_what_there_is() -> None:
    labels = {model._meta.label for model in apps.get_models(include_auto_created=True)}

    assert decided().keys() <= labels
    for label, columns in LEFT_OUT.items():
        names = {field.name for field in apps.get_model(label)._meta.get_fields()}
        assert set(columns) - {ALL} <= names, label


def test_docs_name_every_list_and_every_field() -> None:
    words = DOCS.read_text()
    tables = {}
    for heading, rest in re.findall(r"^##+ `([\w.]+)`\n(.*?)(?=^##|\Z)", words, re.M | re.S):
        tables[heading] = re.findall(r"^\| `(\w+)`", rest, re.M)

    for kind in KINDS:
        heading = "".join(
            [
                "two_weeks." * (kind in PARTS or kind in RECEIVED),
                "received." * (kind in RECEIVED),
                "coaching." * (kind in COACHING),
                "profile." * (kind in ABOUT),
                kind.key,
            ]
        )
        assert tables.pop(heading) == [*kind.columns, *kind.links], heading
    assert not any(tables.values())


# --- Complete and private -------------------------------------------------------------------------


def mark_all(marks: dict[tuple[str, int, str], str], letter: str) -> None:
    """Put a word of its own in every text of the program that has none yet."""
    for model in apps.get_app_config("program").get_models():
        texts = [
            field
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField) and not field.choices
        ]
        for row in model._default_manager.all():
            for field in texts:
                key = (model._meta.label, row.pk, field.name)
                if key not in marks:
                    marks[key] = f"{letter}{len(marks)}z"
                    model._default_manager.filter(pk=row.pk).update(**{field.name: marks[key]})


@pytest.fixture
def marks(alice: User, bob: User, carol: User) -> dict[tuple[str, int, str], str]:
    """The word in each text of the program, by model, row and column; alice's begin with A."""
    found: dict[tuple[str, int, str], str] = {}
    make_whole(alice, coach=carol)
    mark_all(found, "A")
    make_whole(bob, coach=carol)
    mark_all(found, "B")
    return found


# What of her two weeks is not hers to have.
NOT_FOR_ALICE = {
    "program.CalendarFeed",
    "program.CoachNote",
    "program.DayPost",
    "program.EmailInvitation",
    "program.Invitation",
}


def test_archive_holds_every_word_of_theirs_and_none_of_others(
    alice: User, marks: dict[tuple[str, int, str], str]
) -> None:
    found = set(re.findall(r"[AB]\d+z", "".join(unzipped(build(alice, NOON)).values())))

    removed = {
        mark
        for (label, pk, _column), mark in marks.items()
        if getattr(apps.get_model(label)._default_manager.get(pk=pk), "removed_at", None)
    }
    theirs = {
        mark
        for (label, _pk, column), mark in marks.items()
        if mark.startswith("A")
        and label not in NOT_FOR_ALICE
        and column not in {"welcome", "token"}
    }
    assert len(theirs - removed) > 40
    assert found == theirs - removed


def test_archive_says_nothing_of_who_is_not_named_to_them(
    alice: User, marks: dict[tuple[str, int, str], str]
) -> None:
    files = "".join(unzipped(build(alice, NOON)).values())

    assert "alice@example.org" in files
    assert "Carol" in files  # who coaches her
    assert not any(secret in files for secret in ("carol@", "bob@", "Bob", "argon2", "md5$"))


def test_archive_of_a_coach_holds_what_they_wrote_about_those_they_see(
    carol: User, bob: User, marks: dict[tuple[str, int, str], str]
) -> None:
    Enrollment.objects.get(participant=bob, ended_at=None).consents.update(revoked_at=NOON)

    files = "".join(unzipped(build(carol, NOON)).values())

    theirs = {
        mark
        for (label, _pk, column), mark in marks.items()
        if mark.startswith("A")
        and label
        in {
            *("program.CoachNote", "program.Nudge", "program.Encouragement", "program.Cohort"),
            "program.DayPost",
        }
    }
    assert "Alice" in files
    assert "Bob" not in files
    found = set(re.findall(r"[AB]\d+z", files))
    assert found < theirs  # all but the note that was taken back
    assert len(theirs - found) == 1


def test_tables_hold_what_the_json_holds(alice: User, carol: User) -> None:
    make_whole(alice, coach=carol)

    files = unzipped(build(alice, NOON))

    archive = archive_in(build(alice, NOON))
    for kind in PARTS:
        rows = list(csv.DictReader(io.StringIO(files[f"{kind.key}.csv"], newline="")))
        of_weeks = [week[kind.key] or [] for week in archive["two_weeks"]]
        assert len(rows) == sum(1 if kind.is_one and each else len(each) for each in of_weeks)
    [carried] = [
        row
        for row in csv.DictReader(io.StringIO(files["entries.csv"], newline=""))
        if row["carried_into"]
    ]
    assert carried["line"] == "A ladder"


CELLS: list[int] = []


@given(st.lists(st.text() | st.text("=+-@\t\r\n'\",;|", max_size=5), min_size=20, max_size=60))
@settings(max_examples=400, deadline=None)
def test_csv_holds_no_cell_that_a_spreadsheet_would_run(cells: list[str]) -> None:
    rows = csv.reader(io.StringIO(csv_text(cells, [cells]), newline=""))

    for row in rows:
        CELLS.append(len(row))
        for written_cell, cell in zip(row, cells, strict=True):
            assert not written_cell.startswith(("=", "+", "-", "@", "\t", "\r"))
            assert written_cell.removeprefix("'") == cell.removeprefix("'")


def test_csv_of_ten_thousand_cells_was_looked_at() -> None:
    assert sum(CELLS) >= 10_000


# --- At size --------------------------------------------------------------------------------------


def fill(enrollment: Enrollment, count: int) -> None:
    """That many entries with words, spread over as many two weeks as they need."""
    template = make_entry(enrollment=enrollment, practice="request", line="Words " * 30)
    rows = []
    for number in range(count - 1):
        day = enrollment.dates[number % 14]
        rows.append(
            DailyEntry(
                enrollment=enrollment,
                client_id=enrollment.stone_id(day, "request", 100 + number),
                practice="request",
                day=day,
                line=template.line,
                answer="More words " * 10,
                outcome="waiting",
                placed_at=NOON,
                created_at=NOON,
            )
        )
    DailyEntry.objects.bulk_create(rows)


def cost(user: User) -> tuple[float, int, int]:
    """Seconds of work, bytes at the peak and queries of one archive."""
    tracemalloc.start()
    with CaptureQueriesContext(connection) as captured:
        build(user, NOON)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    started = time.process_time()
    build(user, NOON)
    return time.process_time() - started, peak, len(queries(captured))


def test_build_grows_with_the_entries_and_asks_no_more_often(
    alice: User, bob: User, enrollment: Enrollment
) -> None:
    fill(enrollment, 1_000)
    fill(make_enrollment(participant=bob), 5_000)

    small, large = cost(alice), cost(bob)

    print(f"1,000: {small}; 5,000: {large}")
    assert large[2] == small[2]
    assert large[1] < 7 * small[1]
    assert large[0] < 10 * small[0] + 0.2
    assert large[1] < 60 * 1024 * 1024


# --- The pages ------------------------------------------------------------------------------------


def test_export_asks_once_more_who_it_is(alice_client: Client, enrollment: Enrollment) -> None:
    response = alice_client.post("/settings/export/build/")

    assert response.status_code == 302
    assert response["Location"] == "/accounts/reauthenticate/?next=%2Fsettings%2Fexport%2F"
    assert "press the button again" in text_of(alice_client.get(response["Location"]))


def test_export_is_the_zip_at_once(alice_client: Client, enrollment: Enrollment) -> None:
    make_entry(enrollment=enrollment, line="Told Ruth")

    response = confirm(alice_client).post("/settings/export/build/")

    assert response.status_code == 200
    assert response["Content-Type"] == "application/zip"
    assert response["Content-Disposition"] == 'attachment; filename="two-weeks-2027-03-16.zip"'
    assert "no-store" in response["Cache-Control"]
    assert archive_in(response.content)["two_weeks"][0]["entries"][0]["line"] == "Told Ruth"
    assert not Export.objects.exists()


def test_export_is_put_together_ten_times_an_hour(
    alice_client: Client, enrollment: Enrollment
) -> None:
    confirm(alice_client)
    statuses = [alice_client.post("/settings/export/build/").status_code for _try in range(10)]

    refused = alice_client.post("/settings/export/build/")

    assert statuses == [200] * 10
    assert refused.status_code == 429
    assert is_our_page(refused)
    assert "a lot of tries" in text_of(refused)


def test_export_asks_again_five_minutes_later(
    alice_client: Client, enrollment: Enrollment, noon: time_machine.Traveller
) -> None:
    confirm(alice_client)
    noon.shift(timedelta(minutes=6))

    assert alice_client.post("/settings/export/build/").status_code == 302


@pytest.fixture
def _everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "MANY", 0)


def put_together(export: Export, now: Any = NOON) -> None:
    """As a process in the background does it."""
    claimed = Export.objects.claim(export.pk, now)
    assert claimed
    assert claimed.finish(build(claimed.user, now), now)


@pytest.mark.usefixtures("_everything_is_large")
def test_large_export_waits_on_its_page_and_is_fetched_from_there(
    alice_client: Client, enrollment: Enrollment
) -> None:
    confirm(alice_client)

    asked = alice_client.post("/settings/export/build/")
    again = alice_client.post("/settings/export/build/")

    assert (asked["Location"], again["Location"]) == ("/settings/export/",) * 2
    waiting = text_of(alice_client.get("/settings/export/"))
    assert "data-live" in waiting
    assert alice_client.get("/settings/export/file/").status_code == 404

    put_together(Export.objects.get())

    ready = text_of(alice_client.get("/settings/export/", headers=HTMX))
    assert "data-live" not in ready
    assert "<html" not in ready
    assert "March 17, 1 p.m." in ready  # 24 hours on, by the clock of Stockholm
    response = alice_client.get("/settings/export/file/")
    assert archive_in(response.content)["profile"]["email"] == "alice@example.org"


def test_is_large_past_so_many_rows(
    alice: User, enrollment: Enrollment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "MANY", 5)
    for place in (1, 2, 3):  # beside the goal and the address
        make_entry(enrollment=enrollment, place=place)

    assert not is_large(alice)
    make_entry(enrollment=enrollment, place=4)
    assert is_large(alice)


@pytest.fixture
def export(alice: User, enrollment: Enrollment) -> Export:
    export = Export.objects.ask_for(alice, NOON)
    put_together(export)
    return export


def test_file_is_for_its_owner_alone(export: Export, bob: User, alice_client: Client) -> None:
    other = Client()
    other.force_login(bob)

    assert confirm(other).get("/settings/export/file/").status_code == 404
    assert Client().get("/settings/export/file/").status_code == 302
    assert alice_client.get("/settings/export/file/")["Location"].startswith(
        "/accounts/reauthenticate/"
    )
    assert confirm(alice_client).get("/settings/export/file/").status_code == 200


def test_file_is_gone_after_a_day(
    export: Export, alice_client: Client, noon: time_machine.Traveller
) -> None:
    noon.move_to(NOON + LIFETIME - timedelta(seconds=1))
    assert confirm(alice_client).get("/settings/export/file/").status_code == 200
    noon.move_to(NOON + LIFETIME)
    gone = alice_client.get("/settings/export/file/")

    assert gone.status_code == 404
    assert is_our_page(gone)
    assert "Export everything" in text_of(alice_client.get("/settings/export/"))


def test_page_asks_for_no_file(export: Export, alice_client: Client) -> None:
    with CaptureQueriesContext(connection) as captured:
        alice_client.get("/settings/export/")

    assert not [sql for sql in queries(captured) if '"content"' in sql]


# --- In the background ----------------------------------------------------------------------------


def test_claim_is_for_one_process(alice: User) -> None:
    export = Export.objects.ask_for(alice, NOON)

    assert Export.objects.claim(export.pk, NOON)
    assert Export.objects.claim(export.pk, NOON) is None


def test_build_that_was_killed_is_taken_up_when_its_lease_is_over(alice: User) -> None:
    export = Export.objects.ask_for(alice, NOON)
    killed = Export.objects.claim(export.pk, NOON)
    assert killed

    later = NOON + LEASE
    assert list(Export.objects.open(NOON)) == []
    assert list(Export.objects.open(later)) == [export]
    second = Export.objects.claim(export.pk, later)
    assert second

    # The first was not dead, only slow: what it brings is not taken.
    assert not killed.finish(b"late", later)
    assert second.finish(b"zip", later)
    assert bytes(Export.objects.get().content or b"") == b"zip"


def test_build_that_fails_every_time_ends(alice_client: Client, alice: User) -> None:
    export = Export.objects.ask_for(alice, NOON)
    for number in range(ATTEMPTS):
        assert Export.objects.claim(export.pk, NOON + number * LEASE)

    later = NOON + ATTEMPTS * LEASE
    assert Export.objects.claim(export.pk, later) is None
    assert "could not be put together" in text_of(alice_client.get("/settings/export/"))
    assert not Export.objects.ask_for(alice, later).has_failed
    assert Export.objects.claim(export.pk, later)


def test_asking_while_one_is_put_together_does_not_begin_anew(alice: User) -> None:
    export = Export.objects.ask_for(alice, NOON)
    claimed = Export.objects.claim(export.pk, NOON)
    assert claimed

    Export.objects.ask_for(alice, NOON + timedelta(minutes=1))

    assert claimed.finish(b"zip", NOON + timedelta(minutes=2))


def test_asking_for_a_new_one_lets_the_old_one_go(export: Export, alice: User) -> None:
    Export.objects.ask_for(alice, NOON + timedelta(hours=1))

    stored = Export.objects.get()
    assert stored.content is None
    assert not stored.is_ready


def test_worker_puts_together_what_was_asked_for_and_mails_no_key(
    alice: User, bob: User, enrollment: Enrollment, monkeypatch: pytest.MonkeyPatch
) -> None:
    for user in (bob, alice):
        Export.objects.ask_for(user, NOON)

    def build_or_fail(user: User, now: datetime) -> bytes:
        if user == bob:
            raise ValueError("Something of his is odd.")
        return build(user, now)

    monkeypatch.setattr(background, "build", build_or_fail)

    assert background.put_together(lambda: NOON) == 1
    assert background.put_together(lambda: NOON) == 0

    assert Export.objects.get(user=alice).is_ready
    assert not Export.objects.get(user=bob).is_ready
    mail = OutgoingMail.objects.get(kind="export_ready")
    assert (mail.user, mail.payload) == (alice, {})
    message = emails.export_ready(mail, NOON)
    assert message
    words = str(message.message())
    assert "/settings/export/" in words
    assert "/settings/export/file" not in words
    assert emails.export_ready(mail, NOON + LIFETIME) is None


def test_worker_takes_up_a_build_that_was_killed(alice: User) -> None:
    export = Export.objects.ask_for(alice, NOON)
    Export.objects.claim(export.pk, NOON)  # and is killed

    assert background.put_together(lambda: NOON) == 0
    assert background.put_together(lambda: NOON + LEASE) == 1


def test_forget_lets_go_of_what_is_over(export: Export) -> None:
    assert retention.forget_archives(NOON + LIFETIME - timedelta(seconds=1)) == 0
    assert retention.forget_archives(NOON + LIFETIME) == 1
    assert not Export.objects.exists()
