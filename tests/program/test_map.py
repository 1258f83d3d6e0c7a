from datetime import UTC, date, datetime
from html import unescape
from re import findall, search, sub

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from program.curriculum import PRACTICES
from program.models import DailyEntry, Enrollment, Pause
from program.views.map import ridges
from tests.factories import NOON, make_enrollment, make_entry, make_reflection
from tests.posting import Response, text_of

MONDAY, TUESDAY = date(2027, 3, 15), date(2027, 3, 16)


def place(enrollment: Enrollment, day: date, *practices: str) -> None:
    for number, practice in enumerate(practices, 1):
        make_entry(enrollment=enrollment, day=day, practice=practice, place=number)


def labels(response: Response, frame: str = "wide") -> list[str]:
    drawing = text_of(response).split(f"ridge--{frame}")[1].split("</svg>")[0]
    return [unescape(label) for label in findall(r'<a href="[^"]+" aria-label="([^"]+)"', drawing)]


def links(response: Response, part: str) -> list[str]:
    return findall(r'<a href="([^"]+)"', text_of(response).split(part)[1].split("</svg>")[0])


def rows(response: Response) -> list[str]:
    """The words of each row of the table."""
    body = text_of(response).split("<tbody")[1].split("</tbody>")[0]
    words = [sub(r"<[^>]+>", " ", row) for row in body.split("<tr")[1:]]
    return [" ".join(unescape(row.split(">", 1)[1]).split()) for row in words]


# --- The page -------------------------------------------------------------------------------------


def test_map_detail_says_what_was_walked_and_what_is_open(
    alice_client: Client, enrollment: Enrollment
) -> None:
    place(enrollment, MONDAY, "share", "share", "share", "act")
    place(enrollment, TUESDAY, "share", "act", "request")

    response = alice_client.get("/map/")

    assert "Six stones and one more in nine days. The ink is yours" in text_of(response)
    for frame in ("wide", "tall"):
        said = labels(response, frame)
        assert said[0] == "Day 1, Monday, March 8: 0 of 6"
        assert said[7] == "Day 8, Monday, March 15: 3 of 6 and 1 more"
        assert said[8] == "Day 9, Tuesday, March 16: today, 3 of 6"
        assert said[9] == "Day 10, Wednesday, March 17: still ahead"
        assert len(said) == 14
    assert "Open a repair corner in the library</text>" in text_of(response)


def test_map_detail_says_the_same_in_the_drawing_and_in_the_table(
    alice_client: Client, enrollment: Enrollment
) -> None:
    place(enrollment, MONDAY, "share", "share", "share", "act")
    place(enrollment, TUESDAY, "share", "act", "request")

    response = alice_client.get("/map/")

    drawn = [search(r"(\d) of 6(?: and (\d+) more)?|still ahead", it) for it in labels(response)]
    table = [search(r"(\d) of 6(?: \+(\d+))?$|still ahead", it) for it in rows(response)]
    assert all(drawn)
    assert [it and it.groups() for it in drawn] == [it and it.groups() for it in table]
    assert rows(response)[7] == "8 Mon 15 3 1 0 3 of 6 +1"
    assert rows(response)[8] == "9 Tue 16 1 1 1 3 of 6"
    assert rows(response)[9] == "10 Wed 17 still ahead"
    assert links(response, "ridge--wide") == links(response, "ridge--tall")
    assert links(response, "ridge--wide") == links(response, "<tbody")
    assert links(response, "<tbody")[7:10] == ["/days/2027-03-15/", "/today/", "/days/2027-03-17/"]


def test_map_detail_shows_the_reflection_in_a_line_or_else_the_first_line(
    alice_client: Client, enrollment: Enrollment
) -> None:
    for practice, line in (("share", "My sister"), ("act", "Swept the corner")):
        make_entry(enrollment=enrollment, day=MONDAY, practice=practice, line=line, placed=False)
        make_entry(enrollment=enrollment, practice=practice, line=line)
    make_reflection(enrollment=enrollment, text="\nShe <laughed>.\nThen she helped.")

    found = rows(alice_client.get("/map/"))

    assert found[7].endswith("0 of 6 My sister")
    assert found[8].endswith("2 of 6 She <laughed>.")


def test_map_detail_shows_no_line_that_was_removed_and_cuts_long_ones(
    alice_client: Client, enrollment: Enrollment
) -> None:
    make_entry(enrollment=enrollment, practice="share", line="Taken back").remove(NOON)
    make_entry(enrollment=enrollment, practice="act", line="x" * 500)
    make_reflection(enrollment=enrollment, text=" \n ")

    page = text_of(alice_client.get("/map/"))

    assert "Taken back" not in page
    assert f"{'x' * 89}…" in page
    assert "x" * 90 not in page


def test_map_detail_cuts_a_long_goal_beside_the_flag(alice_client: Client, alice: User) -> None:
    make_enrollment(participant=alice, statement="<b>" + "long " * 30)

    page = text_of(alice_client.get("/map/"))

    assert search(r'class="ridge__summit"[^>]*>&lt;b&gt;(long ){11}l…</text>', page)
    assert page.count("ridge__summit") == 1


def test_map_detail_shows_everybody_their_own(alice_client: Client, alice: User, bob: User) -> None:
    bobs = make_enrollment(participant=bob, statement="Bob's own goal")
    make_enrollment(participant=alice)
    make_entry(enrollment=bobs, line="Bob told his brother")
    make_reflection(enrollment=bobs, text="What only Bob reads")

    response = alice_client.get("/map/")

    assert "Bob" not in text_of(response)
    assert labels(response)[8] == "Day 9, Tuesday, March 16: today, 0 of 6"


def test_map_detail_without_two_weeks_leads_to_their_start(client: Client, erin: User) -> None:
    client.force_login(erin)

    response = client.get("/map/")

    assert response.status_code == 302
    assert response["Location"] == "/enrollments/new/"


# --- When it is none of the fourteen days ---------------------------------------------------------


def test_map_detail_before_day_1_is_all_open(alice_client: Client, alice: User) -> None:
    make_enrollment(participant=alice, starts_on=date(2027, 3, 22))

    response = alice_client.get("/map/")

    assert "You start on Monday, March 22." in text_of(response)
    assert all(label.endswith(": still ahead") for label in labels(response))
    assert "You are here" not in text_of(response)
    assert "ridge__walked" not in text_of(response)


def test_map_detail_on_day_1_without_a_stone_counts_nothing(
    alice_client: Client, alice: User
) -> None:
    make_enrollment(participant=alice, starts_on=TUESDAY)

    response = alice_client.get("/map/")

    assert '<p class="lede">The ink is yours' in text_of(response)
    assert labels(response)[0] == "Day 1, Tuesday, March 16: today, 0 of 6"


def test_map_detail_in_a_pause_stands_still(alice_client: Client, enrollment: Enrollment) -> None:
    Pause.objects.create(
        enrollment=enrollment, starts_on=MONDAY, ends_on=date(2027, 3, 18), created_at=NOON
    )

    response = alice_client.get("/map/")

    assert labels(response)[6] == "Day 7, Sunday, March 14: 0 of 6"
    assert labels(response)[7] == "Day 8, Friday, March 19: still ahead"
    assert "You are here" not in text_of(response)


def test_map_detail_on_day_14_still_lifts_the_summit(alice_client: Client, alice: User) -> None:
    enrollment = make_enrollment(participant=alice, starts_on=date(2027, 3, 3))
    place(enrollment, TUESDAY, "share")

    response = alice_client.get("/map/")

    assert "One stone in fourteen days." in text_of(response)
    assert "still lifts the summit" in text_of(response)
    assert labels(response)[13] == "Day 14, Tuesday, March 16: today, 1 of 6"


def test_map_detail_after_day_14_is_all_ink(
    alice_client: Client, enrollment: Enrollment, noon: time_machine.Traveller
) -> None:
    place(enrollment, TUESDAY, *["share"] * 2, *["act"] * 2)
    noon.move_to(datetime(2027, 3, 22, 12, tzinfo=UTC))

    response = alice_client.get("/map/")

    assert "Four stones in fourteen days. Whatever shape it has" in text_of(response)
    assert labels(response)[13] == "Day 14, Sunday, March 21: 0 of 6"
    assert "still ahead" not in text_of(response)
    assert "You are here" not in text_of(response)
    assert "ridge__pencil" not in text_of(response)


# --- Two weeks that have ended --------------------------------------------------------------------


def test_ridges_of_ended_weeks_lead_nowhere_and_say_all_in_words(enrollment: Enrollment) -> None:
    enrollment.end(datetime(2027, 3, 10, 12, tzinfo=UTC))
    place(enrollment, date(2027, 3, 9), "share", "act")
    counts = DailyEntry.objects.of(enrollment).counts()

    drawn = ridges(enrollment, counts, NOON)

    for ridge in drawn.values():
        assert {waypoint.url for waypoint in ridge.waypoints} == {""}
        assert not any(waypoint.is_today for waypoint in ridge.waypoints)
        assert [waypoint.stones for waypoint in ridge.waypoints] == [0, 2, 0, *[None] * 11]
        assert ridge.waypoints[13].label == "Day 14, Sunday, March 21: left open"
        assert ridge.summary.endswith("Stones on the first 3 days: 0, 2, 0.")


# --- Cost -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("entries", [0, 200])
def test_map_detail_takes_six_queries(
    alice_client: Client, enrollment: Enrollment, entries: int
) -> None:
    places = [
        (day, practice.key, number)
        for number in range(1, 9)
        for day in enrollment.dates[:9]
        for practice in PRACTICES
    ]
    for day, practice, number in places[:entries]:
        make_entry(enrollment=enrollment, day=day, practice=practice, place=number, line="Words")

    with CaptureQueriesContext(connection) as captured:
        response = alice_client.get("/map/")

    assert response.status_code == 200
    assert len(captured) == 6, captured.captured_queries
