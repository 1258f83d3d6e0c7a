import uuid
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from program.models import Breakthrough, DailyEntry, Enrollment
from tests.factories import NOON, make_enrollment, make_entry, make_moment
from tests.posting import HTMX, TODAY, Response, is_our_page, text_of

ID = uuid.UUID("5e0b1a52-8d43-4f0b-9a5e-0d8f6f1b7c11")
URL = f"/moments/{ID}/"
WORDS = {"title": "The key", "before": "A year", "moment": "“Of course.”", "after": "I ask"}


def catch(client: Client, *, client_id: object = ID, day: object = TODAY, **words: Any) -> Response:
    return client.post("/moments/add/", {"client_id": client_id, "day": day, **words})


def rewrite(client: Client, *, version: object = 1, day: object = TODAY, **fields: Any) -> Response:
    return client.post(URL, {"version": version, "day": day, **fields})


def stored(enrollment: Enrollment) -> list[tuple[str, str, str, str]]:
    rows = Breakthrough.objects.of(enrollment).kept().newest_first()
    return list(rows.values_list(*WORDS))


def causes(moment: Breakthrough) -> set[str]:
    return set(moment.entries.values_list("line", flat=True))


# --- Catch ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", Breakthrough.WORDS)
def test_moment_create_takes_any_one_field(
    field: str, alice_client: Client, enrollment: Enrollment
) -> None:
    response = catch(alice_client, **{field: "It can be ugly"})

    assert response.status_code == 302
    assert response["Location"] == f"/moments/#moment-{ID}"
    (moment,) = Breakthrough.objects.of(enrollment)
    assert getattr(moment, field) == "It can be ugly"
    assert (moment.day, moment.version, moment.created_at) == (TODAY, 1, NOON)
    page = text_of(alice_client.get("/moments/"))
    assert "It can be ugly" in page
    assert f'<span>Caught. <a href="{URL}#causes">What led to it?</a></span>' in page


def test_moment_create_sent_twice_is_one_moment(
    alice_client: Client, enrollment: Enrollment
) -> None:
    catch(alice_client, title="The key")

    assert catch(alice_client, title="The key").status_code == 302
    assert stored(enrollment) == [("The key", "", "", "")]


def test_moment_create_of_an_id_that_says_something_else_shows_both_texts(
    alice_client: Client, enrollment: Enrollment
) -> None:
    entry = make_entry(enrollment=enrollment, line="My sister")
    moment = make_moment(enrollment=enrollment, client_id=ID, title="The key")
    moment.entries.add(entry)

    response = catch(alice_client, title="The other key")

    assert response.status_code == 409
    assert "<p>The key</p>" in text_of(response)
    assert 'value="The other key"' in text_of(response)
    assert f'value="{entry.client_id}" checked' in text_of(response)
    assert stored(enrollment) == [("The key", "", "", "")]


def test_moment_create_does_not_bring_a_removed_one_back(
    alice_client: Client, enrollment: Enrollment
) -> None:
    make_moment(enrollment=enrollment, client_id=ID, title="The key").remove(NOON)

    response = catch(alice_client, title="The key")

    assert response.status_code == 422
    assert 'value="The key"' in text_of(response)
    # Kept once more, it is a moment of its own.
    assert str(ID) not in text_of(response)
    assert stored(enrollment) == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Write something down first. One field is enough."),
        ({"title": "  ", "after": "\n"}, "Write something down first."),
        ({"title": "x" * 201}, "200 characters fit here"),
        ({"moment": "x" * 4001}, "4000 characters fit here"),
        ({"before": "a\0b"}, "a character in it that cannot be stored"),
        ({"day": "2027-03-17"}, "That is not in the list."),
        ({"day": "2027-03-07"}, "That is not in the list."),
        ({"day": "soon\0"}, "That is not in the list."),
        ({"day": ""}, "Choose the day it was on."),
        ({"client_id": "x\0"}, "Keep them once more."),
        ({"client_id": ""}, "Keep them once more."),
    ],
)
def test_moment_create_refuses_nonsense_and_keeps_the_words(
    fields: dict[str, str], words: str, alice_client: Client, enrollment: Enrollment
) -> None:
    blank = not fields or "  " in fields.get("title", "")
    data = {"client_id": str(ID), "day": str(TODAY), "after": "" if blank else "I ask first"}

    response = alice_client.post("/moments/add/", {**data, **fields})

    assert response.status_code == 422
    assert is_our_page(response)
    assert words in text_of(response)
    assert blank or "I ask first</textarea>" in text_of(response)
    assert stored(enrollment) == []


def test_moment_create_counts_a_line_end_as_one_character(
    alice_client: Client, enrollment: Enrollment
) -> None:
    assert catch(alice_client, moment="o" * 3998 + "\r\n!").status_code == 302
    assert stored(enrollment)[0][2] == "o" * 3998 + "\n!"


def test_moment_create_takes_the_days_so_far_and_today_after_the_last(
    alice_client: Client, alice: User
) -> None:
    over = make_enrollment(participant=alice, starts_on=date(2027, 3, 1))

    page = text_of(alice_client.get("/moments/"))
    for day in (date(2027, 3, 1), TODAY):
        catch(alice_client, client_id=uuid.uuid4(), day=day, title="The key")

    assert page.count("<option") == 15
    assert '<option value="2027-03-16" selected>Tuesday, March 16</option>' in page
    assert "Day 14, Sunday, March 14" in page
    assert [moment.day for moment in Breakthrough.objects.of(over).newest_first()] == [
        TODAY,
        date(2027, 3, 1),
    ]


def test_moment_create_of_one_person_leaves_the_same_id_of_another(
    alice_client: Client, enrollment: Enrollment, bob: User
) -> None:
    bobs = make_moment(
        enrollment=make_enrollment(participant=bob), client_id=ID, title="What Bob caught"
    )

    catch(alice_client, title="The key")

    assert stored(enrollment) == [("The key", "", "", "")]
    assert stored(bobs.enrollment) == [("What Bob caught", "", "", "")]
    assert "What Bob caught" not in text_of(alice_client.get("/moments/"))


def test_moment_create_takes_markup_for_words(alice_client: Client, enrollment: Enrollment) -> None:
    catch(alice_client, title="<b>Key</b>", moment="<script>x</script>")

    page = text_of(alice_client.get("/moments/"))
    assert "<b>Key</b>" not in page
    assert "<script>x" not in page
    assert "&lt;b&gt;Key" in page


# --- Complete ------------------------------------------------------------------------------------


def test_moment_update_completes_it_and_ticks_what_led_to_it(
    alice_client: Client, enrollment: Enrollment
) -> None:
    moment = make_moment(enrollment=enrollment, client_id=ID, title="The key")
    sister = make_entry(enrollment=enrollment, day=date(2027, 3, 15), line="My sister")

    response = rewrite(alice_client, **WORDS, day=date(2027, 3, 15), entries=[sister.client_id])

    assert response.status_code == 302
    assert response["Location"] == f"/moments/#moment-{ID}"
    moment.refresh_from_db()
    assert moment.says(day=date(2027, 3, 15), version=2, **WORDS)
    assert causes(moment) == {"My sister"}
    page = text_of(alice_client.get("/moments/"))
    assert f'href="/days/2027-03-15/#entry-{sister.client_id}"' in page
    assert "Share: My sister" in page
    assert f'value="{sister.client_id}" checked' in text_of(alice_client.get(URL))


def test_moment_update_offers_the_words_of_its_day_and_the_two_days_before(
    alice_client: Client, enrollment: Enrollment
) -> None:
    make_moment(enrollment=enrollment, client_id=ID, day=date(2027, 3, 13), title="The key")
    for number in range(9, 15):
        make_entry(enrollment=enrollment, day=date(2027, 3, number), line=f"Line of {number}.")
    make_entry(enrollment=enrollment, day=date(2027, 3, 12), practice="act")  # No words
    removed = make_entry(
        enrollment=enrollment, day=date(2027, 3, 12), practice="request", line="Gone"
    )
    removed.remove(NOON)

    page = text_of(alice_client.get(URL))

    offered = [f"Line of {number}." for number in (13, 12, 11)]
    assert [page.index(line) for line in offered] == sorted(page.index(line) for line in offered)
    assert page.count('name="entries"') == 3
    assert "Day 6, Saturday, March 13" in page
    assert "Gone" not in page


def test_moment_update_keeps_a_tick_on_a_day_further_back_on_the_page(
    alice_client: Client, enrollment: Enrollment
) -> None:
    moment = make_moment(enrollment=enrollment, client_id=ID, title="The key")
    moment.entries.add(make_entry(enrollment=enrollment, day=date(2027, 3, 8), line="Long ago"))

    assert "Long ago" in text_of(alice_client.get(URL))


def test_moment_update_does_not_untick_an_entry_that_is_removed_meanwhile(
    alice_client: Client, enrollment: Enrollment
) -> None:
    moment = make_moment(enrollment=enrollment, client_id=ID, title="The key")
    entry = make_entry(enrollment=enrollment, line="My sister")
    moment.entries.add(entry)
    entry.remove(NOON)
    assert "My sister" not in text_of(alice_client.get("/moments/"))

    rewrite(alice_client, title="The other key")
    entry.restore()

    assert "My sister" in text_of(alice_client.get("/moments/"))


def test_moment_update_that_changes_nothing_makes_no_version(
    alice_client: Client, enrollment: Enrollment
) -> None:
    moment = make_moment(enrollment=enrollment, client_id=ID, title="The key")

    assert rewrite(alice_client, title="The key", version=9).status_code == 302
    moment.refresh_from_db()
    assert moment.version == 1


def test_moment_update_of_two_tabs_shows_both_texts_and_saves_the_chosen(
    alice_client: Client, enrollment: Enrollment
) -> None:
    make_moment(enrollment=enrollment, client_id=ID, title="The key")
    rewrite(alice_client, title="The key", moment="From the first tab")

    refused = rewrite(alice_client, title="The key", moment="From the second tab")

    assert refused.status_code == 409
    assert "<p>From the first tab</p>" in text_of(refused)
    assert "From the second tab</textarea>" in text_of(refused)
    assert 'name="version" value="2"' in text_of(refused)
    assert stored(enrollment)[0][2] == "From the first tab"

    rewrite(alice_client, title="The key", moment="From the second tab", version=2)
    assert stored(enrollment)[0][2] == "From the second tab"


def test_moment_update_of_two_tabs_can_keep_both_texts_and_all_ticks(
    alice_client: Client, enrollment: Enrollment
) -> None:
    moment = make_moment(enrollment=enrollment, client_id=ID, title="The key")
    one = make_entry(enrollment=enrollment, line="My sister")
    two = make_entry(enrollment=enrollment, place=2, line="The librarian")
    rewrite(alice_client, title="The key", moment="First", entries=[one.client_id])
    second = {"title": "Again", "moment": "Second", "entries": [two.client_id]}
    assert rewrite(alice_client, **second).status_code == 409

    rewrite(alice_client, **second, version=2, keep="both")

    assert stored(enrollment) == [("The key · Again", "", "First\n\nSecond", "")]
    assert causes(moment) == {"My sister", "The librarian"}


def test_moment_update_of_two_tabs_is_a_conflict_of_ticks_too(
    alice_client: Client, enrollment: Enrollment
) -> None:
    moment = make_moment(enrollment=enrollment, client_id=ID, title="The key")
    entry = make_entry(enrollment=enrollment, line="My sister")
    rewrite(alice_client, title="The key", entries=[entry.client_id])

    assert rewrite(alice_client, title="The key", after="I ask").status_code == 409
    assert causes(moment) == {"My sister"}


def test_moment_update_says_when_both_texts_do_not_fit(
    alice_client: Client, enrollment: Enrollment
) -> None:
    make_moment(enrollment=enrollment, client_id=ID, title="x" * 150)

    response = rewrite(alice_client, title="y" * 150, keep="both")

    assert response.status_code == 422
    assert "Both together are too long." in text_of(response)
    assert "y" * 150 in text_of(response)
    assert stored(enrollment)[0][0] == "x" * 150


@pytest.mark.parametrize(
    "fields",
    [
        {"title": ""},
        {"title": "a\0b"},
        {"after": "x" * 4001},
        {"version": "x"},
        {"version": ""},
        {"version": "0"},
        {"version": "9" * 30},
        {"day": "2027-03-17"},
        {"entries": "a\0b"},
        {"entries": str(uuid.uuid4())},
        {"keep": "none"},
    ],
)
def test_moment_update_refuses_nonsense_and_keeps_the_words(
    fields: dict[str, str], alice_client: Client, enrollment: Enrollment
) -> None:
    make_moment(enrollment=enrollment, client_id=ID, title="The key")
    words = {} if fields == {"title": ""} else {"before": "A year of walking"}

    response = rewrite(alice_client, **{"title": "Key", **words, **fields})

    assert response.status_code == 422
    assert is_our_page(response)
    assert not words or "A year of walking</textarea>" in text_of(response)
    assert stored(enrollment) == [("The key", "", "", "")]


def test_moment_update_ticks_nothing_of_somebody_else(
    alice_client: Client, enrollment: Enrollment, bob: User
) -> None:
    moment = make_moment(enrollment=enrollment, client_id=ID, title="The key")
    bobs = make_entry(enrollment=make_enrollment(participant=bob), line="What only Bob reads")

    response = rewrite(alice_client, title="The key", entries=[bobs.client_id])

    assert response.status_code == 422
    assert "What only Bob reads" not in text_of(response)
    assert causes(moment) == set()


def test_moment_update_of_a_removed_one_keeps_the_words_on_the_page(
    alice_client: Client, enrollment: Enrollment
) -> None:
    make_moment(enrollment=enrollment, client_id=ID, title="The key").remove(NOON)

    response = rewrite(alice_client, title="The key", after="I ask first")

    assert response.status_code == 422
    assert "I ask first</textarea>" in text_of(response)
    assert stored(enrollment) == []
    assert alice_client.get(URL).status_code == 404


@pytest.mark.parametrize("verb", ["", "remove/", "restore/"])
def test_moment_of_somebody_else_or_of_earlier_weeks_is_not_there(
    verb: str, alice_client: Client, enrollment: Enrollment, bob: User
) -> None:
    make_moment(enrollment=make_enrollment(participant=bob), client_id=ID, title="What Bob caught")
    fields = {"version": 1, "day": TODAY, "title": "Taken"}

    assert alice_client.post(URL + verb, fields).status_code == 404

    mine = make_moment(enrollment=enrollment, client_id=ID, title="Of earlier weeks")
    enrollment.end(NOON)
    make_enrollment(participant=enrollment.participant)
    assert alice_client.post(URL + verb, fields).status_code == 404
    mine.refresh_from_db()
    assert (mine.title, mine.removed_at) == ("Of earlier weeks", None)


# --- Remove and Undo -----------------------------------------------------------------------------


def test_moment_remove_offers_the_way_back_on_the_page(
    alice_client: Client, enrollment: Enrollment
) -> None:
    moment = make_moment(enrollment=enrollment, client_id=ID, title="The key")
    moment.entries.add(make_entry(enrollment=enrollment, line="My sister"))

    removed = alice_client.post(f"{URL}remove/")

    assert removed.status_code == 200
    assert is_our_page(removed)
    assert f'action="{URL}restore/"' in text_of(removed)
    assert stored(enrollment) == []
    restored = alice_client.post(f"{URL}restore/")
    assert restored["Location"] == f"/moments/#moment-{ID}"
    assert stored(enrollment) == [("The key", "", "", "")]
    assert causes(moment) == {"My sister"}


def test_moment_remove_with_htmx_answers_with_a_toast_and_what_came_before(
    alice_client: Client, enrollment: Enrollment
) -> None:
    make_moment(enrollment=enrollment, client_id=ID, title="The key")

    response = alice_client.post(f"{URL}remove/", headers=HTMX)

    assert "<html" not in text_of(response)
    assert '<div id="toast" hx-swap-oob="innerHTML">' in text_of(response)
    assert f'action="{URL}restore/"' in text_of(response)
    assert '<section id="precursors"' in text_of(response)
    assert stored(enrollment) == []


# --- The page ------------------------------------------------------------------------------------


def test_moment_list_is_newest_first_and_each_mountain_is_its_own(
    alice_client: Client, enrollment: Enrollment
) -> None:
    for number in (10, 15, 12):
        make_moment(enrollment=enrollment, day=date(2027, 3, number), title=f"Of {number}.")

    page = text_of(alice_client.get("/moments/"))

    places = [page.index(f"Of {number}.") for number in (15, 12, 10)]
    assert places == sorted(places)
    assert "Day 8, Monday, March 15" in page
    arcs = [line for line in page.splitlines() if 'class="arc"' in line]
    assert len(set(arcs)) == 3
    assert arcs == [
        line
        for line in text_of(alice_client.get("/moments/")).splitlines()
        if 'class="arc"' in line
    ]


def test_moment_list_without_any_says_what_to_do(
    alice_client: Client, enrollment: Enrollment
) -> None:
    page = text_of(alice_client.get("/moments/"))

    assert "No moments yet" in page
    assert "What came before yours" not in page


def test_moment_list_needs_two_weeks(client: Client, erin: User) -> None:
    client.force_login(erin)

    assert client.get("/moments/")["Location"] == "/enrollments/new/"


def test_moment_pages_take_as_many_queries_for_500_entries_as_for_few(
    alice_client: Client, enrollment: Enrollment
) -> None:
    def queries() -> list[int]:
        counts = []
        for url in ("/moments/", URL):
            with CaptureQueriesContext(
                connection,
            ) as captured:
                assert alice_client.get(url).status_code == 200
            counts.append(len(captured))
        return counts

    make_moment(enrollment=enrollment, client_id=ID, title="The key")
    for number in (12, 14):
        make_moment(enrollment=enrollment, day=date(2027, 3, number), title="Another")
    few = queries()
    entries = DailyEntry.objects.bulk_create(
        DailyEntry(
            enrollment=enrollment,
            client_id=uuid.uuid4(),
            practice="share",
            day=date(2027, 3, 8 + number % 9),
            line=f"Line {number}",
            placed_at=NOON,
            created_at=NOON,
        )
        for number in range(500)
    )
    for moment in Breakthrough.objects.of(enrollment):
        moment.entries.set(entries[:100])

    assert queries() == few


# --- What came before ----------------------------------------------------------------------------


def make_moments(enrollment: Enrollment, *numbers: int) -> None:
    for number in numbers:
        make_moment(enrollment=enrollment, day=enrollment.dates[number - 1], title="The key")


@pytest.mark.parametrize(
    ("moments", "starts_on", "words"),
    [
        ((1, 4), 8, "When you have caught three, this page will show what came before them."),
        ((1, 4, 4), 8, "When they lie on three days, this page will show what came before."),
        ((1, 4, 7), 10, "From day 8 on, this page will show what came before them."),
        ((1, 4, 7), 9, "So far, the days before them are much like your other days."),
    ],
)
def test_moment_list_is_silent_until_there_is_enough(
    moments: tuple[int, ...], starts_on: int, words: str, alice_client: Client, alice: User
) -> None:
    enrollment = make_enrollment(participant=alice, starts_on=date(2027, 3, starts_on))
    make_moments(enrollment, *moments)

    page = text_of(alice_client.get("/moments/"))

    assert words in page
    assert "two days; usually" not in page


def test_moment_list_says_what_came_before(alice_client: Client, enrollment: Enrollment) -> None:
    make_moments(enrollment, 1, 5, 8)
    imani = enrollment.participant.people.create(name="Imani Wekesa", created_at=NOON)
    gone = enrollment.participant.people.create(name="Ruth Berg", created_at=NOON, removed_at=NOON)
    for number in (1, 5, 8):
        for place in (1, 2, 3):
            entry = make_entry(
                enrollment=enrollment,
                day=enrollment.dates[number - 1],
                practice="request",
                place=place,
                line="Imani Wekesa, for the key" if number == 5 else "",
            )
            entry.size, entry.person = "stretch", gone if place == 1 else imani
            entry.save()

    page = text_of(alice_client.get("/moments/"))

    assert "Before your moments you made 3 requests in two days; usually 1.9." in page
    assert "Stretch requests came up before 3 of your 3 moments." in page
    assert "Imani Wekesa was there before 3 of your 3 moments." in page
    assert "Ruth" not in page


def test_moment_list_finds_a_person_by_the_name_in_a_line(
    alice_client: Client, enrollment: Enrollment
) -> None:
    make_moments(enrollment, 1, 5, 8)
    enrollment.participant.people.create(name="Imani Wekesa", created_at=NOON)
    for number in (1, 5, 8):
        make_entry(enrollment=enrollment, day=enrollment.dates[number - 1], line="Told Imani")

    assert "Imani Wekesa was there before 3 of your 3 moments." in text_of(
        alice_client.get("/moments/")
    )


def test_moment_list_counts_no_words_without_a_stone(
    alice_client: Client, enrollment: Enrollment
) -> None:
    make_moments(enrollment, 1, 5, 8)
    for number in (1, 5, 8):
        for place in (1, 2, 3):
            make_entry(
                enrollment=enrollment,
                day=enrollment.dates[number - 1],
                place=place,
                placed=False,
                line="Not yet",
            )

    assert "So far, the days before them" in text_of(alice_client.get("/moments/"))
