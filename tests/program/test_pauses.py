"""When life happens: a pause moves the days still ahead, and nothing that was put down."""

from datetime import date

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from program.calendar import Phase
from program.models import DailyEntry, Enrollment, Goal, Pause
from tests.factories import NOON, make_enrollment, make_entry, make_reflection
from tests.posting import text_of

TODAY = date(2027, 3, 16)  # day 9
TOMORROW = date(2027, 3, 17)
BACK_ON = date(2027, 3, 20)


def stored(enrollment: Enrollment) -> Enrollment:
    return Enrollment.objects.get(pk=enrollment.pk)


def pause(client: Client, back_on: object = BACK_ON) -> int:
    return client.post("/pauses/", {"back_on": str(back_on)}).status_code


def test_pause_moves_today_and_the_days_after_it(
    alice_client: Client, enrollment: Enrollment
) -> None:
    make_entry(enrollment=enrollment, day=date(2027, 3, 15), line="Yesterday's")

    assert pause(alice_client) == 302

    dates = stored(enrollment).dates
    assert dates[:8] == enrollment.dates[:8]
    assert dates[8:] == tuple(date(2027, 3, day) for day in range(20, 26))
    assert stored(enrollment).program_day(NOON) == Phase.PAUSED
    page = text_of(alice_client.get("/today/"))
    assert "You are in a pause" in page
    assert "Day 9 is Saturday, March 20" in page
    assert "Yesterday&#x27;s" in text_of(alice_client.get("/days/2027-03-15/"))


@pytest.mark.parametrize("held", ["entry", "words", "removed", "reflection"])
def test_pause_begins_tomorrow_when_today_holds_something(
    alice_client: Client, enrollment: Enrollment, held: str
) -> None:
    if held == "reflection":
        make_reflection(enrollment=enrollment)
    else:
        entry = make_entry(enrollment=enrollment, placed=held != "words", line="Words")
        if held == "removed":
            entry.remove(NOON)

    pause(alice_client)

    assert stored(enrollment).dates[8:10] == (TODAY, BACK_ON)
    assert stored(enrollment).program_day(NOON) == 9


def test_pause_says_what_it_moves_before_it_does(
    alice_client: Client, enrollment: Enrollment
) -> None:
    page = text_of(alice_client.get("/pauses/", {"back_on": "2027-03-20"}))

    assert "Days 1 to 8 stay where they are." in page
    assert "Day 9 is then Saturday, March 20, and day 14 Thursday, March 25." in page
    assert "Pause until Saturday, March 20" in page
    assert stored(enrollment).dates == enrollment.dates


def test_pause_that_runs_gets_another_end(alice_client: Client, enrollment: Enrollment) -> None:
    pause(alice_client)
    with time_machine.travel(NOON.replace(day=18), tick=False):
        pause(alice_client, date(2027, 3, 24))

        assert stored(enrollment).dates[7:9] == (date(2027, 3, 15), date(2027, 3, 24))
        assert Pause.objects.count() == 1


def test_pause_end_goes_on_today(alice_client: Client, enrollment: Enrollment) -> None:
    pause(alice_client)
    with time_machine.travel(NOON.replace(day=18), tick=False) as later:
        alice_client.post("/pauses/end/")

        assert stored(enrollment).program_day(NOON.replace(day=18)) == 9
        assert stored(enrollment).dates[8] == date(2027, 3, 18)
        later.move_to(NOON.replace(day=19))
        assert alice_client.post("/pauses/end/").status_code == 302
        assert stored(enrollment).dates[8] == date(2027, 3, 18)


def test_pause_end_on_its_first_day_leaves_no_trace(
    alice_client: Client, enrollment: Enrollment
) -> None:
    pause(alice_client)

    alice_client.post("/pauses/end/")

    assert stored(enrollment).dates == enrollment.dates
    assert not Pause.objects.exists()


def test_pause_before_anything_is_put_down_moves_the_first_day(
    alice_client: Client, alice: User
) -> None:
    enrollment = make_enrollment(participant=alice, starts_on=TODAY)

    page = text_of(alice_client.get("/pauses/"))
    pause(alice_client)

    assert "Start on another day" in page
    assert stored(enrollment).starts_on == BACK_ON
    assert not Pause.objects.exists()


@pytest.mark.parametrize("back_on", ["", "2027-03-16", "2027-03-01", "2029-01-01", "soon", "\0"])
def test_pause_refuses_a_day_that_moves_nothing(
    alice_client: Client, enrollment: Enrollment, back_on: str
) -> None:
    assert pause(alice_client, back_on) == 422
    assert stored(enrollment).dates == enrollment.dates


def test_pause_preview_says_what_is_wrong_in_its_place(
    alice_client: Client, enrollment: Enrollment
) -> None:
    data, headers = {"back_on": "2027-03-01"}, {"HX-Request": "true"}

    with_htmx = alice_client.get("/pauses/", data, headers=headers)
    without = alice_client.get("/pauses/", data)

    assert (with_htmx.status_code, without.status_code) == (200, 422)
    for response in (with_htmx, without):
        assert "that one is not moved by a pause" in text_of(response)
    assert "Pause until" not in text_of(with_htmx)


def test_pause_when_only_used_days_are_left_has_nothing_to_move(
    alice_client: Client, alice: User
) -> None:
    enrollment = make_enrollment(participant=alice, starts_on=date(2027, 3, 3))
    make_entry(enrollment=enrollment, line="On day fourteen")

    assert "there is none left to move" in text_of(alice_client.get("/pauses/"))
    pause(alice_client)

    assert stored(enrollment).dates == enrollment.dates


def test_entry_on_a_paused_day_is_no_such_day(alice_client: Client, enrollment: Enrollment) -> None:
    pause(alice_client)
    address = f"/days/{TOMORROW}/entries/{enrollment.stone_id(TOMORROW, 'act', 1)}/"

    fields = {"enrollment": str(enrollment.public_id), "practice": "act", "done": "1"}

    assert alice_client.post(address, fields).status_code == 404
    assert not DailyEntry.objects.exists()


# --- Starting again ------------------------------------------------------------------------------


def restart(client: Client, enrollment: Enrollment) -> int:
    fields = {"enrollment": str(enrollment.public_id)}
    return client.post("/enrollments/restart/", fields).status_code


def test_restart_begins_again_today_with_goal_and_waiting_requests(
    alice_client: Client, enrollment: Enrollment
) -> None:
    waiting = make_entry(enrollment=enrollment, practice="request", line="The key")
    answered = make_entry(
        enrollment=enrollment, practice="request", place=2, line="A room", outcome="granted"
    )

    assert restart(alice_client, enrollment) == 302

    anew = Enrollment.objects.current().get()
    assert anew.starts_on == TODAY
    assert anew.goals.get().statement == enrollment.goals.get().statement
    assert stored(enrollment).ended_at == NOON
    waiting.refresh_from_db()
    answered.refresh_from_db()
    assert (waiting.enrollment, waiting.carried_into) == (enrollment, anew)
    assert answered.carried_into is None


def test_restart_twice_from_one_page_is_one_restart(
    alice_client: Client, enrollment: Enrollment
) -> None:
    restart(alice_client, enrollment)

    assert restart(alice_client, enrollment) == 302

    assert Enrollment.objects.count() == 2
    assert Goal.objects.count() == 2


def test_restart_carries_what_was_carried_before(
    alice_client: Client, enrollment: Enrollment
) -> None:
    waiting = make_entry(enrollment=enrollment, practice="request", line="The key")
    restart(alice_client, enrollment)

    restart(alice_client, Enrollment.objects.current().get())

    waiting.refresh_from_db()
    assert waiting.carried_into == Enrollment.objects.current().get()


@pytest.mark.parametrize("posted", ["", "not an id", "bobs"])
def test_restart_of_none_or_of_somebody_elses_is_not_found(
    alice_client: Client, bob: User, enrollment: Enrollment, posted: str
) -> None:
    bobs = make_enrollment(participant=bob)

    fields = {"enrollment": str(bobs.public_id) if posted == "bobs" else posted}

    assert alice_client.post("/enrollments/restart/", fields).status_code == 404
    assert stored(bobs).ended_at is None
    assert stored(enrollment).ended_at is None


def test_pause_page_of_somebody_without_two_weeks_leads_to_the_first_step(
    erin: User, noon: time_machine.Traveller
) -> None:
    client = Client()
    client.force_login(erin)

    assert client.get("/pauses/").headers["Location"] == "/today/"
    assert client.post("/pauses/end/").status_code == 404


@pytest.mark.parametrize("how", ["longer", "ended"])
def test_pause_that_a_journey_brings_back_moves_no_day_that_holds_something(
    alice_client: Client, alice: User, enrollment: Enrollment, how: str
) -> None:
    """West far enough, yesterday is today again: the pause was over all the same."""
    pause(alice_client, TOMORROW)
    with time_machine.travel(NOON.replace(day=17, hour=3), tick=False):
        make_entry(enrollment=stored(enrollment), day=TOMORROW, line="Back again")
        User.objects.update(time_zone="America/Lima")
        if how == "longer":
            assert pause(alice_client, date(2027, 3, 25)) == 302
        else:
            assert alice_client.post("/pauses/end/").status_code == 302

    dates = stored(enrollment).dates
    assert TOMORROW in dates
    assert dates.index(TOMORROW) == 8, "what was put down on day 9 stays on day 9"
