import itertools
import re
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from program import prompts
from program.curriculum import PRACTICES, STEPS
from program.models import DailyEntry, Enrollment, Need, Person, StepProgress
from program.models.steps import (
    MARKED_STEPS,
    RequestWeek,
    request_weeks,
    requests_state,
    suggested,
)
from tests.factories import NOON, make_enrollment, make_entry
from tests.posting import HTMX, Response, is_our_page, is_toast, text_of

State = StepProgress.State
START = date(2027, 3, 8)


def post(
    client: Client, enrollment: Enrollment, path: str, *, htmx: bool = False, **fields: Any
) -> Response:
    data = {"enrollment": enrollment.public_id, **fields}
    return client.post(f"/steps/{path}/", data, headers=HTMX if htmx else None)


def save_note(enrollment: Enrollment, number: int, text: str, based_on: int = 0) -> None:
    StepProgress.objects.save_note(
        enrollment=enrollment, number=number, text=text, based_on=based_on, now=NOON
    )


def stored(number: int) -> StepProgress:
    return StepProgress.objects.get(number=number)


def step_of(page: str, number: int) -> str:
    """The words of one step, without the markup."""
    item = page.split(f'id="step-{number}"')[1].split('<li class="step"')[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", item))


# --- The page ------------------------------------------------------------------------------------


def test_step_list_shows_ten_steps_with_their_guidance(
    alice_client: Client, enrollment: Enrollment
) -> None:
    page = text_of(alice_client.get("/steps/"))

    for number, name in enumerate(STEPS, 1):
        assert str(name).replace("'", "&#x27;") in page
        assert str(prompts.step(number).guidance).replace("'", "&#x27;") in page
    assert "0 of 10" in page
    assert page.count('aria-pressed="false"') == len(MARKED_STEPS)


def test_step_list_without_two_weeks_leads_to_their_beginning(alice_client: Client) -> None:
    response = alice_client.get("/steps/")

    assert response.status_code == 302
    assert response["Location"] == "/enrollments/new/"


def test_step_list_by_post_is_not_allowed(alice_client: Client, enrollment: Enrollment) -> None:
    assert alice_client.post("/steps/").status_code == 405


def test_step_list_shows_what_the_two_weeks_say(
    alice_client: Client, enrollment: Enrollment, alice: User, bob: User
) -> None:
    for place in (1, 2, 3):
        make_entry(enrollment=enrollment, place=place, line="Imani")
    make_entry(enrollment=enrollment, place=4, line="Taken back", placed=False)
    DailyEntry.objects.filter(line="Imani").update(answer="Try the library")
    make_entry(enrollment=enrollment, practice="act", line="Mended a lamp")
    for user, name in ((alice, "Imani"), (bob, "Nobody of hers")):
        Person.objects.create(user=user, name=name, is_evangelist=True, created_at=NOON)
    Person.objects.create(user=alice, name="Just an advisor", is_advisor=True, created_at=NOON)
    for number, answered_at in enumerate((None, None, NOON)):
        Need.objects.create(
            enrollment=enrollment, question=f"{number}?", answered_at=answered_at, created_at=NOON
        )

    page = text_of(alice_client.get("/steps/"))

    assert "Told 3 times so far" in step_of(page, 2)
    assert "Imani" in step_of(page, 6)
    assert "Just an advisor" not in page
    assert "Nobody of hers" not in page
    assert "1 answered, 2 still open" in step_of(page, 7)
    assert "3 ideas came back" in step_of(page, 8)
    assert step_of(page, 8).count("Try the library") == 2
    assert "One action taken." in step_of(page, 9)
    assert "Mended a lamp" in step_of(page, 9)
    entry = DailyEntry.objects.get(practice="act")
    assert f'href="/days/2027-03-16/#entry-{entry.client_id}"' in page


def test_step_list_escapes_what_was_typed(alice_client: Client, enrollment: Enrollment) -> None:
    make_entry(enrollment=enrollment, practice="act", line="<script>alert(1)</script>")
    save_note(enrollment, 4, "<script>alert(2)</script>\nTwo lines")

    page = text_of(alice_client.get("/steps/4/evidence/"))

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(2)&lt;/script&gt;<br>Two lines" in page


def test_step_list_counts_the_requests_of_both_weeks(
    alice_client: Client, enrollment: Enrollment
) -> None:
    for place in range(1, 7):
        make_entry(enrollment=enrollment, day=START, practice="request", place=place)
    for place in range(1, 4):
        make_entry(enrollment=enrollment, practice="request", place=place)
    make_entry(enrollment=enrollment, practice="request", place=4, line="Words", placed=False)

    tenth = step_of(text_of(alice_client.get("/steps/")), 10)

    assert "Week 1 6 made" in tenth
    assert "Week 2 3 of 5" in tenth
    assert "Begun" in tenth


def test_step_list_counts_the_tenth_when_every_week_so_far_has_five(
    alice_client: Client, enrollment: Enrollment
) -> None:
    for day in (START, date(2027, 3, 16)):
        for place in range(1, 6):
            make_entry(enrollment=enrollment, day=day, practice="request", place=place)

    page = text_of(alice_client.get("/steps/"))

    assert "1 of 10" in page
    assert "In place" in step_of(page, 10)


def test_step_list_takes_as_many_queries_for_500_entries_as_for_none(
    alice_client: Client, enrollment: Enrollment, alice: User
) -> None:
    with CaptureQueriesContext(connection) as empty:
        alice_client.get("/steps/")
        alice_client.get("/steps/4/evidence/")
    places = [
        (day, practice.key, place)
        for place in range(1, 21)
        for day in enrollment.dates[:9]
        for practice in PRACTICES
    ]
    for day, practice, place in places[:500]:
        make_entry(enrollment=enrollment, day=day, practice=practice, place=place, line="Words")
    DailyEntry.objects.filter(practice="share").update(answer="An idea")
    for number in MARKED_STEPS:
        save_note(enrollment, number, "A note")
        stored(number).evidence.set(DailyEntry.objects.all()[: number * 5])
        Person.objects.create(user=alice, name="Imani", is_evangelist=True, created_at=NOON)
        Need.objects.create(enrollment=enrollment, question="Who?", created_at=NOON)

    with CaptureQueriesContext(connection) as full:
        responses = [alice_client.get("/steps/"), alice_client.get("/steps/4/evidence/")]

    assert [response.status_code for response in responses] == [200, 200]
    # The rows that hang from steps are asked for once there are steps.
    assert len(full) == len(empty) + 2
    assert len(full) <= 25


# --- How far a step is ---------------------------------------------------------------------------


def test_step_mark_puts_in_place_and_goes_back_to_the_step(
    alice_client: Client, enrollment: Enrollment
) -> None:
    response = post(alice_client, enrollment, "4/state", done="1")

    assert response.status_code == 302
    assert response["Location"] == "/steps/#step-4"
    assert stored(4).is_in_place
    assert stored(4).in_place_at == NOON
    page = text_of(alice_client.get("/steps/"))
    assert "1 of 10" in page
    assert "Begin" not in step_of(page, 4)


def test_step_mark_answers_htmx_with_the_stone_the_tag_and_the_tally(
    alice_client: Client, enrollment: Enrollment
) -> None:
    response = post(alice_client, enrollment, "4/state", htmx=True, done="1")

    answer = text_of(response)
    assert response.status_code == 200
    assert re.search(r'id="step-stone-4" name="done" value="0" aria-pressed="true"', answer)
    assert 'id="step-state-4"' in answer
    assert "1 of 10" in answer
    # Somebody may be typing in it.
    assert "<textarea" not in answer


def test_step_mark_taken_back_reopens_the_step(
    alice_client: Client, enrollment: Enrollment
) -> None:
    post(alice_client, enrollment, "4/state", done="1")

    post(alice_client, enrollment, "4/state", htmx=True, done="0")

    assert stored(4).is_begun
    assert stored(4).in_place_at is None


@pytest.mark.parametrize("state", State.values)
def test_step_mark_takes_each_state_and_twice_is_once(
    alice_client: Client, enrollment: Enrollment, state: str
) -> None:
    statuses = [
        post(alice_client, enrollment, "9/state", state=state).status_code for _time in range(2)
    ]

    assert statuses == [302, 302]
    assert stored(9).state == state


@pytest.mark.parametrize("fields", [{}, {"state": "done"}, {"done": "2"}, {"state": "\0"}])
def test_step_mark_of_no_state_is_refused(
    alice_client: Client, enrollment: Enrollment, fields: dict[str, Any]
) -> None:
    plain = post(alice_client, enrollment, "4/state", **fields)
    swapped = post(alice_client, enrollment, "4/state", htmx=True, **fields)

    assert [plain.status_code, swapped.status_code] == [422, 422]
    assert "data-error-summary" in text_of(plain)
    assert is_toast(swapped)
    assert not StepProgress.objects.exists()


@pytest.mark.parametrize("number", [0, 10, 11, 99999999999999999999])
@pytest.mark.parametrize("verb", ["state", "note", "evidence"])
def test_only_the_first_nine_steps_can_be_written_to(
    alice_client: Client, enrollment: Enrollment, number: int, verb: str
) -> None:
    entry = make_entry(enrollment=enrollment)
    fields: dict[str, Any] = {
        "done": "1",
        "text": "Mine",
        "version": 0,
        "entry": entry.client_id,
        "attached": "1",
    }

    response = post(alice_client, enrollment, f"{number}/{verb}", **fields)

    assert response.status_code == 404
    assert is_our_page(response)
    assert not StepProgress.objects.exists()


@pytest.mark.parametrize("verb", ["state", "note", "evidence"])
@pytest.mark.parametrize("enrollment_id", ["", "None", "\0", str(uuid.UUID(int=1)), "bobs"])
def test_steps_of_other_two_weeks_are_not_written_to(
    alice_client: Client, enrollment: Enrollment, bob: User, verb: str, enrollment_id: str
) -> None:
    bobs = make_enrollment(participant=bob)
    entry = make_entry(enrollment=enrollment)
    fields: dict[str, Any] = {
        "done": "1",
        "text": "Mine",
        "version": 0,
        "entry": entry.client_id,
        "attached": "1",
    }
    fields["enrollment"] = str(bobs.public_id) if enrollment_id == "bobs" else enrollment_id

    response = alice_client.post(f"/steps/4/{verb}/", fields)

    assert response.status_code == 404
    assert not StepProgress.objects.exists()


@pytest.mark.parametrize("verb", ["state", "note"])
def test_step_posts_by_get_are_not_allowed(
    alice_client: Client, enrollment: Enrollment, verb: str
) -> None:
    assert alice_client.get(f"/steps/4/{verb}/").status_code == 405


# --- The note ------------------------------------------------------------------------------------


def test_step_note_is_kept_and_begins_the_step(
    alice_client: Client, enrollment: Enrollment
) -> None:
    response = post(alice_client, enrollment, "3/note", version=0, text="No phone\r\nbefore nine.")

    assert response.status_code == 302
    assert response["Location"] == "/steps/#step-3"
    assert (stored(3).note, stored(3).version) == ("No phone\nbefore nine.", 1)
    assert stored(3).is_begun


def test_step_note_leaves_a_step_in_place_where_it_is(
    alice_client: Client, enrollment: Enrollment
) -> None:
    post(alice_client, enrollment, "3/state", done="1")

    post(alice_client, enrollment, "3/note", version=0, text="No phone before nine.")

    assert stored(3).is_in_place


def test_step_note_answers_htmx_with_saved_the_version_and_the_tag(
    alice_client: Client, enrollment: Enrollment
) -> None:
    response = post(alice_client, enrollment, "3/note", htmx=True, version=0, text="No phone.")

    answer = text_of(response)
    assert response.status_code == 200
    assert "Saved." in answer
    assert 'id="step-version-3" name="version" value="1"' in answer
    assert "Begun" in answer
    assert "Edit note" in answer
    assert "<textarea" not in answer


def test_step_note_of_nothing_begins_nothing(alice_client: Client, enrollment: Enrollment) -> None:
    post(alice_client, enrollment, "3/note", version=0, text="  \r\n ")

    assert (stored(3).note, stored(3).state) == ("", State.NOT_BEGUN)


@pytest.mark.parametrize("text", ["No phone before ten.", ""])
def test_step_note_rewritten_leaves_a_step_that_is_not_begun_after_all(
    alice_client: Client, enrollment: Enrollment, text: str
) -> None:
    save_note(enrollment, 3, "No phone before nine.")
    post(alice_client, enrollment, "3/state", state="not_begun")

    post(alice_client, enrollment, "3/note", version=1, text=text)

    assert (stored(3).note, stored(3).state) == (text, State.NOT_BEGUN)


def test_step_note_twice_changes_nothing(alice_client: Client, enrollment: Enrollment) -> None:
    for _time in range(2):
        response = post(alice_client, enrollment, "3/note", htmx=True, version=0, text="Once")
        assert response.status_code == 200

    assert stored(3).version == 1


@pytest.mark.parametrize("text", ["x" * 2001, "a\0b"])
def test_step_note_that_cannot_be_stored_is_refused_and_its_words_are_kept(
    alice_client: Client, enrollment: Enrollment, text: str
) -> None:
    plain = post(alice_client, enrollment, "3/note", version=0, text=text)
    swapped = post(alice_client, enrollment, "3/note", htmx=True, version=0, text=text)

    assert [plain.status_code, swapped.status_code] == [422, 422]
    assert f">{text}</textarea>" in text_of(plain)
    assert "<details" in text_of(plain)
    assert " open>" in text_of(plain)
    assert is_toast(swapped)
    assert not StepProgress.objects.exclude(note="").exists()


@pytest.mark.parametrize("version", ["", "-1", "x", str(2**31), "9" * 5000])
def test_step_note_on_a_version_that_is_none_is_refused(
    alice_client: Client, enrollment: Enrollment, version: str
) -> None:
    response = post(alice_client, enrollment, "3/note", version=version, text="Words")

    assert response.status_code == 422
    assert ">Words</textarea>" in text_of(response)


@pytest.mark.parametrize("htmx", [False, True])
def test_step_note_over_another_tab_shows_both_texts_and_writes_neither(
    alice_client: Client, enrollment: Enrollment, htmx: bool
) -> None:
    save_note(enrollment, 3, "The other tab")

    response = post(alice_client, enrollment, "3/note", htmx=htmx, version=0, text="This tab")

    page = text_of(response)
    assert response.status_code == 409
    assert "<p>The other tab</p>" in page
    assert "<p>This tab</p>" in page
    assert 'name="other_version" value="1"' in page
    assert page.count("You wrote here in two places") == 1
    assert is_our_page(response) is not htmx
    if not htmx:
        assert ">This tab</textarea>" in page
    assert stored(3).note == "The other tab"


def test_step_note_keeps_mine_or_both(alice_client: Client, enrollment: Enrollment) -> None:
    save_note(enrollment, 3, "The other tab")
    fields: dict[str, Any] = {
        "version": 0,
        "text": "This tab",
        "other_version": 1,
        "other_text": "The other tab",
    }

    post(alice_client, enrollment, "3/note", keep="both", **fields)
    both = stored(3).note
    fields |= {"other_version": 2, "other_text": both}
    post(alice_client, enrollment, "3/note", keep="mine", **fields)

    assert both == "The other tab\n\nThis tab"
    assert stored(3).note == "This tab"


def test_step_note_keeps_neither_when_a_third_tab_saved_meanwhile(
    alice_client: Client, enrollment: Enrollment
) -> None:
    save_note(enrollment, 3, "The other tab")
    save_note(enrollment, 3, "A third tab", based_on=1)
    fields: dict[str, Any] = {
        "version": 0,
        "text": "This tab",
        "other_version": 1,
        "other_text": "The other tab",
    }

    response = post(alice_client, enrollment, "3/note", keep="mine", **fields)

    assert response.status_code == 409
    assert stored(3).note == "A third tab"


# --- Evidence ------------------------------------------------------------------------------------


def test_step_attach_by_get_offers_the_entries_with_words(
    alice_client: Client, enrollment: Enrollment
) -> None:
    make_entry(enrollment=enrollment, line="Imani")
    make_entry(enrollment=enrollment, place=2)
    removed = make_entry(enrollment=enrollment, place=3, line="Removed")
    removed.remove(NOON)

    page = text_of(alice_client.get("/steps/4/evidence/"))
    part = alice_client.get("/steps/4/evidence/", headers=HTMX)

    assert is_our_page(alice_client.get("/steps/4/evidence/"))
    assert page.count('class="pick"') == 1
    assert "Imani" in step_of(page, 4)
    assert "Removed" not in page
    assert text_of(part).strip().startswith('<div class="step__evidence" id="step-evidence-4"')


def test_step_attach_offers_the_newest_forty_and_then_all(
    alice_client: Client, enrollment: Enrollment
) -> None:
    for day in enrollment.dates[:7]:
        for place in range(1, 7):
            make_entry(enrollment=enrollment, day=day, place=place, line=f"{day} {place}")

    newest = text_of(alice_client.get("/steps/4/evidence/"))
    every = text_of(alice_client.get("/steps/4/evidence/?all"))

    assert newest.count('class="pick"') == 40
    assert "Show all" in newest
    assert f"{enrollment.dates[0]} 1<" not in newest
    assert every.count('class="pick"') == 42
    assert "Show all" not in every
    assert every.index(f"{enrollment.dates[6]} 6") < every.index(f"{enrollment.dates[0]} 6")


@pytest.mark.parametrize("number", [0, 10])
def test_step_attach_by_get_knows_only_the_first_nine(
    alice_client: Client, enrollment: Enrollment, number: int
) -> None:
    assert alice_client.get(f"/steps/{number}/evidence/").status_code == 404


def test_step_attach_makes_an_entry_evidence_and_begins_the_step(
    alice_client: Client, enrollment: Enrollment
) -> None:
    entry = make_entry(enrollment=enrollment, line="Imani")

    statuses = [
        post(alice_client, enrollment, "4/evidence", entry=entry.client_id, attached="1")
        for _time in range(2)
    ]

    assert [response["Location"] for response in statuses] == ["/steps/#step-4"] * 2
    assert list(stored(4).evidence.all()) == [entry]
    assert stored(4).is_begun
    assert "Imani" in step_of(text_of(alice_client.get("/steps/")), 4)


def test_step_attach_from_the_list_goes_back_to_the_list(
    alice_client: Client, enrollment: Enrollment
) -> None:
    entry = make_entry(enrollment=enrollment, line="Imani")
    fields: dict[str, Any] = {"entry": entry.client_id, "attached": "1"}

    plain = post(alice_client, enrollment, "4/evidence", picking="newest", **fields)
    every = post(alice_client, enrollment, "4/evidence", picking="all", **fields)
    swapped = post(alice_client, enrollment, "4/evidence", htmx=True, picking="all", **fields)

    assert plain["Location"] == "/steps/4/evidence/#step-4"
    assert every["Location"] == "/steps/4/evidence/?all#step-4"
    assert 'aria-pressed="true"' in text_of(swapped)
    assert 'name="picking" value="all"' in text_of(swapped)
    assert 'id="step-state-4"' in text_of(swapped)


@pytest.mark.parametrize("htmx", [False, True])
def test_step_attach_taken_back_leaves_the_entry_and_offers_undo(
    alice_client: Client, enrollment: Enrollment, htmx: bool
) -> None:
    entry = make_entry(enrollment=enrollment, line="Imani")
    fields: dict[str, Any] = {"entry": entry.client_id, "htmx": htmx}
    post(alice_client, enrollment, "4/evidence", attached="1", **fields)

    response = post(alice_client, enrollment, "4/evidence", attached="0", **fields)

    assert response.status_code == 200
    assert is_our_page(response) is not htmx
    assert "Undo" in text_of(response)
    assert not stored(4).evidence.exists()
    assert DailyEntry.objects.get().line == "Imani"


def test_step_list_shows_no_entry_that_was_removed(
    alice_client: Client, enrollment: Enrollment
) -> None:
    entry = make_entry(enrollment=enrollment, line="Imani")
    post(alice_client, enrollment, "4/evidence", entry=entry.client_id, attached="1")
    entry.remove(NOON)

    assert "Imani" not in text_of(alice_client.get("/steps/"))


def test_step_attach_of_an_entry_that_is_not_theirs_is_not_found(
    alice_client: Client, enrollment: Enrollment, bob: User
) -> None:
    bobs = make_entry(enrollment=make_enrollment(participant=bob), line="Of Bob")
    removed = make_entry(enrollment=enrollment, line="Removed")
    removed.remove(NOON)

    for client_id in (bobs.client_id, removed.client_id, uuid.UUID(int=1)):
        response = post(alice_client, enrollment, "4/evidence", entry=client_id, attached="1")
        assert response.status_code == 404
    assert not StepProgress.objects.exists()


@pytest.mark.parametrize(
    "fields", [{}, {"attached": "2"}, {"entry": "x"}, {"entry": "\0"}, {"picking": "x"}]
)
def test_step_attach_of_anything_else_is_refused(
    alice_client: Client, enrollment: Enrollment, fields: dict[str, Any]
) -> None:
    entry = make_entry(enrollment=enrollment, line="Imani")
    posted: dict[str, Any] = {"entry": entry.client_id, "attached": "1", **fields} if fields else {}

    plain = post(alice_client, enrollment, "4/evidence", **posted)
    swapped = post(alice_client, enrollment, "4/evidence", htmx=True, **posted)

    assert [plain.status_code, swapped.status_code] == [422, 422]
    assert is_toast(swapped)
    assert not StepProgress.objects.exists()


# --- The tenth step, and the one for today -------------------------------------------------------

DATES = tuple(START + timedelta(days=number) for number in range(14))


def _counts(first: int, second: int) -> dict[date, dict[str, int]]:
    return {
        DATES[0]: {"request": first - first // 2, "share": 7},
        DATES[6]: {"request": first // 2},
        DATES[7]: {"request": second - second // 2},
        DATES[13]: {"request": second // 2},
    }


@pytest.mark.parametrize(
    ("day", "first", "second", "state"),
    [
        (0, 0, 0, State.NOT_BEGUN),  # the day before
        (1, 0, 0, State.NOT_BEGUN),
        (1, 1, 0, State.BEGUN),
        (7, 5, 0, State.IN_PLACE),
        (8, 5, 0, State.BEGUN),
        (8, 5, 5, State.IN_PLACE),
        (14, 4, 9, State.BEGUN),
        (15, 5, 5, State.IN_PLACE),
        (15, 5, 4, State.BEGUN),
    ],
)
def test_requests_state_asks_five_of_every_week_that_has_come(
    day: int, first: int, second: int, state: str
) -> None:
    today = START + timedelta(days=day - 1)

    assert requests_state(request_weeks(DATES, _counts(first, second), today)) == state


def test_request_weeks_are_days_1_to_7_and_8_to_14() -> None:
    assert request_weeks(DATES, _counts(6, 3), DATES[6]) == [
        RequestWeek(1, 6, is_ahead=False),
        RequestWeek(2, 3, is_ahead=True),
    ]


def test_suggested_is_another_open_step_every_day() -> None:
    suggestions = [suggested(day, {1, 3}) for day in range(1, 15)]

    assert suggestions[:8] == [2, 4, 5, 6, 7, 8, 9, 2]
    assert all(one != other for one, other in itertools.pairwise(suggestions))


@pytest.mark.parametrize(
    ("day", "week_requests", "suggestion"),
    [
        (1, 0, None),  # a new week has not fallen behind
        (3, 1, 10),
        (3, 2, None),
        (7, 4, 10),
        (7, 5, None),
        (8, 0, None),
    ],
)
def test_suggested_takes_the_tenth_when_the_week_is_behind(
    day: int, week_requests: int, suggestion: int | None
) -> None:
    assert suggested(day, MARKED_STEPS, week_requests) == suggestion


def test_suggested_is_nothing_when_all_is_in_place() -> None:
    assert suggested(9, MARKED_STEPS) is None


def test_steps_without_a_row_are_not_begun(enrollment: Enrollment) -> None:
    StepProgress.objects.mark(enrollment=enrollment, number=2, state="in_place", now=NOON)

    steps = StepProgress.objects.of(enrollment).by_number()

    assert list(steps) == list(MARKED_STEPS)
    assert [step.number for step in steps.values() if step.state == State.NOT_BEGUN] == [
        *(1, 3, 4, 5, 6, 7, 8, 9)
    ]
