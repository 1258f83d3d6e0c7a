import html
import re
import uuid
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from program.models import DailyEntry, Enrollment, Person
from tests.factories import NOON, make_enrollment, make_entry
from tests.posting import HTMX, TODAY, Response, is_our_page, is_toast, text_of
from tests.program.test_races import RACES, race
from tests.test_queries import queries

SCRIPT = '"><script>alert(1)</script>'
TABS = ["all", "due", "waiting", "granted", "countered", "declined", "unanswered"]


def make_request(enrollment: Enrollment, place: int = 1, **fields: Any) -> DailyEntry:
    """A request of day 9 with any field of the ledger; placed unless said otherwise."""
    names = {"day", "line", "placed", "outcome"}
    entry = make_entry(
        enrollment=enrollment,
        practice="request",
        place=place,
        **{name: value for name, value in fields.items() if name in names},
    )
    wanted = {name: value for name, value in fields.items() if name not in names}
    ledger = DailyEntry.objects.in_ledger(enrollment)
    return ledger.revise(entry, wanted, user=enrollment.participant, now=NOON)


def make_carried(enrollment: Enrollment, **fields: Any) -> DailyEntry:
    """A request of two weeks that were ended before, carried into the enrollment."""
    earlier = Enrollment.objects.create(
        participant=enrollment.participant,
        starts_on=date(2027, 2, 1),
        created_at=NOON,
        ended_at=NOON,
    )
    entry = make_request(earlier, day=date(2027, 2, 3), **fields)
    entry.carried_into = enrollment
    entry.save(update_fields=["carried_into"])
    return entry


def url_of(entry: DailyEntry) -> str:
    return f"/requests/{entry.client_id}/"


def shown(entry: DailyEntry) -> dict[str, str]:
    """What the form of a request posts when nothing was touched: every field, and what it was."""
    fields = {
        "outcome": entry.outcome,
        "answer": entry.answer,
        "follow_up_on": str(entry.follow_up_on or ""),
        "line": entry.line,
        "of_whom": entry.person.name if entry.person else "",
        "size": entry.size,
    }
    return fields | {f"initial-{name}": value for name, value in fields.items()}


def save(
    client: Client,
    entry: DailyEntry,
    *,
    htmx: bool = False,
    like: DailyEntry | None = None,
    **to: str,
) -> Response:
    """Post the form as it was when the page showed `like`, with some fields changed."""
    headers = HTMX if htmx else None
    return client.post(url_of(entry), shown(like or entry) | to, headers=headers)


def rows_of(response: Response) -> list[str]:
    return re.findall(r'class="request-row" role="row" id="request-([\w-]+)"', text_of(response))


def counts_of(response: Response) -> dict[str, int]:
    found = re.findall(r'id="count-(\w+)"[^>]*>\((\d+)\)', text_of(response))
    return {name: int(count) for name, count in found}


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
    alice_client: Client, enrollment: Enrollment, fields: dict[str, str]
) -> None:
    entry = make_request(enrollment, line="A ladder")
    fields = {"answer": "Half a thought"} | fields

    plain = save(alice_client, entry, **fields)
    swapped = save(alice_client, entry, htmx=True, **fields)

    assert plain.status_code == swapped.status_code == 422
    assert is_our_page(plain)
    assert "data-error-summary" in text_of(plain)
    assert "Half a thought" in text_of(plain) or "answer" not in {*fields} - {"answer"}
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
    carried = make_carried(enrollment, line="The old ladder")
    own = make_request(enrollment, line="The new ladder")
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
def test_of_whom_of_a_double_tap_is_one_person(
    transactional_db: None, noon: time_machine.Traveller, alice: User, enrollment: Enrollment
) -> None:
    entry = make_request(enrollment)

    def tap(client: Client, number: int) -> Response:
        return save(client, entry, of_whom=f"Ruth {number}")

    statuses = race(alice, tap, tap)

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


# --- The draft ------------------------------------------------------------------------------------


def draft(client: Client, url: str = "/requests/draft/", **fields: str) -> Response:
    data = {"to_whom": "Jonas", "what": "An hour for the wiring", "client_id": str(uuid.uuid4())}
    return client.post(url, data | fields)


def drafted(response: Response) -> str:
    found = re.search(r"<textarea name=\"draft\"[^>]*>\n(.*?)</textarea>", text_of(response), re.S)
    assert found
    return html.unescape(found[1])


def mail_link(response: Response) -> str:
    found = re.search(r'href="(mailto:[^"]*)"', text_of(response))
    return html.unescape(found[1]) if found else ""


def test_request_draft_says_it_in_plain_sentences_and_stores_nothing(
    alice_client: Client, enrollment: Enrollment
) -> None:
    response = draft(alice_client, by_when="Friday noon", gain="A cake")

    words = drafted(response)
    assert response.status_code == 200
    assert words.startswith("Hello Jonas,\n\n")
    assert words.endswith("Thank you,\nAlice")
    for part in ("Open a repair corner in the library.", "An hour for the wiring.", "Friday noon."):
        assert part in words
    assert "A cake." in words
    assert not DailyEntry.objects.exists()
    assert not Person.objects.exists()


def test_request_draft_leaves_out_what_was_left_open(
    alice_client: Client, enrollment: Enrollment
) -> None:
    words = drafted(draft(alice_client, what="Could you help?"))

    assert "Could you help?\n" in words
    assert "by this time" not in words
    assert "in it for you" not in words


def test_request_draft_makes_a_mail_link_that_says_the_same(
    alice_client: Client, enrollment: Enrollment
) -> None:
    response = draft(
        alice_client, to_whom="Åsa & Co", what='50% of <b>"that"</b>?&body=x', gain="Tack så mycket"
    )

    link = urlsplit(mail_link(response))
    fields = parse_qs(link.query, strict_parsing=True)
    assert (link.scheme, link.path) == ("mailto", "")
    assert fields == {
        "subject": ['A request: 50% of <b>"that"</b>?&body=x'],
        "body": [drafted(response).replace("\n", "\r\n")],
    }
    assert "<b>" not in text_of(response).split("<main")[1].split("draft-label")[1]


def test_request_draft_has_no_mail_link_past_what_mail_programs_take(
    alice_client: Client, enrollment: Enrollment
) -> None:
    short = draft(alice_client, gain="茶")
    long = draft(alice_client, gain="茶" * 200)

    assert 0 < len(mail_link(short)) <= 1900
    assert mail_link(long) == ""
    assert "茶" * 200 in drafted(long)
    assert "It is too long for a link" in text_of(long)


@pytest.mark.parametrize(
    "fields",
    [
        {"to_whom": " "},
        {"what": ""},
        {"what": "x" * 301},
        {"by_when": "x" * 101},
        {"gain": "a\0b"},
        {"to_whom": "x" * 101},
        {"client_id": "none"},
        {"draft": "x" * 2001},
    ],
)
@pytest.mark.parametrize("url", ["/requests/draft/", "/requests/plan/"])
def test_request_draft_and_plan_refuse_nonsense_and_keep_the_words(
    alice_client: Client, enrollment: Enrollment, url: str, fields: dict[str, str]
) -> None:
    response = draft(alice_client, url, **({"gain": "Half a thought"} | fields))

    assert response.status_code == 422
    assert is_our_page(response)
    assert "gain" in fields or "Half a thought" in text_of(response)
    assert mail_link(response) == ""
    assert not DailyEntry.objects.exists()


def test_request_draft_opens_with_the_words_of_a_request_or_the_name_of_a_person(
    alice_client: Client, enrollment: Enrollment
) -> None:
    entry = make_request(enrollment, line="A long ladder", of_whom="Ruth")
    assert entry.person

    of_request = text_of(alice_client.get(f"/requests/draft/?request={entry.client_id}"))
    of_person = text_of(alice_client.get(f"/requests/draft/?person={entry.person.pk}"))

    assert 'value="Ruth"' in of_request
    assert "A long ladder</textarea>" in of_request
    assert "Put it on today" not in of_request
    assert 'value="Ruth"' in of_person
    assert "Put it on today" in of_person


def test_request_draft_of_anothers_or_no_request_or_person_is_not_found(
    alice_client: Client, enrollment: Enrollment, bob: User
) -> None:
    entry = make_request(make_enrollment(participant=bob), line="Bob's", of_whom="Boris")
    assert entry.person
    left = enrollment.participant.people.create(name="Left", created_at=NOON, removed_at=NOON)

    for query in (
        f"request={entry.client_id}",
        "request=x",
        f"request={uuid.uuid4()}",
        f"person={entry.person.pk}",
        f"person={left.pk}",
        *("person=", "person=x", "person=-1", f"person={2**63}", f"person={'9' * 5000}"),
    ):
        response = alice_client.get(f"/requests/draft/?{query}")

        assert response.status_code == 404, query


def test_request_plan_puts_words_without_a_stone_on_today_once(
    alice_client: Client, enrollment: Enrollment
) -> None:
    client_id = str(uuid.uuid4())

    for _tap in range(2):
        response = draft(alice_client, "/requests/plan/", client_id=client_id)

        assert response["Location"] == f"/today/#entry-{client_id}"
    entry = DailyEntry.objects.get()
    assert entry.line == "Jonas: An hour for the wiring"
    assert (entry.practice, entry.day, entry.is_placed) == ("request", TODAY, False)
    assert "Jonas: An hour for the wiring" in text_of(alice_client.get("/today/"))


def test_request_plan_of_a_used_page_takes_a_second_press(
    alice_client: Client, enrollment: Enrollment
) -> None:
    removed = make_request(enrollment, line="Removed")
    removed.remove(NOON)

    refused = draft(alice_client, "/requests/plan/", client_id=str(removed.client_id))

    found = re.search(r'name="client_id" value="([\w-]+)"', text_of(refused))
    assert refused.status_code == 422
    assert found
    assert found[1] != str(removed.client_id)
    again = draft(alice_client, "/requests/plan/", client_id=found[1])
    assert again.status_code == 302


def test_request_plan_refuses_a_full_day_and_a_day_that_is_none_of_theirs(
    alice_client: Client, enrollment: Enrollment, noon: time_machine.Traveller
) -> None:
    for place in range(1, 21):
        make_request(enrollment, place, line="Words")

    full = draft(alice_client, "/requests/plan/")
    noon.move_to(NOON.replace(day=25))
    after = draft(alice_client, "/requests/plan/")

    assert full.status_code == after.status_code == 422
    assert "That is twenty on one day" in text_of(full)
    assert "none of your fourteen days" in text_of(after)
    assert DailyEntry.objects.count() == 20


def test_requests_of_somebody_without_two_weeks_lead_to_the_first_step(
    client: Client, erin: User
) -> None:
    client.force_login(erin)

    for url in ("/requests/", "/requests/draft/"):
        assert client.get(url)["Location"] == "/enrollments/new/"
    assert draft(client, "/requests/plan/").status_code == 404
    assert client.get(f"/requests/{uuid.uuid4()}/").status_code == 404
