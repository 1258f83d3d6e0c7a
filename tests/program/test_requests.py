import re
from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from program.models import DailyEntry, Enrollment
from tests.factories import NOON, make_enrollment, make_entry
from tests.posting import HTMX, TODAY, is_our_page, text_of
from tests.requesting import counts_of, make_carried, make_request, rows_of, save, url_of
from tests.test_queries import queries

SCRIPT = '"><script>alert(1)</script>'
TABS = ["all", "due", "waiting", "granted", "countered", "declined", "unanswered"]


# --- The ledger -----------------------------------------------------------------------------------


def test_request_list_on_the_first_day_says_how_to_begin(
    alice_client: Client, enrollment: Enrollment
) -> None:
    page = text_of(alice_client.get("/requests/"))

    assert "Nothing asked yet" in page
    assert "Go to today" in page
    assert "<table" not in page


def test_request_list_shows_what_of_whom_when_and_what_came_back_newest_first(
    alice_client: Client, enrollment: Enrollment
) -> None:
    early = make_request(enrollment, 1, day=date(2027, 3, 8), line="A ladder", of_whom="Ruth")
    late = make_request(
        enrollment, 2, line="Tables", outcome="countered", answer="Six of them", size="stretch"
    )

    response = alice_client.get("/requests/")

    page = text_of(response)
    assert rows_of(response) == [str(late.client_id), str(early.client_id)]
    for words in ("A ladder", "Ruth", "Day 1", "Tables", "Six of them", "Stretch", "Counter-offer"):
        assert words in page
    assert f'href="/days/2027-03-08/#entry-{early.client_id}"' in page
    assert f'href="/today/#entry-{late.client_id}"' in page


def test_request_list_leaves_out_what_is_no_request_made(
    alice_client: Client, enrollment: Enrollment, bob: User
) -> None:
    make_entry(enrollment=enrollment, practice="act", line="Painted the shelf")
    make_request(enrollment, 1, line="Taken back").remove(NOON)
    make_request(enrollment, 2, placed=False)
    make_request(make_enrollment(participant=bob), line="What Bob asked")

    page = text_of(alice_client.get("/requests/"))

    assert "Nothing asked yet" in page
    for words in ("Painted the shelf", "Taken back", "What Bob asked", "Still to ask"):
        assert words not in page


def test_request_list_keeps_planned_requests_apart_and_uncounted(
    alice_client: Client, enrollment: Enrollment
) -> None:
    made = make_request(enrollment, 1, line="A ladder")
    planned = make_request(enrollment, 2, line="Paint from the school", placed=False)

    response = alice_client.get("/requests/")

    before, after = text_of(response).split("Still to ask")
    assert rows_of(response) == [str(made.client_id)]
    assert counts_of(response)["all"] == 1
    assert "Paint from the school" not in before
    assert "Paint from the school" in after
    assert f"/requests/draft/?request={planned.client_id}" in after


@pytest.mark.parametrize("tab", TABS)
def test_request_list_counts_what_each_tab_shows(
    alice_client: Client, enrollment: Enrollment, tab: str
) -> None:
    for place, outcome in enumerate(TABS[2:], 1):
        for number in range(place):
            make_request(enrollment, 2 * (5 * place + number), outcome=outcome)
    make_request(enrollment, 1, follow_up_on=TODAY)
    make_request(enrollment, 3, follow_up_on=date(2027, 3, 17))
    make_request(enrollment, 5, placed=False, line="Planned", follow_up_on=TODAY)
    make_carried(enrollment, follow_up_on=date(2027, 3, 1))
    make_request(enrollment, 7, line="Removed").remove(NOON)

    response = alice_client.get("/requests/", {"outcome": tab})

    counts = counts_of(response)
    assert len(rows_of(response)) == counts[tab]
    assert counts == {
        "all": 18,
        "due": 2,
        "waiting": 4,
        "granted": 2,
        "countered": 3,
        "declined": 4,
        "unanswered": 5,
    }
    assert re.findall(r'id="tab-(\w+)"[^>]* aria-current', text_of(response)) == [tab]


@pytest.mark.parametrize("outcome", ["", "maybe", "\0", "x" * 5000, SCRIPT])
def test_request_list_under_an_unknown_tab_is_the_whole_list(
    alice_client: Client, enrollment: Enrollment, outcome: str
) -> None:
    entry = make_request(enrollment, line="A ladder", outcome="declined")

    response = alice_client.get("/requests/", {"outcome": outcome})

    assert response.status_code == 200
    assert rows_of(response) == [str(entry.client_id)]
    assert "<script>alert" not in text_of(response)


def test_request_list_answers_a_tab_with_the_ledger_alone_and_a_way_back_with_the_page(
    alice_client: Client, enrollment: Enrollment
) -> None:
    make_request(enrollment, line="A ladder", outcome="granted")

    swapped = alice_client.get("/requests/?outcome=granted", headers=HTMX)
    restored = alice_client.get(
        "/requests/?outcome=granted", headers=HTMX | {"HX-History-Restore-Request": "true"}
    )

    assert not is_our_page(swapped)
    assert len(rows_of(swapped)) == 1
    assert "Requests, Yes: 1" in text_of(swapped)
    assert is_our_page(restored)


def test_request_list_counts_the_week_by_stones_and_a_no_in_full(
    alice_client: Client, enrollment: Enrollment
) -> None:
    make_request(enrollment, 1, day=date(2027, 3, 14), outcome="granted")  # day 7, last week
    make_request(enrollment, 2, day=date(2027, 3, 15), outcome="declined")
    make_request(enrollment, 3, outcome="declined")
    make_carried(enrollment)

    page = text_of(alice_client.get("/requests/"))

    facts = dict(re.findall(r"<dt>([\w ]+)</dt><dd>(\d+(?: of 5)?)", page))
    assert facts == {"This week": "2 of 5", "In all": "4", "Yes": "1", "Waiting": "1"}


def test_request_list_after_the_fourteen_days_names_no_week(
    alice_client: Client, enrollment: Enrollment, noon: time_machine.Traveller
) -> None:
    make_request(enrollment)
    noon.move_to(NOON.replace(day=25))

    page = text_of(alice_client.get("/requests/"))

    assert "In all" in page
    assert "This week" not in page


def test_request_list_marks_what_was_carried_into_these_two_weeks(
    alice_client: Client, enrollment: Enrollment
) -> None:
    carried = make_carried(enrollment, line="The old ladder")

    response = alice_client.get("/requests/")
    saved = save(alice_client, carried, outcome="granted")

    page = text_of(response)
    assert rows_of(response) == [str(carried.client_id)]
    assert "from your earlier two weeks" in page
    assert "/days/2027-02-03/" not in page
    assert saved.status_code == 302
    carried.refresh_from_db()
    assert carried.outcome == "granted"
    assert carried.enrollment != enrollment


def test_request_list_escapes_what_people_write(
    alice_client: Client, enrollment: Enrollment
) -> None:
    entry = make_request(enrollment, line=SCRIPT, answer=SCRIPT, of_whom=SCRIPT)
    make_request(enrollment, 2, line=SCRIPT, placed=False)

    for url in ("/requests/", url_of(entry), f"/requests/draft/?request={entry.client_id}"):
        page = text_of(alice_client.get(url))

        assert "alert(1)" in page
        assert "<script>alert" not in page


@pytest.mark.parametrize("entries", [0, 280])
def test_request_list_takes_seven_queries(
    alice_client: Client, enrollment: Enrollment, entries: int
) -> None:
    rows = [(day, place) for day in enrollment.dates for place in range(1, 21)]
    person = enrollment.participant.people.create(name="Ruth", created_at=NOON)
    for number, (day, place) in enumerate(rows[:entries]):
        make_entry(
            enrollment=enrollment,
            practice="request",
            day=day,
            place=place,
            line="Words",
            placed=number % 2 == 0,
        )
    DailyEntry.objects.in_ledger(enrollment).update(person=person)

    with CaptureQueriesContext(connection) as captured:
        response = alice_client.get("/requests/")

    assert len(rows_of(response)) == entries / 2
    assert len(queries(captured)) == (7 if entries else 6), queries(captured)


# --- Asking again ---------------------------------------------------------------------------------


def test_due_are_those_without_an_answer_whose_day_has_come(enrollment: Enrollment) -> None:
    yesterday, tomorrow = date(2027, 3, 15), date(2027, 3, 17)
    due = [
        make_request(enrollment, 1, outcome="unanswered", follow_up_on=TODAY),
        make_request(enrollment, 2, follow_up_on=yesterday),
        make_carried(enrollment, follow_up_on=date(2027, 3, 1)),
    ]
    make_request(enrollment, 3, follow_up_on=tomorrow)
    make_request(enrollment, 4, placed=False, follow_up_on=TODAY)
    make_request(enrollment, 5, follow_up_on=TODAY).remove(NOON)
    # Answered on Today, where the date stays.
    answered = make_request(enrollment, 6, follow_up_on=TODAY)
    DailyEntry.objects.filter(pk=answered.pk).update(outcome="granted")

    found = DailyEntry.objects.in_ledger(enrollment).due(TODAY).soonest_follow_up_first()

    assert list(found) == [due[2], due[1], due[0]]
