from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from program.models import Enrollment
from tests.factories import NOON, make_enrollment, make_entry, make_reflection
from tests.posting import TODAY, is_our_page, text_of

DAY = timedelta(days=1)


# --- Today ----------------------------------------------------------------------------------------


def test_today_shows_day_goal_and_open_stones(alice_client: Client, enrollment: Enrollment) -> None:
    response = alice_client.get("/today/")

    page = text_of(response)
    assert response.status_code == 200
    assert "Day 9 of 14" in page
    assert "Open a repair corner in the library" in page
    assert page.count('aria-pressed="false"') == 6


def test_today_shows_what_was_put_down(alice_client: Client, enrollment: Enrollment) -> None:
    make_entry(enrollment=enrollment, line="Ruth, at the bus stop")
    make_entry(enrollment=enrollment, practice="request", outcome="granted")
    make_reflection(enrollment=enrollment, text="It was easier to ask.")

    page = text_of(alice_client.get("/today/"))

    assert page.count('aria-pressed="true"') == 2
    assert "Ruth, at the bus stop" in page
    assert 'value="granted" checked' in page
    assert "It was easier to ask." in page
    assert "2 of 6 today. Four still open." in page


def test_today_shows_nothing_of_somebody_else(
    alice_client: Client, bob: User, enrollment: Enrollment
) -> None:
    theirs = make_enrollment(participant=bob, statement="Bob's own goal")
    make_entry(enrollment=theirs, line="Bob's words")
    make_reflection(enrollment=theirs, text="Bob's evening")

    page = text_of(alice_client.get("/today/"))

    assert "Bob" not in page


def test_today_shows_words_as_words(alice_client: Client, enrollment: Enrollment) -> None:
    make_entry(enrollment=enrollment, line='"><script>alert(1)</script>')

    page = text_of(alice_client.get("/today/"))

    assert "<script>alert" not in page
    assert "&quot;&gt;&lt;script&gt;alert(1)" in page


def test_today_without_two_weeks_leads_to_beginning_them(alice_client: Client, alice: User) -> None:
    response = alice_client.get("/today/")

    assert response.status_code == 302
    assert response["Location"] == "/enrollments/new/"


def test_today_before_the_first_day_is_calm(alice_client: Client, alice: User) -> None:
    make_enrollment(participant=alice, starts_on=TODAY + DAY)

    response = alice_client.get("/today/")

    page = text_of(response)
    assert response.status_code == 200
    assert "You start on Wednesday, March 17" in page
    assert "Start today instead" in page
    assert 'class="stone"' not in page


def test_today_of_somebody_whose_clock_went_back_before_day_one_keeps_what_was_put_down(
    alice_client: Client, alice: User
) -> None:
    enrollment = make_enrollment(participant=alice, starts_on=TODAY + DAY)
    make_entry(enrollment=enrollment, day=TODAY + DAY)

    page = text_of(alice_client.get("/today/"))
    alice_client.post("/enrollments/start/")

    assert "Day 1 is Wednesday, March 17" in page
    assert "What you put down is kept" in page
    assert "Start today instead" not in page
    enrollment.refresh_from_db()
    assert enrollment.starts_on == TODAY + DAY


def test_today_after_the_last_day_looks_back(alice_client: Client, alice: User) -> None:
    enrollment = make_enrollment(participant=alice, starts_on=TODAY - 14 * DAY)
    make_entry(enrollment=enrollment, day=TODAY - DAY)

    response = alice_client.get("/today/")

    page = text_of(response)
    assert response.status_code == 200
    assert "You walked all fourteen" in page
    assert "One thing put down in fourteen days." in page
    assert "Start another two weeks" in page


@pytest.mark.parametrize("after", [0, 13])
def test_today_on_the_first_and_the_last_day_is_a_day(
    alice_client: Client, alice: User, after: int
) -> None:
    make_enrollment(participant=alice, starts_on=TODAY - after * DAY)

    page = text_of(alice_client.get("/today/"))

    assert f"Day {after + 1} of 14" in page


@pytest.mark.parametrize(
    ("time_zone", "day_end_hour", "number"),
    [
        ("Pacific/Kiritimati", 0, 10),  # there it is 2 in the night of the 17th
        ("Pacific/Kiritimati", 3, 9),  # and still yesterday for somebody who is up late
        ("Pacific/Pago_Pago", 0, 9),
        ("UTC", 0, 9),
    ],
)
def test_today_is_the_day_of_the_persons_own_clock(
    alice_client: Client,
    alice: User,
    enrollment: Enrollment,
    time_zone: str,
    day_end_hour: int,
    number: int,
) -> None:
    alice.set_clock(time_zone=time_zone, day_end_hour=day_end_hour)

    page = text_of(alice_client.get("/today/"))

    assert f"Day {number} of 14" in page


def test_today_turns_over_at_the_day_end_hour(
    alice_client: Client, alice: User, enrollment: Enrollment, noon: time_machine.Traveller
) -> None:
    alice.set_clock(time_zone="Europe/Stockholm", day_end_hour=3)
    pages = []

    for minutes in (-1, 0):
        # Three in the night in Stockholm is two in UTC.
        noon.move_to(NOON.replace(day=17, hour=2) + timedelta(minutes=minutes))
        pages.append(text_of(alice_client.get("/today/")))

    assert "Day 9 of 14" in pages[0]
    assert "Day 10 of 14" in pages[1]


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_today_takes_nothing_but_get(
    alice_client: Client, enrollment: Enrollment, method: str
) -> None:
    response = getattr(alice_client, method)("/today/")

    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD"
    assert is_our_page(response)


# --- The other thirteen ---------------------------------------------------------------------------


def test_day_detail_of_an_earlier_day_is_open(alice_client: Client, enrollment: Enrollment) -> None:
    response = alice_client.get("/days/2027-03-08/")

    page = text_of(response)
    assert response.status_code == 200
    assert "Day 1 of 14" in page
    assert "It stays open." in page
    assert page.count('aria-pressed="false"') == 6


def test_day_detail_of_a_day_still_ahead_is_calm(
    alice_client: Client, enrollment: Enrollment
) -> None:
    response = alice_client.get("/days/2027-03-17/")

    page = text_of(response)
    assert response.status_code == 200
    assert "This day is still ahead" in page
    assert 'class="stone"' not in page


@pytest.mark.parametrize(
    "day",
    ["2027-03-07", "2027-03-22", "0001-01-01", "9999-12-31"],
)
def test_day_detail_outside_the_fourteen_is_not_found(
    alice_client: Client, enrollment: Enrollment, day: str
) -> None:
    response = alice_client.get(f"/days/{day}/")

    assert response.status_code == 404
    assert is_our_page(response)


@pytest.mark.parametrize(
    "day",
    ["2027-02-30", "0000-00-00", "2027-3-8", "today", "2027-03-08%00", "٢٠٢٧-٠٣-٠٨", "%ED%A0%80"],
)
def test_day_detail_of_what_is_no_date_is_not_found(
    alice_client: Client, enrollment: Enrollment, day: str
) -> None:
    response = alice_client.get(f"/days/{day}/")

    assert response.status_code == 404
    assert is_our_page(response)


def test_day_detail_links_to_the_days_beside_it(
    alice_client: Client, enrollment: Enrollment
) -> None:
    page = text_of(alice_client.get("/days/2027-03-15/"))

    assert 'href="/days/2027-03-14/" rel="prev"' in page
    assert 'href="/today/" rel="next"' in page


def test_day_detail_of_the_first_and_the_last_day_ends_the_row(
    alice_client: Client, enrollment: Enrollment, noon: time_machine.Traveller
) -> None:
    noon.move_to(NOON + 5 * DAY)

    first = text_of(alice_client.get("/days/2027-03-08/"))
    last = text_of(alice_client.get("/days/2027-03-21/"))

    assert 'rel="prev"' not in first
    assert 'rel="next"' in first
    assert 'rel="prev"' in last
    assert 'rel="next"' not in last


def test_day_detail_after_the_last_day_stays_open(
    alice_client: Client, enrollment: Enrollment, noon: time_machine.Traveller
) -> None:
    noon.move_to(NOON + 6 * DAY)

    response = alice_client.get("/days/2027-03-21/")

    assert response.status_code == 200
    assert "Day 14 of 14" in text_of(response)


def test_day_detail_without_two_weeks_is_not_found(alice_client: Client, alice: User) -> None:
    response = alice_client.get(f"/days/{TODAY}/")

    assert response.status_code == 404


def test_day_detail_counts_the_requests_of_its_own_week(
    alice_client: Client, enrollment: Enrollment
) -> None:
    for day in (date(2027, 3, 14), date(2027, 3, 15), TODAY):
        make_entry(enrollment=enrollment, day=day, practice="request")

    first_week = text_of(alice_client.get("/days/2027-03-14/"))
    second_week = text_of(alice_client.get("/today/"))

    assert "1 of 5" in first_week
    assert "2 of 5" in second_week


def test_day_detail_of_another_day_says_whose_side_it_is(
    alice_client: Client, enrollment: Enrollment
) -> None:
    today = text_of(alice_client.get("/today/"))
    yesterday = text_of(alice_client.get("/days/2027-03-15/"))

    assert 'aria-label="Beside today"' in today
    assert 'aria-label="Beside this day"' in yesterday


def test_today_before_the_first_day_leads_to_the_goal(alice_client: Client, alice: User) -> None:
    make_enrollment(participant=alice, starts_on=date(2027, 3, 20))

    assert 'href="/goals/"' in text_of(alice_client.get("/today/"))
