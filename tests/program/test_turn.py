"""What somebody said after a share becomes words of an action or a request."""

from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from program.models import DailyEntry, Enrollment
from tests.factories import make_enrollment, make_entry
from tests.posting import (
    HTMX,
    TODAY,
    Response,
    entry_url,
    is_toast,
    post_entry,
    post_remove,
    text_of,
)

OFFER = "Ask the man with the key"


@pytest.fixture
def share(enrollment: Enrollment) -> DailyEntry:
    return make_entry(enrollment=enrollment, line="Ruth")


def turn(
    client: Client,
    share: DailyEntry,
    into: str = "request",
    *,
    answer: str = OFFER,
    htmx: bool = False,
) -> Response:
    return client.post(
        entry_url(share.day, share.client_id, "turn/"),
        {"enrollment": share.enrollment.public_id, "answer": answer, "into": into},
        headers=HTMX if htmx else None,
    )


def of_practice(practice: str) -> list[DailyEntry]:
    return [entry for entry in DailyEntry.objects.in_order() if entry.practice == practice]


def test_answer_is_saved_beside_the_line(
    alice_client: Client, enrollment: Enrollment, share: DailyEntry
) -> None:
    response = post_entry(alice_client, enrollment, htmx=True, answer=OFFER)

    assert response.status_code == 204
    share.refresh_from_db()
    assert (share.line, share.answer, share.is_placed) == ("Ruth", OFFER, True)


def test_answer_is_asked_for_once_the_share_is_placed(
    alice_client: Client, enrollment: Enrollment
) -> None:
    before = text_of(alice_client.get("/today/"))

    answer = text_of(post_entry(alice_client, enrollment, htmx=True, done="1"))

    assert "What did they say or offer?" not in before
    assert "What did they say or offer?" in answer


def test_stone_taken_back_keeps_the_answer(
    alice_client: Client, enrollment: Enrollment, share: DailyEntry
) -> None:
    post_entry(alice_client, enrollment, htmx=True, answer=OFFER)

    post_entry(alice_client, enrollment, done="0", line="", answer="")

    share.refresh_from_db()
    assert (share.line, share.answer, share.is_placed) == ("Ruth", OFFER, False)


@pytest.mark.parametrize("into", ["act", "request"])
def test_entry_turn_makes_words_without_a_stone(
    into: str, alice_client: Client, share: DailyEntry
) -> None:
    response = turn(alice_client, share, into)

    [made] = of_practice(into)
    assert (made.line, made.is_placed, made.day, made.source) == (OFFER, False, TODAY, share)
    assert response["Location"] == f"/today/#entry-{made.client_id}"
    share.refresh_from_db()
    assert share.answer == OFFER


def test_entry_turn_answers_htmx_with_an_entry_of_its_own_after_the_others(
    alice_client: Client, enrollment: Enrollment, share: DailyEntry
) -> None:
    response = turn(alice_client, share, htmx=True)

    [made] = of_practice("request")
    page = text_of(response)
    # Never an open place: somebody may be typing there.
    assert made.client_id != enrollment.stone_id(TODAY, "request", 1)
    assert "beforebegin:#more-request" in page
    assert f'id="entry-{made.client_id}"' in page
    assert OFFER in page
    assert "<html" not in page


def test_entry_turn_twice_is_one_entry(alice_client: Client, share: DailyEntry) -> None:
    turn(alice_client, share)
    turn(alice_client, share)
    turn(alice_client, share, "act")

    assert len(of_practice("request")) == 1
    assert len(of_practice("act")) == 1


def test_entry_turn_leaves_words_that_stand_there(
    alice_client: Client, enrollment: Enrollment, share: DailyEntry
) -> None:
    for place in (1, 2):
        make_entry(enrollment=enrollment, practice="request", place=place, line=f"Mine {place}")

    response = turn(alice_client, share, htmx=True)

    assert [entry.line for entry in of_practice("request")] == ["Mine 1", "Mine 2", OFFER]
    assert "beforebegin:#more-request" in text_of(response)


def test_entry_turn_of_an_earlier_share_is_for_today(
    alice_client: Client, enrollment: Enrollment
) -> None:
    share = make_entry(enrollment=enrollment, day=date(2027, 3, 10), line="Ruth")

    turn(alice_client, share)

    assert of_practice("request")[0].day == TODAY


@pytest.mark.parametrize("htmx", [False, True])
def test_entry_turn_again_on_a_later_day_is_the_entry_of_the_first(
    alice_client: Client, noon: time_machine.Traveller, share: DailyEntry, htmx: bool
) -> None:
    turn(alice_client, share)
    noon.shift(timedelta(days=1))

    response = turn(alice_client, share, htmx=htmx)

    [made] = of_practice("request")
    if htmx:
        assert "It stands under Request now." in text_of(response)
    else:
        assert response["Location"] == f"/days/{TODAY}/#entry-{made.client_id}"


def test_entry_turn_again_after_it_was_emptied_puts_the_words_there_again(
    alice_client: Client, enrollment: Enrollment, share: DailyEntry
) -> None:
    for place in (1, 2):
        make_entry(enrollment=enrollment, practice="request", place=place, line="Mine")
    turn(alice_client, share)
    *_mine, made = of_practice("request")
    post_entry(alice_client, enrollment, client_id=made.client_id, practice="request", line="")

    response = turn(alice_client, share, htmx=True)

    assert response.status_code == 200
    assert OFFER in {entry.line for entry in of_practice("request")}


def test_entry_turn_without_htmx_takes_the_line_along(
    alice_client: Client, share: DailyEntry
) -> None:
    url = entry_url(share.day, share.client_id, "turn/")
    fields = {"enrollment": share.enrollment.public_id, "answer": OFFER, "into": "act"}

    alice_client.post(url, {**fields, "line": "Ruth, on the bus"})

    share.refresh_from_db()
    assert (share.line, share.answer) == ("Ruth, on the bus", OFFER)


def test_entry_turn_of_an_answer_too_long_is_refused_and_keeps_the_words(
    alice_client: Client, share: DailyEntry
) -> None:
    response = turn(alice_client, share, answer="so long " * 70)

    assert response.status_code == 422
    assert "A line holds 500 characters" in text_of(response)
    assert "so long " * 70 in text_of(response)


def test_entry_turn_of_a_removed_share_is_refused(alice_client: Client, share: DailyEntry) -> None:
    post_remove(alice_client, share)

    response = turn(alice_client, share)

    assert response.status_code == 422
    assert of_practice("request") == []


def test_entry_turn_after_day_14_stays_with_the_share(
    client: Client, alice: User, enrollment: Enrollment
) -> None:
    share = make_entry(enrollment=enrollment, line="Ruth")

    with time_machine.travel("2027-03-25T12:00Z", tick=False):
        client.force_login(alice)
        turn(client, share)

    assert of_practice("request")[0].day == TODAY


@pytest.mark.parametrize("answer", ["", "  ", "a\0b", "x" * 501])
def test_entry_turn_without_an_answer_makes_nothing(
    answer: str, alice_client: Client, share: DailyEntry
) -> None:
    response = turn(alice_client, share, answer=answer, htmx=True)

    assert response.status_code == 422
    assert is_toast(response)
    assert DailyEntry.objects.get() == share


def test_entry_turn_makes_no_share_of_a_share_and_nothing_of_a_request(
    alice_client: Client, enrollment: Enrollment, share: DailyEntry
) -> None:
    request = make_entry(enrollment=enrollment, practice="request", line="Mine")

    assert turn(alice_client, share, "share").status_code == 422
    assert turn(alice_client, request, "act").status_code == 404
    assert DailyEntry.objects.count() == 2


def test_entry_turn_of_anothers_share_is_not_found(
    alice_client: Client, enrollment: Enrollment, bob: User
) -> None:
    bobs = make_entry(enrollment=make_enrollment(participant=bob), line="Not yours")

    response = turn(alice_client, bobs)

    assert response.status_code == 404
    assert DailyEntry.objects.get() == bobs
