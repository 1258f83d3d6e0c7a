import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import User
from program.models import Enrollment, Goal
from tests.factories import NOON, make_enrollment, make_entry, make_user
from tests.posting import HTMX, TODAY, Response, is_our_page, text_of

DAY = timedelta(days=1)
WORDS = {
    "statement": "Open a repair corner",
    "why": "Things should last.",
    "measure": "One mended toaster.",
}


def begin(client: Client, **fields: str) -> Response:
    data = {**WORDS, "start": "today", "time_zone": "Europe/Stockholm", "day_end_hour": "0"}
    return client.post("/enrollments/new/", data | fields)


# --- Begin ----------------------------------------------------------------------------------------


def test_enrollment_create_asks_for_a_goal_a_start_and_a_clock(
    alice_client: Client, alice: User
) -> None:
    response = alice_client.get("/enrollments/new/")

    page = text_of(response)
    assert response.status_code == 200
    for field in (*WORDS, "start", "starts_on", "time_zone", "day_end_hour"):
        assert f'name="{field}"' in page


def test_enrollment_create_begins_two_weeks_today(alice_client: Client, alice: User) -> None:
    response = begin(alice_client)

    enrollment = Enrollment.objects.get()
    assert response.status_code == 302
    assert response["Location"] == "/today/"
    assert enrollment.participant == alice
    assert enrollment.starts_on == TODAY
    assert Goal.objects.values(*WORDS).get() == WORDS


def test_enrollment_create_begins_next_monday(alice_client: Client, alice: User) -> None:
    begin(alice_client, start="monday")

    assert Enrollment.objects.get().starts_on == date(2027, 3, 22)


@pytest.mark.parametrize("starts_on", [TODAY, TODAY + 30 * DAY, TODAY + 365 * DAY])
def test_enrollment_create_begins_on_another_day(
    alice_client: Client, alice: User, starts_on: date
) -> None:
    begin(alice_client, start="other", starts_on=starts_on.isoformat())

    assert Enrollment.objects.get().starts_on == starts_on


def test_enrollment_create_begins_on_the_day_of_the_chosen_clock(
    alice_client: Client, alice: User
) -> None:
    begin(alice_client, time_zone="Pacific/Kiritimati", day_end_hour="1")

    alice.refresh_from_db()
    assert Enrollment.objects.get().starts_on == TODAY + DAY
    assert (alice.time_zone, alice.day_end_hour) == ("Pacific/Kiritimati", 1)


@pytest.mark.parametrize(
    ("alias", "in_use"),
    [
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("Europe/Kiev", "Europe/Kyiv"),
        ("US/Eastern", "America/New_York"),
        ("Etc/UTC", "UTC"),
        ("Europe/Stockholm", "Europe/Stockholm"),
    ],
)
def test_enrollment_create_stores_the_name_in_use_of_a_time_zone(
    alice_client: Client, alice: User, alias: str, in_use: str
) -> None:
    begin(alice_client, time_zone=alias)

    alice.refresh_from_db()
    assert alice.time_zone == in_use


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("statement", ""),
        ("statement", "   "),
        ("statement", "o" * 201),
        ("statement", "a\0b"),
        ("why", "o" * 2001),
        ("measure", "a\0b"),
        ("start", "yesterday"),
        ("start", "other"),
        ("starts_on", "2027-03-15"),
        ("starts_on", "2028-03-16"),
        ("starts_on", "2027-02-30"),
        ("starts_on", "9" * 400),
        ("starts_on", "\0"),
        ("time_zone", ""),
        ("time_zone", "Europe/Atlantis"),
        ("time_zone", "Factory"),
        ("time_zone", "Europe/Stockholm\0"),
        ("time_zone", "../../etc/passwd"),
        ("time_zone", "Europe"),
        ("time_zone", "x" * 5000),
        ("day_end_hour", "6"),
        ("day_end_hour", "-1"),
        ("day_end_hour", "9" * 400),
        ("day_end_hour", ""),
    ],
)
def test_enrollment_create_refuses_what_is_not_valid_and_keeps_the_words(
    alice_client: Client, alice: User, field: str, value: str
) -> None:
    start = {"start": "other"} if field == "starts_on" else {}

    response = begin(alice_client, **{**start, field: value})

    page = text_of(response)
    alice.refresh_from_db()
    assert response.status_code == 422
    assert is_our_page(response)
    assert "data-error-summary" in page
    for name, words in WORDS.items():
        assert words in page or name == field
    assert not Enrollment.objects.exists()
    assert alice.time_zone == "Europe/Stockholm"


def test_enrollment_create_twice_is_one_enrollment(alice_client: Client, alice: User) -> None:
    responses = [begin(alice_client), begin(alice_client)]

    assert [response["Location"] for response in responses] == ["/today/", "/today/"]
    assert Goal.objects.get().statement == "Open a repair corner"


@pytest.mark.parametrize("fields", [{}, {"why": "o" * 2001}, {"time_zone": ""}])
def test_enrollment_create_from_another_tab_keeps_the_words_in_the_form(
    alice_client: Client, alice: User, fields: dict[str, str]
) -> None:
    begin(alice_client)

    response = begin(alice_client, **{"statement": "Typed in another tab", **fields})

    page = text_of(response)
    assert response.status_code == 409
    assert is_our_page(response)
    assert "Two weeks are already running for you" in page
    assert "Typed in another tab" in page
    assert 'href="/today/"' in page
    assert 'href="/goals/"' in page
    assert Goal.objects.get().statement == "Open a repair corner"


def test_enrollment_create_offers_the_words_as_the_goal_that_runs(
    alice_client: Client, alice: User
) -> None:
    begin(alice_client)
    page = text_of(begin(alice_client, statement="Typed in another tab"))

    answer = alice_client.post("/goals/", {**WORDS, "statement": "Typed in another tab"})

    assert 'formaction="/goals/"' in page
    assert answer.status_code == 409
    assert "Open a repair corner" in text_of(answer)
    assert "Typed in another tab" in text_of(answer)


def test_enrollment_create_with_a_zone_where_day_fourteen_goes_on_keeps_the_words(
    alice_client: Client, alice: User
) -> None:
    alice.set_clock(time_zone="Pacific/Kiritimati", day_end_hour=0)
    # March 16 is their last day, over on the 17th in Kiritimati and going on in Honolulu.
    finished = make_enrollment(participant=alice, starts_on=TODAY - 13 * DAY)

    response = begin(alice_client, statement="The next one", time_zone="Pacific/Honolulu")

    alice.refresh_from_db()
    finished.refresh_from_db()
    assert response.status_code == 409
    assert "The next one" in text_of(response)
    assert alice.time_zone == "Pacific/Kiritimati"
    assert finished.ended_at is None


def test_enrollment_create_does_not_touch_two_weeks_that_run(
    alice_client: Client, alice: User, enrollment: Enrollment
) -> None:
    response = begin(alice_client, time_zone="Asia/Tokyo")

    alice.refresh_from_db()
    assert response.status_code == 409
    assert Enrollment.objects.get() == enrollment
    assert alice.time_zone == "Europe/Stockholm"


def test_enrollment_create_after_day_fourteen_makes_room_and_keeps_what_was(
    alice_client: Client, alice: User
) -> None:
    finished = make_enrollment(participant=alice, starts_on=TODAY - 14 * DAY)
    entry = make_entry(enrollment=finished, day=TODAY - DAY, line="Kept")

    page = text_of(alice_client.get("/enrollments/new/"))
    begin(alice_client, statement="The next one")

    finished.refresh_from_db()
    entry.refresh_from_db()
    current = Enrollment.objects.owned_by(alice).current().get()
    assert 'name="statement"' in page
    assert finished.ended_at == NOON
    assert current.goals.get().statement == "The next one"
    assert entry.enrollment == finished
    assert entry.line == "Kept"


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_enrollment_create_takes_get_and_post_alone(
    alice_client: Client, alice: User, method: str
) -> None:
    response = getattr(alice_client, method)("/enrollments/new/")

    assert response.status_code == 405
    assert is_our_page(response)


def test_begin_twice_is_refused_by_the_database(alice: User, enrollment: Enrollment) -> None:
    with pytest.raises(IntegrityError, match="one_current_per_participant"), transaction.atomic():
        make_enrollment(participant=alice)

    assert Enrollment.objects.get() == enrollment
    assert Goal.objects.count() == 1


# --- Start today instead --------------------------------------------------------------------------


def test_enrollment_start_moves_the_first_day_to_today(alice_client: Client, alice: User) -> None:
    make_enrollment(participant=alice, starts_on=TODAY + 6 * DAY)

    response = alice_client.post("/enrollments/start/")

    assert response.status_code == 302
    assert response["Location"] == "/today/"
    assert Enrollment.objects.get().starts_on == TODAY


def test_enrollment_start_by_htmx_leads_to_today(alice_client: Client, alice: User) -> None:
    make_enrollment(participant=alice, starts_on=TODAY + 6 * DAY)

    response = alice_client.post("/enrollments/start/", headers=HTMX)

    assert response.status_code == 204
    assert response["HX-Redirect"] == "/today/"


@pytest.mark.parametrize("starts_on", [TODAY, TODAY - 8 * DAY, TODAY - 20 * DAY])
def test_enrollment_start_does_not_move_two_weeks_that_have_begun(
    alice_client: Client, alice: User, starts_on: date
) -> None:
    make_enrollment(participant=alice, starts_on=starts_on)

    response = alice_client.post("/enrollments/start/")

    assert response.status_code == 302
    assert Enrollment.objects.get().starts_on == starts_on


def test_enrollment_start_moves_nobody_elses(alice_client: Client, alice: User, bob: User) -> None:
    theirs = make_enrollment(participant=bob, starts_on=TODAY + DAY)

    response = alice_client.post("/enrollments/start/")

    theirs.refresh_from_db()
    assert response.status_code == 404
    assert theirs.starts_on == TODAY + DAY


def test_enrollment_start_by_get_is_not_allowed(alice_client: Client, alice: User) -> None:
    make_enrollment(participant=alice, starts_on=TODAY + DAY)

    response = alice_client.get("/enrollments/start/")

    assert response.status_code == 405
    assert Enrollment.objects.get().starts_on == TODAY + DAY


def test_enrollment_create_promises_no_dates_before_it_knows_the_zone(
    client: Client, db: None, noon: time_machine.Traveller
) -> None:
    client.force_login(make_user(name="Frida", time_zone="UTC"))

    page = text_of(client.get("/enrollments/new/"))

    assert "Tue, Mar 16" not in page
    assert "Begin" in page


def test_enrollment_create_dates_follow_the_zone_that_is_chosen(
    client: Client, erin: User, noon: time_machine.Traveller
) -> None:
    client.force_login(erin)

    answer = client.get(
        "/enrollments/new/",
        {"time_zone": "Pacific/Kiritimati", "day_end_hour": "0", "start": "today"},
        headers=HTMX,
    )

    # Half past two in the morning of Wednesday there, and noon on Tuesday in UTC.
    assert "Wed, Mar 17" in text_of(answer)
    assert 'id="start-options"' in text_of(answer)
    assert "<html" not in text_of(answer)


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (datetime(2027, 3, 21, 12, tzinfo=UTC), "Tomorrow, Monday"),
        (datetime(2027, 3, 20, 12, tzinfo=UTC), "Next Monday"),
        (datetime(2027, 3, 22, 12, tzinfo=UTC), "Next Monday"),
    ],
)
def test_enrollment_create_on_a_sunday_calls_monday_tomorrow(
    client: Client, erin: User, now: datetime, words: str
) -> None:
    with time_machine.travel(now, tick=False):
        client.force_login(erin)
        page = text_of(client.get("/enrollments/new/"))

    assert ("Tomorrow, Monday" in page, "Next Monday" in page) == (
        words == "Tomorrow, Monday",
        words == "Next Monday",
    )


def test_enrollment_create_says_what_is_optional(alice_client: Client, alice: User) -> None:
    labels = re.findall(
        r"<label for[^>]*>(.*?)</label>", text_of(alice_client.get("/enrollments/new/"))
    )

    optional = [re.sub(r"<.*?>", "", label) for label in labels if "(optional)" in label]
    assert optional == ["Why it matters to you (optional)", "How will you know? (optional)"]


def test_enrollment_create_writes_times_as_the_language_does(
    alice_client: Client, alice: User
) -> None:
    page = text_of(alice_client.get("/enrollments/new/"))

    assert "Stockholm (1 p.m.)" in page
    assert '<option value="3">3 a.m.</option>' in page
    assert "13:00" not in page
