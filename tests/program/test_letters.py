"""What a coach wrote, as the participant reads it."""

import re
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from program.models import (
    CohortMembership,
    DailyEntry,
    Encouragement,
    Enrollment,
    Nudge,
)
from tests.factories import NOON, make_cohort, make_enrollment, make_entry, make_membership
from tests.posting import HTMX, TODAY, Response, post_reflection, text_of
from tests.test_queries import queries

YESTERDAY = date(2027, 3, 15)
DAY_8 = f"/days/{YESTERDAY}/"
NOTE = "You asked the man with the key. Who else has one?"


@pytest.fixture
def membership(carol: User, enrollment: Enrollment) -> CohortMembership:
    return make_membership(cohort=make_cohort(coach=carol), enrollment=enrollment, nudges=True)


def make_note(
    coach: User,
    enrollment: Enrollment,
    *,
    day: date = TODAY,
    text: str = NOTE,
    entry: DailyEntry | None = None,
) -> Encouragement:
    return Encouragement.objects.leave(
        coach=coach,
        enrollment=enrollment,
        client_id=uuid.uuid4(),
        day=day,
        text=text,
        entry=entry,
        now=NOON,
    )


def make_nudge(
    coach: User, membership: CohortMembership, *, text: str = "Still with you."
) -> Nudge:
    return Nudge.objects.send(coach=coach, membership=membership, text=text, now=NOON)


def read(client: Client, *, htmx: bool = True, **fields: Any) -> Response:
    return client.post("/notes/read/", fields, headers=HTMX if htmx else None)


def peeks(response: Response) -> list[str]:
    return re.findall(r'<a class="peek[^"]*" href="([^"]+)"', text_of(response))


def notes(response: Response) -> list[str]:
    return re.findall(r'<article class="note" id="([^"]+)"', text_of(response))


def test_today_without_notes_carries_nothing_of_them(
    alice_client: Client, membership: CohortMembership
) -> None:
    page = text_of(alice_client.get("/today/"))

    assert not re.search(r"your coach|class=\"(note|peek|letters)", page)
    assert "css/app.css" in page


def test_note_stands_on_its_day_signed_and_dated_and_is_announced(
    alice_client: Client, membership: CohortMembership, carol: User, enrollment: Enrollment
) -> None:
    note = make_note(carol, enrollment, text="Who <else> has one?\nAsk them.")

    response = alice_client.get("/today/")

    page = text_of(response)
    assert notes(response) == [f"note-{note.client_id}"]
    assert "Who &lt;else&gt; has one?<br>Ask them." in page
    assert "Carol, your coach, " in page
    assert "Tuesday, March 16" in page
    assert peeks(response) == [f"#note-{note.client_id}"]
    assert page.index('class="peek') < page.index('id="h-share"') < page.index('class="note"')
    assert "css/program.css" in page
    assert notes(alice_client.get(DAY_8)) == []


def test_note_on_another_day_is_announced_until_it_is_read(
    alice_client: Client, membership: CohortMembership, carol: User, enrollment: Enrollment
) -> None:
    note = make_note(carol, enrollment, day=YESTERDAY)

    today = alice_client.get("/today/")
    assert peeks(today) == [f"{DAY_8}#note-{note.client_id}"]
    assert "Carol left a note on day 8" in text_of(today)
    assert NOTE not in text_of(today)

    assert read(alice_client, day=YESTERDAY, note=note.client_id).status_code == 204
    assert peeks(alice_client.get("/today/")) == []
    assert notes(alice_client.get(DAY_8)) == [f"note-{note.client_id}"]


def test_note_on_the_last_day_is_announced_after_the_fourteen(
    alice_client: Client, membership: CohortMembership, carol: User, enrollment: Enrollment
) -> None:
    Enrollment.objects.update(starts_on=date(2027, 3, 1))
    note = make_note(carol, enrollment, day=date(2027, 3, 14))

    assert peeks(alice_client.get("/today/")) == [f"/days/2027-03-14/#note-{note.client_id}"]


def test_note_on_a_line_names_it_until_the_line_is_removed(
    alice_client: Client, membership: CohortMembership, carol: User, enrollment: Enrollment
) -> None:
    entry = make_entry(enrollment=enrollment, line="Told Ruth")
    make_note(carol, enrollment, entry=entry)
    named = f'<a href="#entry-{entry.client_id}">On “Told Ruth”</a>'
    assert named in text_of(alice_client.get("/today/"))

    entry.remove(NOON)

    page = text_of(alice_client.get("/today/"))
    assert "Told Ruth" not in page
    assert NOTE in page


def test_removed_note_is_gone(
    alice_client: Client, membership: CohortMembership, carol: User, enrollment: Enrollment
) -> None:
    make_note(carol, enrollment).remove(NOON)
    make_note(carol, enrollment, day=YESTERDAY).remove(NOON)

    response = alice_client.get("/today/")

    assert notes(response) == []
    assert peeks(response) == []


def test_notes_of_a_coach_stay_after_consent_is_revoked(
    alice_client: Client, membership: CohortMembership, carol: User, enrollment: Enrollment
) -> None:
    make_note(carol, enrollment)
    membership.leave(NOON)

    assert NOTE in text_of(alice_client.get("/today/"))


def test_nudge_stands_on_today_and_is_marked_as_one(
    alice_client: Client, membership: CohortMembership, carol: User
) -> None:
    make_nudge(carol, membership)

    today = alice_client.get("/today/")

    assert "Still with you." in text_of(today)
    assert "a nudge" in text_of(today)
    assert peeks(today) == ["#note-nudge"]
    assert "Still with you." not in text_of(alice_client.get(DAY_8))


def test_note_of_a_coach_without_a_name_shows_no_address(
    alice_client: Client, membership: CohortMembership, carol: User, enrollment: Enrollment
) -> None:
    User.objects.filter(pk=carol.pk).update(display_name="")
    make_note(carol, enrollment)
    make_note(carol, enrollment, day=YESTERDAY)

    page = text_of(alice_client.get("/today/"))

    assert "carol@" not in page
    assert "Your coach, " in page
    assert "Your coach left a note on day 8" in page


def test_day_with_the_words_that_were_refused_keeps_its_notes(
    alice_client: Client, membership: CohortMembership, carol: User, enrollment: Enrollment
) -> None:
    make_note(carol, enrollment, day=YESTERDAY)

    response = post_reflection(alice_client, enrollment, day=YESTERDAY, text="a\0b")

    assert response.status_code == 422
    assert NOTE in text_of(response)


@pytest.mark.parametrize("count", [0, 30])
def test_today_takes_five_queries_with_any_number_of_notes(
    alice_client: Client,
    membership: CohortMembership,
    carol: User,
    enrollment: Enrollment,
    count: int,
) -> None:
    for number in range(count):
        make_note(carol, enrollment, text=f"{NOTE} {number}")
        make_note(carol, enrollment, day=YESTERDAY)
    if count:
        make_nudge(carol, membership)

    with CaptureQueriesContext(connection) as captured:
        response = alice_client.get("/today/")

    assert len(notes(response)) == (count and count + 1)
    assert len(queries(captured)) == 5, queries(captured)


# --- Read -----------------------------------------------------------------------------------------


def test_asking_for_a_page_reads_nothing_and_saying_so_does(
    alice_client: Client, membership: CohortMembership, carol: User, enrollment: Enrollment
) -> None:
    note = make_note(carol, enrollment)
    alice_client.get("/today/")
    note.refresh_from_db()
    assert note.read_at is None

    response = read(alice_client, day=TODAY, note=note.client_id)

    assert response.status_code == 204
    note.refresh_from_db()
    assert note.read_at == NOON
    page = alice_client.get("/today/")
    assert NOTE in text_of(page)
    assert peeks(page) == []
    assert "/notes/read/" not in text_of(page)


def test_read_again_keeps_the_first_hour(
    alice_client: Client, membership: CohortMembership, carol: User, enrollment: Enrollment
) -> None:
    note = make_note(carol, enrollment)
    before = NOON - timedelta(hours=1)
    Encouragement.objects.update(read_at=before)

    read(alice_client, day=TODAY, note=note.client_id)

    note.refresh_from_db()
    assert note.read_at == before


def test_nudge_is_read_by_its_day(
    alice_client: Client, membership: CohortMembership, carol: User, enrollment: Enrollment
) -> None:
    note, nudge = make_note(carol, enrollment), make_nudge(carol, membership)

    read(alice_client, day=TODAY, note="")

    nudge.refresh_from_db()
    note.refresh_from_db()
    assert nudge.read_at == NOON
    assert note.read_at is None


def test_read_without_htmx_leads_back_to_the_day(
    alice_client: Client, membership: CohortMembership, carol: User, enrollment: Enrollment
) -> None:
    note = make_note(carol, enrollment, day=YESTERDAY)
    assert '<input type="hidden" name="note"' in text_of(alice_client.get(DAY_8))

    response = read(alice_client, htmx=False, day=YESTERDAY, note=note.client_id)

    assert response.status_code == 302
    assert response["Location"] == DAY_8


def test_read_reaches_nobody_elses_notes(
    alice_client: Client, carol: User, bob: User, enrollment: Enrollment
) -> None:
    bobs = make_membership(
        cohort=make_cohort(coach=carol), enrollment=make_enrollment(participant=bob), nudges=True
    )
    note, nudge = make_note(carol, bobs.enrollment), make_nudge(carol, bobs)

    read(alice_client, day=TODAY, note=note.client_id)
    read(alice_client, day=TODAY)

    note.refresh_from_db()
    nudge.refresh_from_db()
    assert note.read_at is None
    assert nudge.read_at is None
    assert NOTE not in text_of(alice_client.get("/today/"))


@pytest.mark.parametrize("fields", [{}, {"day": "x"}, {"day": TODAY, "note": "x"}, {"day": "a\0b"}])
def test_read_of_nonsense_is_not_found(alice_client: Client, fields: dict[str, Any]) -> None:
    assert read(alice_client, **fields).status_code == 404
    assert read(alice_client, htmx=False, **fields).status_code == 404
