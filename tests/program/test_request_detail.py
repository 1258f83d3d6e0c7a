import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from program.models import DailyEntry, Enrollment, Person
from tests.factories import NOON, make_enrollment, make_entry
from tests.posting import HTMX, TODAY, Response, is_our_page, is_toast, text_of
from tests.racing import RACES, race
from tests.requesting import counts_of, make_carried, make_request, rows_of, save, shown, url_of

# --- One request ----------------------------------------------------------------------------------


def test_request_detail_changes_every_field_and_goes_back_to_the_row(
    alice_client: Client, enrollment: Enrollment
) -> None:
    entry = make_request(enrollment, line="A ladder")

    response = save(
        alice_client,
        entry,
        outcome="unanswered",
        answer="She will see",
        follow_up_on="2027-03-18",
        line="A long ladder",
        of_whom="Ruth",
        size="unreasonable",
    )

    assert response.status_code == 302
    assert response["Location"] == f"/requests/#request-{entry.client_id}"
    entry.refresh_from_db()
    assert entry.person
    assert entry.person.user == enrollment.participant
    assert [entry.outcome, entry.answer, entry.line, entry.person.name, entry.size] == [
        *("unanswered", "She will see", "A long ladder", "Ruth", "unreasonable"),
    ]
    assert entry.follow_up_on == date(2027, 3, 18)
    page = text_of(alice_client.get("/requests/"))
    assert "Ask again on Thursday, March 18" in page


def test_request_detail_with_htmx_is_the_row_and_what_it_moved(
    alice_client: Client, enrollment: Enrollment
) -> None:
    entry = make_request(enrollment, line="A ladder")

    opened = alice_client.get(url_of(entry), headers=HTMX)
    saved = save(alice_client, entry, htmx=True, outcome="granted", answer="On Thursday")

    assert not is_our_page(opened)
    assert f'id="request-{entry.client_id}"' in text_of(opened)
    assert f'hx-post="{url_of(entry)}"' in text_of(opened)
    assert rows_of(saved) == [str(entry.client_id)]
    assert "On Thursday" in text_of(saved)
    assert counts_of(saved)["granted"] == 1
    assert counts_of(saved)["waiting"] == 0


@pytest.mark.parametrize("htmx", [True, False])
def test_request_detail_says_of_a_no_that_it_is_a_request_made_and_counts_it(
    alice_client: Client, enrollment: Enrollment, htmx: bool
) -> None:
    entry = make_request(enrollment, line="A ladder")

    response = save(alice_client, entry, htmx=htmx, outcome="declined", answer="Not this year")

    page = text_of(response if htmx else alice_client.get("/requests/"))
    assert "A no is a request made." in page
    assert re.search(r"This week</dt><dd>1 of 5", page)
    again = save(alice_client, DailyEntry.objects.get(), htmx=True, answer="Not this decade")
    assert "A no is a request made." not in text_of(again)


def test_request_detail_of_an_old_page_changes_only_what_was_changed_there(
    alice_client: Client, enrollment: Enrollment
) -> None:
    as_shown = make_request(enrollment, line="A ladder", follow_up_on=date(2027, 3, 18))
    save(alice_client, as_shown, line="A long ladder", size="easy", of_whom="Ruth")

    save(alice_client, as_shown, like=as_shown, answer="Maybe")

    entry = DailyEntry.objects.with_person().get()
    assert entry.person
    assert (entry.line, entry.size, entry.answer) == ("A long ladder", "easy", "Maybe")
    assert entry.person.name == "Ruth"
    assert entry.follow_up_on == date(2027, 3, 18)


@pytest.mark.parametrize(
    "fields",
    [
        {"outcome": "maybe"},
        {"size": "huge"},
        {"line": "x" * 501},
        {"answer": "a\0b"},
        {"of_whom": "x" * 101},
        {"of_whom": "a\0b"},
        {"follow_up_on": "2027-02-30"},
        {"follow_up_on": "2027-03-15"},
        {"follow_up_on": "99999-01-01"},
    ],
)
def test_request_detail_refuses_nonsense_and_keeps_the_words(
    alice_client: Client, enrollment: Enrollment, fields: dict[str, Any]
) -> None:
    entry = make_request(enrollment, line="A ladder")
    fields = {"answer": "Half a thought"} | fields

    plain = save(alice_client, entry, **fields)
    swapped = save(alice_client, entry, htmx=True, **fields)

    assert plain.status_code == swapped.status_code == 422
    assert is_our_page(plain)
    assert "data-error-summary" in text_of(plain)
    assert is_toast(swapped)
    stored = DailyEntry.objects.get()
    assert (stored.line, stored.answer, stored.follow_up_on) == ("A ladder", "", None)
    assert not Person.objects.exists()


def test_request_detail_keeps_what_was_typed_beside_an_error(
    alice_client: Client, enrollment: Enrollment
) -> None:
    entry = make_request(enrollment, line="A ladder")

    response = save(
        alice_client, entry, answer="Half a thought", of_whom="Ruth", follow_up_on="2027-03-15"
    )

    page = text_of(response)
    assert 'value="Half a thought"' in page
    assert 'value="Ruth"' in page
    assert "That day has passed." in page
    assert 'name="initial-answer" value="Half' not in page


def test_request_detail_leaves_a_follow_up_of_the_past_alone_while_it_is_not_changed(
    alice_client: Client, enrollment: Enrollment
) -> None:
    entry = make_request(enrollment, line="A ladder", follow_up_on=date(2027, 3, 12))

    response = save(alice_client, entry, answer="Still nothing")

    assert response.status_code == 302
    entry.refresh_from_db()
    assert entry.follow_up_on == date(2027, 3, 12)


@pytest.mark.parametrize("outcome", ["granted", "countered", "declined"])
def test_request_detail_with_an_answer_takes_the_follow_up_away(
    alice_client: Client, enrollment: Enrollment, outcome: str
) -> None:
    entry = make_request(enrollment, line="A ladder", follow_up_on=TODAY)

    save(alice_client, entry, outcome=outcome)

    entry.refresh_from_db()
    assert (entry.outcome, entry.follow_up_on) == (outcome, None)


def test_request_detail_offers_tomorrow_three_days_and_a_week(
    alice_client: Client, enrollment: Enrollment
) -> None:
    entry = make_request(enrollment, line="A ladder")

    page = text_of(alice_client.get(url_of(entry)))
    # The field stands empty before the button in the same form: the last one counts.
    response = alice_client.post(url_of(entry), shown(entry) | {"follow_up_on": ["", "2027-03-19"]})

    offered = re.findall(r'name="follow_up_on" value="([\d-]+)">([\w ]+)<', page)
    assert offered == [
        ("2027-03-17", "Tomorrow"),
        ("2027-03-19", "In three days"),
        ("2027-03-23", "In a week"),
    ]
    assert response.status_code == 302
    entry.refresh_from_db()
    assert entry.follow_up_on == date(2027, 3, 19)


def test_request_detail_of_words_without_a_stone_has_no_answer_yet(
    alice_client: Client, enrollment: Enrollment
) -> None:
    entry = make_request(enrollment, line="A ladder", placed=False)

    page = text_of(alice_client.get(url_of(entry)))
    response = alice_client.post(
        url_of(entry), {"line": "A long ladder", "of_whom": "", "size": ""}
    )

    assert 'name="outcome"' not in page
    assert response.status_code == 302
    entry.refresh_from_db()
    assert (entry.line, entry.outcome, entry.is_placed) == ("A long ladder", "waiting", False)


def test_request_detail_is_not_found_for_others_removed_ones_and_no_requests(
    alice_client: Client, enrollment: Enrollment, bob: User
) -> None:
    removed = make_request(enrollment, line="Removed")
    removed.remove(NOON)
    for entry in (
        make_request(make_enrollment(participant=bob), line="Bob's"),
        removed,
        make_entry(enrollment=enrollment, practice="act", line="An act"),
    ):
        before = DailyEntry.objects.filter(pk=entry.pk).values().get()

        assert alice_client.get(url_of(entry)).status_code == 404
        assert alice_client.post(url_of(entry), {"line": "Written over"}).status_code == 404
        assert DailyEntry.objects.filter(pk=entry.pk).values().get() == before


def test_request_detail_of_two_with_one_id_is_that_of_the_current_two_weeks(
    alice_client: Client, enrollment: Enrollment
) -> None:
    own = make_request(enrollment, line="The new ladder")
    carried = make_carried(enrollment, line="The old ladder")
    DailyEntry.objects.filter(pk=carried.pk).update(client_id=own.client_id)

    page = text_of(alice_client.get(url_of(own)))

    assert "The new ladder" in page
    assert "The old ladder" not in page


def test_request_addresses_take_no_other_method(
    alice_client: Client, enrollment: Enrollment
) -> None:
    entry = make_request(enrollment)

    assert alice_client.post("/requests/").status_code == 405
    assert alice_client.delete(url_of(entry)).status_code == 405
    assert alice_client.get("/requests/plan/").status_code == 405


# --- Of whom --------------------------------------------------------------------------------------


def test_of_whom_links_a_known_person_in_any_case_and_nobody_when_empty(
    alice_client: Client, enrollment: Enrollment, bob: User
) -> None:
    bob.people.create(name="Ruth", created_at=NOON)
    ruth = enrollment.participant.people.create(name="Ruth", created_at=NOON)
    entry = make_request(enrollment, line="A ladder")

    save(alice_client, entry, of_whom=" rUTH ")
    linked = DailyEntry.objects.with_person().get()
    save(alice_client, linked, of_whom="")

    assert linked.person == ruth
    assert DailyEntry.objects.get().person is None
    assert Person.objects.count() == 2


def test_of_whom_adds_a_new_person_once(alice_client: Client, enrollment: Enrollment) -> None:
    first, second = make_request(enrollment, 1), make_request(enrollment, 2)

    for entry in (first, first, second):
        assert save(alice_client, entry, of_whom="Ruth").status_code == 302

    ruth = Person.objects.owned_by(enrollment.participant).get()
    assert {entry.person for entry in DailyEntry.objects.with_person()} == {ruth}


@pytest.mark.django_db(transaction=True)
def test_of_whom_of_two_rows_at_once_is_one_person(
    transactional_db: None, noon: time_machine.Traveller, alice: User, enrollment: Enrollment
) -> None:
    entries = [make_request(enrollment, 1), make_request(enrollment, 2)]

    def tap(of: int) -> Callable[[Client, int], Response]:
        return lambda client, number: save(client, entries[of], of_whom=f"Ruth {number}")

    statuses = race(alice, tap(0), tap(1))

    assert statuses == [[302, 302]] * RACES
    assert Person.objects.count() == RACES


def test_of_whom_keeps_somebody_who_has_left_the_list_and_adds_no_second_one(
    alice_client: Client, enrollment: Enrollment
) -> None:
    entry = make_request(enrollment, line="A ladder", of_whom="Ruth")
    Person.objects.update(removed_at=NOON)

    page = text_of(alice_client.get("/requests/"))
    save(alice_client, entry, of_whom="ruth")

    assert "Ruth" in page
    assert "#person-" not in page
    assert Person.objects.count() == 1
