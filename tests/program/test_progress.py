"""What a coach sees of their cohorts: the coach home, the table, the file."""

import csv
import io
import re
from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from program.models import CoachVisit, Cohort, Consent, Enrollment, StepProgress
from tests.factories import (
    NOON,
    fill_cohort,
    make_cohort,
    make_enrollment,
    make_entry,
    make_membership,
    make_reflection,
    make_user,
)
from tests.posting import HTMX, Response, text_of
from tests.test_queries import queries

STARTS_ON = date(2027, 3, 8)
TEXTS = ("line", "answer", "text", "statement", "why", "measure", "note", "title", "moment")


@pytest.fixture
def cohort(carol: User) -> Cohort:
    return make_cohort(coach=carol, starts_on=STARTS_ON)


@pytest.fixture
def carol_client(carol: User, noon: time_machine.Traveller) -> Client:
    client = Client()
    client.force_login(carol)
    return client


def join(cohort: Cohort, name: str, scope: str | None = "counts", **fields: object) -> Enrollment:
    enrollment = make_enrollment(participant=make_user(name=name), **fields)  # type: ignore[arg-type]
    make_membership(cohort=cohort, enrollment=enrollment, scope=scope)
    return enrollment


def names(response: Response) -> list[str]:
    return [row["member"].name for row in response.context["rows"]]


def columns_asked(captured: CaptureQueriesContext) -> set[str]:
    """The columns that the queries give back or look at, of tables of the program; not of those
    that hold the coaches' own words."""
    return {
        column
        for sql in queries(captured)
        for table, column in re.findall(r'"(program_\w+|[A-Z]\d+)"\."(\w+)"', sql)
        if table not in ("program_cohort", "program_encouragement", "program_coachnote")
    }


# --- The coach home -------------------------------------------------------------------------------


def test_cohort_list_groups_cohorts_by_the_day_they_are_on(
    carol_client: Client, cohort: Cohort, carol: User, dave: User
) -> None:
    make_cohort(coach=carol, name="Soon", starts_on=date(2027, 3, 22))
    make_cohort(coach=carol, name="Whenever")
    make_cohort(coach=carol, name="Long ago", starts_on=date(2027, 2, 1))
    make_cohort(coach=carol, name="Closed", starts_on=STARTS_ON)
    Cohort.objects.filter(name="Closed").update(closed_at=NOON)
    make_cohort(coach=dave, name="Not hers", starts_on=STARTS_ON)

    response = carol_client.get("/coaching/")

    groups = {
        group["label"]: [row["cohort"].name for row in group["rows"]]
        for group in response.context["groups"]
    }
    assert groups == {
        "Day 9": ["Spring starters"],
        "Starts on Monday, March 22": ["Soon"],
        "Each on their own day": ["Whenever"],
        "Over": ["Long ago"],
    }
    assert list(groups) == ["Day 9", "Starts on Monday, March 22", "Each on their own day", "Over"]
    assert "Not hers" not in text_of(response)


def test_cohort_list_says_how_many_are_in_today(carol_client: Client, cohort: Cohort) -> None:
    make_entry(enrollment=join(cohort, "Alice"))
    join(cohort, "Bob")
    make_entry(enrollment=join(cohort, "Erin", scope=None))

    page = text_of(carol_client.get("/coaching/"))

    assert "3 people" in page
    assert "1 in today" in page


def test_cohort_list_of_somebody_without_one_offers_to_open_it(alice_client: Client) -> None:
    response = alice_client.get("/coaching/")

    assert "No cohort yet" in text_of(response)
    assert 'href="/coaching/new/"' in text_of(response)


# --- The table ------------------------------------------------------------------------------------


def test_cohort_detail_says_of_each_member_how_far_they_are(
    carol_client: Client, cohort: Cohort
) -> None:
    alice = join(cohort, "Alice", scope="counts")
    for day in alice.dates[:9]:
        make_entry(enrollment=alice, day=day)
        make_entry(enrollment=alice, day=day, practice="request")
    StepProgress.objects.mark(enrollment=alice, number=2, state="in_place", now=NOON)
    StepProgress.objects.mark(enrollment=alice, number=3, state="begun", now=NOON)
    join(cohort, "Bob", scope="entries")

    response = carol_client.get(f"/coaching/{cohort.pk}/")

    assert names(response) == ["Bob", "Alice"]
    bob, row = response.context["rows"]
    assert row["member"].days == (*[2] * 9, *[None] * 5)
    assert (row["member"].stones_today, row["member"].requests, row["member"].steps) == (2, 2, 1)
    assert row["active"] == "1 p.m."
    assert row["facts"] == []
    assert bob["facts"] == ["Quiet 8 days", "No requests yet"]
    assert bob["active"] == "Not yet"
    page = text_of(response)
    assert "Day 9 of 14, Tuesday, March 16. One person might like a word from you." in page
    assert page.count("Progress only</span>") == 1


def test_cohort_detail_goes_by_each_persons_own_day(carol_client: Client, cohort: Cohort) -> None:
    far = make_user(name="Far", time_zone="Pacific/Kiritimati")  # 02:00 on March 17
    enrollment = make_enrollment(participant=far)
    make_membership(cohort=cohort, enrollment=enrollment)
    make_entry(enrollment=enrollment, day=date(2027, 3, 17))
    join(cohort, "Ahead", starts_on=date(2027, 3, 22))
    paused = join(cohort, "Paused")
    paused.pauses.create(starts_on=date(2027, 3, 15), ends_on=date(2027, 3, 17), created_at=NOON)

    response = carol_client.get(f"/coaching/{cohort.pk}/?sort=name")

    ahead, far_row, paused_row = response.context["rows"]
    assert far_row["member"].position == 10
    assert far_row["member"].stones_today == 1
    assert ahead["where"] == "starts Mon, Mar 22"
    assert paused_row["where"] == "pausing"
    assert paused_row["facts"] == []


def test_cohort_detail_leaves_out_who_does_not_share_and_says_how_many(
    carol_client: Client, cohort: Cohort
) -> None:
    join(cohort, "Alice")
    join(cohort, "Bob", scope=None)
    gone = join(cohort, "Gone")
    cohort.memberships.get(enrollment=gone).leave(NOON)
    revoked = join(cohort, "Revoked")
    Consent.objects.get(enrollment=revoked).revoke(NOON)

    response = carol_client.get(f"/coaching/{cohort.pk}/")

    assert names(response) == ["Alice"]
    page = text_of(response)
    assert "2 people do not share with you." in page
    assert not re.search("Bob|Gone|Revoked", page)


def test_cohort_detail_shows_nobody_of_another_cohort(
    carol_client: Client, cohort: Cohort, carol: User
) -> None:
    join(make_cohort(coach=carol, name="Another"), "Alice")

    response = carol_client.get(f"/coaching/{cohort.pk}/")

    assert "Alice" not in text_of(response)
    assert "Your cohort is empty" in text_of(response)


def test_cohort_detail_filters_searches_and_sorts(carol_client: Client, cohort: Cohort) -> None:
    zoe = join(cohort, "Zoe", scope="entries")
    for day in zoe.dates[:9]:
        for place in (1, 2):
            make_entry(enrollment=zoe, day=day, practice="request", place=place)
        make_entry(enrollment=zoe, day=day, place=3)
    for place in (3, 4, 5):
        make_entry(enrollment=zoe, practice="request", place=place)
    join(cohort, "Bob", scope="counts")
    join(cohort, "Åsa", scope="entries")
    url = f"/coaching/{cohort.pk}/"

    def found(query: str) -> list[str]:
        return names(carol_client.get(url + query))

    assert found("") == ["Åsa", "Bob", "Zoe"]
    assert found("?show=word") == ["Åsa", "Bob"]
    assert found("?show=requests") == ["Åsa", "Bob"]
    assert found("?show=counts") == ["Bob"]
    assert found("?q=asa") == ["Åsa"]
    assert found("?q=nobody") == []
    assert found("?sort=-stones") == ["Zoe", "Åsa", "Bob"]
    assert found("?sort=-name") == ["Zoe", "Bob", "Åsa"]
    assert found("?show=x&sort=y&page=z&q=%00") == ["Åsa", "Bob", "Zoe"]
    page = text_of(carol_client.get(url + "?sort=-stones"))
    assert page.count("aria-sort=") == 1
    assert 'Needs a nudge <span class="tabs__count">(2)' in page


def test_cohort_detail_shows_fifty_at_a_time_and_everybody_in_all(
    carol_client: Client, cohort: Cohort, carol: User
) -> None:
    fill_cohort(cohort, coach=carol, size=101, days=0)
    url = f"/coaching/{cohort.pk}/?sort=name"

    pages = [names(carol_client.get(f"{url}&page={number}")) for number in (1, 2, 3, 4)]

    assert [len(page) for page in pages] == [50, 50, 1, 1]
    assert len({name for page in pages for name in page}) == 101
    assert 'href="?sort=name&amp;page=2"' in text_of(carol_client.get(url))


def test_cohort_detail_notes_a_visit_once_a_day_and_not_by_its_poll(
    carol_client: Client, cohort: Cohort, carol: User
) -> None:
    alice = join(cohort, "Alice")
    url = f"/coaching/{cohort.pk}/"

    carol_client.get(url, headers=HTMX)
    assert not CoachVisit.objects.exists()

    carol_client.get(url)
    carol_client.get(url)
    visit = CoachVisit.objects.get()
    assert (visit.coach, visit.enrollment, visit.on) == (carol, alice, date(2027, 3, 16))


def test_poll_is_empty_until_something_changes(carol_client: Client, cohort: Cohort) -> None:
    alice = join(cohort, "Alice")
    page = text_of(carol_client.get(f"/coaching/{cohort.pk}/"))
    found = re.search(r'data-live hx-get="([^"]+)"', page)
    assert found
    poll = f"/coaching/{cohort.pk}/" + found[1].replace("&amp;", "&")

    def ask() -> Response:
        return carol_client.get(poll, headers=HTMX)

    assert ask().status_code == 204

    make_entry(enrollment=alice)
    answer = ask()
    assert answer.status_code == 200
    assert "<html" not in text_of(answer)
    assert 'id="cohort-table"' in text_of(answer)
    assert 'id="cohort-summary" hx-swap-oob="true"' in text_of(answer)

    Consent.objects.get().revoke(NOON)
    assert "Alice" not in text_of(ask())
    cohort.coaches.update(left_at=NOON)
    assert ask().status_code == 404


@pytest.mark.parametrize("path", ["", "export/"])
def test_cohort_of_somebody_else_is_not_there(
    alice_client: Client, cohort: Cohort, alice: User, dave: User, path: str
) -> None:
    make_membership(cohort=cohort, enrollment=make_enrollment(participant=alice))
    other = Client()
    other.force_login(dave)

    assert alice_client.get(f"/coaching/{cohort.pk}/{path}").status_code == 404
    assert other.get(f"/coaching/{cohort.pk}/{path}").status_code == 404
    assert other.post(f"/coaching/{cohort.pk}/{path}").status_code == 405


# --- As many queries for ten as for a hundred, and no words ---------------------------------------


@pytest.mark.parametrize("size", [10, 100])
@pytest.mark.parametrize(
    ("path", "expected"),
    [("", 7), ("{pk}/", 7), ("{pk}/?sort=-today&q=er", 7), ("{pk}/export/", 6)],
)
def test_pages_of_a_cohort_take_as_many_queries_whatever_its_size(
    carol_client: Client, cohort: Cohort, carol: User, size: int, path: str, expected: int
) -> None:
    fill_cohort(cohort, coach=carol, size=size)

    with CaptureQueriesContext(connection) as captured:
        response = carol_client.get(f"/coaching/{path.format(pk=cohort.pk)}")

    assert response.status_code == 200
    assert len(queries(captured)) == expected, queries(captured)
    assert not columns_asked(captured) & set(TEXTS)


# --- The file -------------------------------------------------------------------------------------


def test_cohort_export_holds_a_row_for_each_person_and_day(
    carol_client: Client, cohort: Cohort
) -> None:
    alice = join(cohort, "Alice", scope="moments")
    make_entry(enrollment=alice, line="What only Alice reads")
    make_entry(enrollment=alice, practice="request", line="What only Alice reads")
    make_reflection(enrollment=alice, text="What only Alice reads")
    join(cohort, "Bob", scope=None)

    response = carol_client.get(f"/coaching/{cohort.pk}/export/")

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="spring-starters.csv"'
    rows = list(csv.DictReader(io.StringIO(text_of(response))))
    assert len(rows) == 9
    assert rows[-1] == {
        "participant": str(alice.public_id),
        "name": "Alice",
        "day": "9",
        "date": "2027-03-16",
        "shares": "1",
        "acts": "0",
        "requests": "1",
        "stones": "2",
    }
    assert "only Alice reads" not in text_of(response)
    assert CoachVisit.objects.count() == 1


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_cohort_export_defuses_what_a_spreadsheet_would_run(
    carol_client: Client, cohort: Cohort, first: str
) -> None:
    join(cohort, "Alice")
    User.objects.filter(display_name="Alice").update(display_name=f"{first}cmd|' /C calc'!A0")

    rows = list(
        csv.reader(io.StringIO(text_of(carol_client.get(f"/coaching/{cohort.pk}/export/"))))
    )

    assert rows[1][1] == f"'{first}cmd|' /C calc'!A0"
