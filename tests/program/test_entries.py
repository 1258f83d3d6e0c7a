import uuid
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import User
from program.models import DailyEntry, Enrollment
from tests.factories import NOON, make_enrollment, make_entry
from tests.posting import (
    HTMX,
    TODAY,
    Response,
    entry_url,
    is_our_page,
    is_toast,
    post_entry,
    post_remove,
    post_restore,
    text_of,
)

YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


def the_entry() -> DailyEntry:
    return DailyEntry.objects.get()


# --- A stone is placed ---------------------------------------------------------------------------


def test_entry_save_places_a_stone_and_goes_back_to_today(
    alice_client: Client, enrollment: Enrollment
) -> None:
    client_id = enrollment.stone_id(TODAY, "share", 1)

    response = post_entry(alice_client, enrollment, done="1")

    assert response.status_code == 302
    assert response["Location"] == f"/today/#entry-{client_id}"
    assert the_entry().client_id == client_id
    assert (the_entry().day, the_entry().practice) == (TODAY, "share")
    assert the_entry().placed_at == the_entry().created_at == NOON


def test_entry_save_of_an_earlier_day_goes_back_to_that_day(
    alice_client: Client, enrollment: Enrollment
) -> None:
    response = post_entry(alice_client, enrollment, day=YESTERDAY, done="1")

    assert response["Location"].startswith(f"/days/{YESTERDAY}/#entry-")
    assert the_entry().day == YESTERDAY


def test_entry_save_answers_htmx_with_the_stone_and_what_it_moved(
    alice_client: Client, enrollment: Enrollment
) -> None:
    response = post_entry(alice_client, enrollment, htmx=True, done="1")

    answer = text_of(response)
    assert response.status_code == 200
    assert 'aria-pressed="true"' in answer
    assert f'id="stone-{the_entry().client_id}"' in answer
    for moved in ("tally", "cairn", "count-share", "more-share", "day-9"):
        assert f'id="{moved}"' in answer
    # Only requests are counted by the week.
    assert 'id="week"' not in answer
    assert "1 of 6 today" in answer
    # Somebody may be typing next door: nobody's line is swapped.
    assert "<html" not in answer
    assert 'name="line"' not in answer


def test_entry_save_answers_htmx_with_a_form_and_without_its_cookie(
    alice_client: Client, enrollment: Enrollment
) -> None:
    post_entry(alice_client, enrollment, place=1, htmx=True, done="1")
    response = post_entry(alice_client, enrollment, place=2, htmx=True, done="1")

    assert "csrfmiddlewaretoken" in text_of(response)
    assert not response.cookies


def test_request_that_was_made_moves_the_week_too(
    alice_client: Client, enrollment: Enrollment
) -> None:
    response = post_entry(alice_client, enrollment, practice="request", htmx=True, done="1")

    assert 'id="week"' in text_of(response)
    assert "1 of 5" in text_of(response)


def test_entry_save_by_htmx_of_a_line_answers_with_nothing(
    alice_client: Client, enrollment: Enrollment
) -> None:
    response = post_entry(alice_client, enrollment, htmx=True, line="Ruth")

    assert response.status_code == 204
    assert the_entry().line == "Ruth"


def test_entry_save_by_get_is_not_allowed(alice_client: Client, enrollment: Enrollment) -> None:
    response = alice_client.get(entry_url(TODAY, enrollment.stone_id(TODAY, "share", 1)))

    assert response.status_code == 405
    assert response["Allow"] == "POST"
    assert is_our_page(response)


# --- What is posted is what should be ------------------------------------------------------------


@pytest.mark.parametrize("done", ["1", "0"])
def test_entry_save_twice_changes_nothing(
    alice_client: Client, enrollment: Enrollment, done: str
) -> None:
    post_entry(alice_client, enrollment, done=done)
    once = DailyEntry.objects.values().get()

    post_entry(alice_client, enrollment, done=done)

    assert DailyEntry.objects.values().get() == once


def test_entry_save_keeps_the_words_when_the_stone_is_taken_back(
    alice_client: Client, enrollment: Enrollment
) -> None:
    make_entry(enrollment=enrollment, line="Ruth")

    response = post_entry(alice_client, enrollment, htmx=True, done="0", line="")

    assert the_entry().line == "Ruth"
    assert not the_entry().is_placed
    assert "Your words are kept" in text_of(response)


def test_entry_save_of_a_stone_takes_its_words_along(
    alice_client: Client, enrollment: Enrollment
) -> None:
    post_entry(alice_client, enrollment, done="1", line="Ruth, at the bus stop")

    assert the_entry().line == "Ruth, at the bus stop"
    assert the_entry().is_placed


def test_entry_save_of_a_stone_does_not_change_the_outcome(
    alice_client: Client, enrollment: Enrollment
) -> None:
    make_entry(enrollment=enrollment, practice="request", outcome="granted")

    post_entry(alice_client, enrollment, practice="request", done="1", outcome="waiting")

    assert the_entry().outcome == "granted"


def test_entry_save_of_a_line_leaves_the_stone_open(
    alice_client: Client, enrollment: Enrollment
) -> None:
    post_entry(alice_client, enrollment, line="Tomorrow: Ruth")

    assert not the_entry().is_placed
    assert DailyEntry.objects.counts() == {}


def test_entry_save_of_a_line_leaves_the_stone_placed(
    alice_client: Client, enrollment: Enrollment
) -> None:
    make_entry(enrollment=enrollment)

    post_entry(alice_client, enrollment, line="Ruth")

    assert the_entry().is_placed
    assert the_entry().line == "Ruth"


def test_entry_save_of_an_emptied_line_empties_it(
    alice_client: Client, enrollment: Enrollment
) -> None:
    make_entry(enrollment=enrollment, line="Ruth")

    post_entry(alice_client, enrollment, line="")

    assert the_entry().line == ""


def test_entry_save_of_an_outcome_leaves_the_words(
    alice_client: Client, enrollment: Enrollment
) -> None:
    make_entry(enrollment=enrollment, practice="request", line="Ruth: the ladder?")

    response = post_entry(
        alice_client, enrollment, practice="request", htmx=True, outcome="declined"
    )

    assert response.status_code == 204
    assert the_entry().outcome == "declined"
    assert the_entry().line == "Ruth: the ladder?"


def test_entry_save_of_a_request_waits_for_its_answer(
    alice_client: Client, enrollment: Enrollment
) -> None:
    post_entry(alice_client, enrollment, practice="request", done="1")

    assert the_entry().outcome == "waiting"


def test_entry_save_of_an_outcome_on_a_share_is_ignored(
    alice_client: Client, enrollment: Enrollment
) -> None:
    post_entry(alice_client, enrollment, practice="share", outcome="granted")

    assert the_entry().outcome == ""


def test_entry_with_an_outcome_that_is_no_request_is_refused_by_the_database(
    enrollment: Enrollment,
) -> None:
    entry = make_entry(enrollment=enrollment)

    with pytest.raises(IntegrityError, match="outcome_on_requests_only"), transaction.atomic():
        DailyEntry.objects.of(enrollment).update(outcome="granted")

    entry.refresh_from_db()
    assert entry.outcome == ""


# --- More than two -------------------------------------------------------------------------------


def test_entry_save_of_one_more_takes_any_id_and_counts_as_a_pebble(
    alice_client: Client, enrollment: Enrollment
) -> None:
    for place in (1, 2):
        make_entry(enrollment=enrollment, place=place)
    more_id = uuid.uuid4()

    response = post_entry(
        alice_client,
        enrollment,
        client_id=more_id,
        place=3,
        htmx=True,
        done="1",
        more="1",
    )

    answer = text_of(response)
    assert f'id="entry-{more_id}"' in answer
    assert "2 of 2 +1" in answer
    # The next "One more" is another entry.
    assert answer.count('name="more"') == 1
    assert f'action="{entry_url(TODAY, more_id)}"' in answer


def test_entry_save_of_one_more_twice_is_one_entry(
    alice_client: Client, enrollment: Enrollment
) -> None:
    more_id = uuid.uuid4()

    for _tap in range(2):
        post_entry(alice_client, enrollment, client_id=more_id, place=3, done="1", more="1")

    assert the_entry().client_id == more_id


def test_entry_save_keeps_twenty_of_a_practice_and_refuses_the_next(
    alice_client: Client, enrollment: Enrollment
) -> None:
    for place in range(1, 21):
        make_entry(enrollment=enrollment, place=place)

    plain = post_entry(alice_client, enrollment, place=21, done="1")
    swapped = post_entry(alice_client, enrollment, place=22, htmx=True, done="1")

    assert plain.status_code == swapped.status_code == 422
    assert "That is twenty on one day" in text_of(plain)
    assert is_our_page(plain)
    assert is_toast(swapped)
    assert DailyEntry.objects.count() == 20


def test_entry_save_of_a_full_day_still_changes_the_twentieth(
    alice_client: Client, enrollment: Enrollment
) -> None:
    for place in range(1, 21):
        make_entry(enrollment=enrollment, place=place)

    response = post_entry(alice_client, enrollment, place=20, htmx=True, line="The last one")

    assert response.status_code == 204
    assert DailyEntry.objects.get(line="The last one").is_placed


@pytest.mark.parametrize(("day", "practice"), [(TODAY, "act"), (YESTERDAY, "share")])
def test_entry_save_of_another_practice_or_day_is_not_stopped_by_a_full_one(
    alice_client: Client, enrollment: Enrollment, day: date, practice: str
) -> None:
    for place in range(1, 21):
        make_entry(enrollment=enrollment, place=place)

    post_entry(alice_client, enrollment, day=day, practice=practice, done="1")

    assert DailyEntry.objects.count() == 21


# --- Not theirs, not that day, not valid ---------------------------------------------------------


@pytest.mark.parametrize("htmx", [False, True])
def test_entry_save_into_somebody_elses_two_weeks_is_not_found(
    alice_client: Client, bob: User, enrollment: Enrollment, htmx: bool
) -> None:
    theirs = make_enrollment(participant=bob)

    response = post_entry(alice_client, theirs, htmx=htmx, done="1")

    assert response.status_code == 404
    assert not DailyEntry.objects.exists()


def test_entry_save_with_somebody_elses_id_makes_an_own_entry(
    alice_client: Client, bob: User, enrollment: Enrollment
) -> None:
    theirs = make_entry(enrollment=make_enrollment(participant=bob), line="Bob's words")

    response = post_entry(
        alice_client, enrollment, client_id=theirs.client_id, done="1", line="Mine"
    )

    theirs.refresh_from_db()
    assert response.status_code == 302
    assert theirs.line == "Bob's words"
    assert DailyEntry.objects.of(enrollment).get().line == "Mine"


def test_entry_save_from_a_page_of_earlier_two_weeks_is_not_found(
    alice_client: Client, alice: User
) -> None:
    earlier = make_enrollment(participant=alice)
    earlier.end(NOON)
    make_enrollment(participant=alice, starts_on=TODAY)

    response = post_entry(alice_client, earlier, done="1")

    assert response.status_code == 404
    assert not DailyEntry.objects.exists()


@pytest.mark.parametrize("day", [date(2027, 3, 7), date(2027, 3, 22), date(1, 1, 1)])
def test_entry_save_on_a_day_outside_the_fourteen_is_not_found(
    alice_client: Client, enrollment: Enrollment, day: date
) -> None:
    response = post_entry(alice_client, enrollment, day=day, done="1")

    assert response.status_code == 404
    assert is_our_page(response)
    assert not DailyEntry.objects.exists()


def test_entry_save_on_a_day_still_ahead_is_refused(
    alice_client: Client, enrollment: Enrollment
) -> None:
    plain = post_entry(alice_client, enrollment, day=TOMORROW, done="1")
    swapped = post_entry(alice_client, enrollment, day=TOMORROW, htmx=True, done="1")

    assert plain.status_code == swapped.status_code == 422
    assert "This day is still ahead" in text_of(plain)
    assert is_our_page(plain)
    assert "It opens when it comes" in text_of(swapped)
    assert is_toast(swapped)
    assert not DailyEntry.objects.exists()


@pytest.mark.parametrize(("day", "practice"), [(TODAY, "act"), (YESTERDAY, "share")])
def test_entry_save_with_the_id_of_another_practice_or_day_is_refused(
    alice_client: Client, enrollment: Enrollment, day: date, practice: str
) -> None:
    entry = make_entry(enrollment=enrollment, line="Ruth")
    before = DailyEntry.objects.values().get()

    response = post_entry(
        alice_client,
        enrollment,
        client_id=entry.client_id,
        day=day,
        practice=practice,
        done="0",
        line="Other",
    )

    assert response.status_code == 422
    assert "belongs to another day" in text_of(response)
    assert DailyEntry.objects.values().get() == before


def test_entry_save_of_a_line_too_long_is_refused_and_keeps_the_words(
    alice_client: Client, enrollment: Enrollment
) -> None:
    line = "so long " * 70

    plain = post_entry(alice_client, enrollment, line=line)
    swapped = post_entry(alice_client, enrollment, htmx=True, line=line)

    assert plain.status_code == swapped.status_code == 422
    assert "A line holds 500 characters" in text_of(plain)
    assert line in text_of(plain)
    assert is_our_page(plain)
    assert is_toast(swapped)
    assert not DailyEntry.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"practice": "sing"},
        {"done": "2"},
        {"outcome": "sung"},
        {"place": "0"},
        {"place": "9" * 400},
        {"line": "a\0b"},
    ],
)
def test_entry_save_of_what_no_page_posts_is_refused(
    alice_client: Client, enrollment: Enrollment, fields: dict[str, str]
) -> None:
    data = {"enrollment": str(enrollment.public_id), "practice": "share", **fields}
    url = entry_url(TODAY, enrollment.stone_id(TODAY, "share", 1))

    response = alice_client.post(url, data)

    assert response.status_code == 422
    assert is_our_page(response)
    assert not DailyEntry.objects.exists()


# --- Removed and brought back --------------------------------------------------------------------


def test_entry_remove_takes_the_entry_away_and_offers_it_back(
    alice_client: Client, enrollment: Enrollment
) -> None:
    entry = make_entry(enrollment=enrollment, line="Ruth")

    response = post_remove(alice_client, entry)

    assert response.status_code == 200
    assert is_our_page(response)
    assert f'action="{entry_url(TODAY, entry.client_id, "restore/")}"' in text_of(response)
    assert "Ruth" not in text_of(response)
    assert the_entry().removed_at == NOON
    assert DailyEntry.objects.counts() == {}


def test_entry_remove_answers_htmx_with_a_fresh_place_and_the_way_back(
    alice_client: Client, enrollment: Enrollment
) -> None:
    entry = make_entry(enrollment=enrollment, line="Ruth")

    response = post_remove(alice_client, entry, htmx=True)

    answer = text_of(response)
    assert response.status_code == 200
    assert f'id="entry-{enrollment.stone_id(TODAY, "share", 3)}"' in answer
    assert entry_url(TODAY, entry.client_id, "restore/") in answer
    assert "Ruth" not in answer
    assert "<html" not in answer


@pytest.mark.parametrize("htmx", [False, True])
def test_entry_save_that_comes_late_does_not_bring_a_removed_entry_back(
    alice_client: Client, enrollment: Enrollment, htmx: bool
) -> None:
    entry = make_entry(enrollment=enrollment, line="Ruth")
    post_remove(alice_client, entry)
    removed = DailyEntry.objects.values().get()

    response = post_entry(alice_client, enrollment, htmx=htmx, done="1", line="Ruth")

    assert response.status_code == 422
    assert "That entry was removed" in text_of(response)
    assert DailyEntry.objects.values().get() == removed


def test_entry_remove_twice_leaves_it_removed(alice_client: Client, enrollment: Enrollment) -> None:
    entry = make_entry(enrollment=enrollment)

    statuses = [post_remove(alice_client, entry).status_code for _tap in range(2)]

    assert statuses == [200, 200]
    assert the_entry().removed_at == NOON


def test_entry_remove_makes_room_below_the_twenty(
    alice_client: Client, enrollment: Enrollment
) -> None:
    entries = [make_entry(enrollment=enrollment, place=place) for place in range(1, 21)]
    post_remove(alice_client, entries[0])

    response = post_entry(alice_client, enrollment, place=21, done="1")

    assert response.status_code == 302


def test_entry_restore_brings_the_entry_back_with_its_words(
    alice_client: Client, enrollment: Enrollment
) -> None:
    entry = make_entry(enrollment=enrollment, practice="request", line="Ruth", outcome="granted")
    before = DailyEntry.objects.values().get()
    post_remove(alice_client, entry)

    response = post_restore(alice_client, entry)

    assert response.status_code == 302
    assert response["Location"] == f"/today/#entry-{entry.client_id}"
    assert DailyEntry.objects.values().get() == before


def test_entry_restore_answers_htmx_with_the_entry_in_the_place_that_had_opened(
    alice_client: Client, enrollment: Enrollment
) -> None:
    entry = make_entry(enrollment=enrollment, line="Ruth")
    opened = enrollment.stone_id(TODAY, "share", 3)
    assert f'name="opened" value="{opened}"' in text_of(post_remove(alice_client, entry, htmx=True))

    response = alice_client.post(
        entry_url(TODAY, entry.client_id, "restore/"),
        {"enrollment": enrollment.public_id, "opened": opened},
        headers=HTMX,
    )

    assert response.status_code == 200
    assert (response["HX-Retarget"], response["HX-Reswap"]) == (f"#entry-{opened}", "outerHTML")
    answer = text_of(response)
    assert f'id="entry-{entry.client_id}"' in answer
    assert "Ruth" in answer
    assert "1 of 6 today" in answer
    assert "<html" not in answer
    assert the_entry().removed_at is None


@pytest.mark.parametrize("opened", ["", "no id", "taken"])
@pytest.mark.parametrize(("place", "following"), [(1, "entry-{}"), (3, "more-share")])
def test_entry_restore_answers_htmx_with_the_entry_among_the_others(
    alice_client: Client, enrollment: Enrollment, opened: str, place: int, following: str
) -> None:
    entries = [make_entry(enrollment=enrollment, place=number) for number in (1, 2, 3)]
    entry = entries[place - 1]
    post_remove(alice_client, entry, htmx=True)

    response = alice_client.post(
        entry_url(TODAY, entry.client_id, "restore/"),
        {
            "enrollment": enrollment.public_id,
            # A place that had opened and holds words by now stays.
            "opened": entries[1].client_id if opened == "taken" else opened,
        },
        headers=HTMX,
    )

    assert response["HX-Reswap"] == "beforebegin"
    assert response["HX-Retarget"] == f"#{following}".format(entries[1].client_id)
    assert f'aria-label="Tell someone, {place}' in text_of(response)


def test_entry_restore_of_what_says_nothing_has_a_place_too(
    alice_client: Client, enrollment: Enrollment
) -> None:
    more = make_entry(enrollment=enrollment, place=9, placed=False)
    post_remove(alice_client, more)

    response = post_restore(alice_client, more, htmx=True)

    assert response.status_code == 200
    assert f'id="entry-{more.client_id}"' in text_of(response)


@pytest.mark.parametrize("post", [post_remove, post_restore])
@pytest.mark.parametrize("htmx", [False, True])
def test_entry_remove_and_restore_of_somebody_elses_are_not_found(
    alice_client: Client,
    bob: User,
    enrollment: Enrollment,
    post: Callable[..., Response],
    htmx: bool,
) -> None:
    entry = make_entry(enrollment=make_enrollment(participant=bob))
    removed = make_entry(enrollment=entry.enrollment, place=2)
    removed.remove(NOON)
    before = list(DailyEntry.objects.in_order().values())

    responses = [post(alice_client, each, htmx=htmx) for each in (entry, removed)]

    assert [response.status_code for response in responses] == [404, 404]
    assert list(DailyEntry.objects.in_order().values()) == before


@pytest.mark.parametrize("verb", ["remove/", "restore/"])
def test_entry_remove_and_restore_with_the_own_enrollment_and_a_strangers_entry_are_not_found(
    alice_client: Client, bob: User, enrollment: Enrollment, verb: str
) -> None:
    theirs = make_entry(enrollment=make_enrollment(participant=bob))

    response = alice_client.post(
        entry_url(TODAY, theirs.client_id, verb), {"enrollment": enrollment.public_id}
    )

    theirs.refresh_from_db()
    assert response.status_code == 404
    assert theirs.removed_at is None


@pytest.mark.parametrize("verb", ["remove/", "restore/"])
def test_entry_remove_and_restore_on_another_day_than_the_entrys_are_not_found(
    alice_client: Client, enrollment: Enrollment, verb: str
) -> None:
    entry = make_entry(enrollment=enrollment)

    response = alice_client.post(
        entry_url(YESTERDAY, entry.client_id, verb), {"enrollment": enrollment.public_id}
    )

    assert response.status_code == 404
    assert the_entry().removed_at is None


@pytest.mark.parametrize("verb", ["remove/", "restore/"])
def test_entry_remove_and_restore_by_get_are_not_allowed(
    alice_client: Client, enrollment: Enrollment, verb: str
) -> None:
    entry = make_entry(enrollment=enrollment)

    response = alice_client.get(entry_url(TODAY, entry.client_id, verb))

    assert response.status_code == 405
    assert is_our_page(response)
    assert the_entry().removed_at is None


# --- Places --------------------------------------------------------------------------------------


def test_places_are_the_two_that_two_devices_agree_on(enrollment: Enrollment) -> None:
    ids = [place.client_id for place in DailyEntry.objects.places(enrollment, TODAY)["share"]]

    assert ids == [enrollment.stone_id(TODAY, "share", number) for number in (1, 2)]


def test_places_never_offer_the_id_of_a_removed_entry(enrollment: Enrollment) -> None:
    make_entry(enrollment=enrollment, place=1).remove(NOON)

    ids = [place.client_id for place in DailyEntry.objects.places(enrollment, TODAY)["share"]]

    assert ids == [enrollment.stone_id(TODAY, "share", number) for number in (2, 3)]


def test_places_keep_entries_where_they_were_made(enrollment: Enrollment) -> None:
    second = make_entry(enrollment=enrollment, place=2)

    places = DailyEntry.objects.places(enrollment, TODAY)["share"]

    assert places == [places[0], second]
    assert places[0].pk is None


def test_places_use_an_undone_entry_without_words_again(enrollment: Enrollment) -> None:
    make_entry(enrollment=enrollment, place=1, placed=False)

    places = DailyEntry.objects.places(enrollment, TODAY)["share"]

    assert [place.client_id for place in places] == [
        enrollment.stone_id(TODAY, "share", number) for number in (1, 2)
    ]


def test_counts_leave_out_words_without_a_stone_and_what_was_removed(
    enrollment: Enrollment,
) -> None:
    make_entry(enrollment=enrollment, place=1)
    make_entry(enrollment=enrollment, place=2, placed=False, line="Tomorrow")
    make_entry(enrollment=enrollment, place=3).remove(NOON)
    make_entry(enrollment=enrollment, practice="act", day=YESTERDAY)

    assert DailyEntry.objects.counts() == {TODAY: {"share": 1}, YESTERDAY: {"act": 1}}


def test_entry_restore_past_the_cap_is_refused(
    alice_client: Client, enrollment: Enrollment
) -> None:
    removed = make_entry(enrollment=enrollment, practice="act", place=1)
    removed.remove(NOON)
    for place in range(2, 22):
        make_entry(enrollment=enrollment, practice="act", place=place)

    response = post_restore(alice_client, removed)

    assert response.status_code == 422
    assert DailyEntry.objects.placed().count() == 20
