"""Opening a cohort and describing it."""

import re
import uuid
from collections.abc import Callable
from datetime import date

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from program.models import Cohort
from tests.factories import make_cohort, make_enrollment
from tests.posting import Response, is_our_page, text_of

ID = uuid.UUID(int=7)


@pytest.fixture
def carol_client(carol: User, noon: time_machine.Traveller) -> Client:
    client = Client()
    client.force_login(carol)
    return client


def post_new(client: Client, **fields: object) -> Response:
    data = {"client_id": ID, "name": "Spring starters", "start": "each", **fields}
    return client.post("/coaching/new/", data)


def post_edit(client: Client, cohort: Cohort, **fields: object) -> Response:
    """As the page posts it: what it showed, and what stands there now."""
    start = "together" if cohort.starts_on else "each"
    shown = {
        "name": cohort.name,
        "welcome": cohort.welcome,
        "start": start,
        "starts_on": cohort.starts_on or "",
        "late_joiners": "own" if cohort.late_joiners_start_at_day_1 else "cohort",
    }
    initial = {f"initial-{name}": value for name, value in shown.items()}
    return client.post(f"/coaching/{cohort.pk}/edit/", {**initial, **shown, **fields})


def test_cohort_create_opens_one_and_goes_on_to_inviting(carol_client: Client, carol: User) -> None:
    response = post_new(
        carol_client,
        welcome="We start on Monday.",
        start="together",
        starts_on="2027-03-22",
        late_joiners="own",
    )

    cohort = Cohort.objects.coached_by(carol).get()
    assert response.status_code == 302
    assert response["Location"] == f"/coaching/{cohort.pk}/invite/"
    assert cohort.name == "Spring starters"
    assert cohort.welcome == "We start on Monday."
    assert cohort.starts_on == date(2027, 3, 22)
    assert cohort.late_joiners_start_at_day_1


def test_cohort_create_without_a_common_day_keeps_none(carol_client: Client, carol: User) -> None:
    post_new(carol_client, start="each", starts_on="no date at all")

    assert Cohort.objects.coached_by(carol).get().starts_on is None


def test_cohort_create_twice_is_one_cohort(carol_client: Client, carol: User) -> None:
    first, second = post_new(carol_client), post_new(carol_client)

    assert second["Location"] == first["Location"]
    assert Cohort.objects.coached_by(carol).count() == 1


def test_cohort_create_with_an_id_of_somebody_else_is_not_found(
    carol_client: Client, carol: User, dave: User
) -> None:
    theirs = make_cohort(coach=dave)

    response = post_new(carol_client, client_id=theirs.client_id)

    assert response.status_code == 404
    assert not Cohort.objects.coached_by(carol).exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"name": " "},
        {"name": "n" * 101},
        {"name": "a\0b"},
        {"welcome": "w" * 501},
        {"start": ""},
        {"start": "never"},
        {"start": "together"},
        {"start": "together", "starts_on": "2027-02-30"},
        {"start": "together", "starts_on": "2027-03-02"},  # day 14 was yesterday
        {"start": "together", "starts_on": "2028-03-17"},
        {"late_joiners": "whenever"},
        {"client_id": ""},
        {"client_id": "7"},
    ],
)
def test_cohort_create_refuses_and_keeps_the_words(
    carol_client: Client, fields: dict[str, str]
) -> None:
    response = post_new(carol_client, **{"welcome": "Bring one thing", **fields})

    assert response.status_code == 422
    assert is_our_page(response)
    assert fields.get("welcome", "Bring one thing") in text_of(response)
    assert not Cohort.objects.exists()


def test_cohort_update_changes_what_was_changed_on_the_page(
    carol_client: Client, carol: User
) -> None:
    cohort = make_cohort(coach=carol, starts_on=date(2027, 3, 1))
    Cohort.objects.update(welcome="Written by another coach meanwhile")

    response = post_edit(carol_client, cohort, name="Late spring")

    assert response.status_code == 302
    assert response["Location"] == f"/coaching/{cohort.pk}/"
    cohort.refresh_from_db()
    assert cohort.name == "Late spring"
    assert cohort.welcome == "Written by another coach meanwhile"
    assert cohort.starts_on == date(2027, 3, 1)  # long past, and left as it is


def test_cohort_update_lets_each_start_when_they_like(carol_client: Client, carol: User) -> None:
    cohort = make_cohort(coach=carol, starts_on=date(2027, 3, 8))

    post_edit(carol_client, cohort, start="each", late_joiners="own")

    cohort.refresh_from_db()
    assert cohort.starts_on is None
    assert cohort.late_joiners_start_at_day_1


def test_cohort_update_refuses_and_shows_the_name_that_stands(
    carol_client: Client, carol: User
) -> None:
    cohort = make_cohort(coach=carol)

    response = post_edit(carol_client, cohort, name="")

    assert response.status_code == 422
    assert "Spring starters" in text_of(response)
    cohort.refresh_from_db()
    assert cohort.name == "Spring starters"


def _foreign(cohort: Cohort, dave: User) -> None:
    cohort.coaches.update(coach=dave)


def _left(cohort: Cohort, dave: User) -> None:
    cohort.coaches.update(left_at=cohort.created_at)


def _closed(cohort: Cohort, dave: User) -> None:
    Cohort.objects.update(closed_at=cohort.created_at)


@pytest.mark.parametrize("happened", [_foreign, _left, _closed])
def test_cohort_update_of_none_that_one_coaches_is_not_found(
    carol_client: Client, carol: User, dave: User, happened: Callable[[Cohort, User], None]
) -> None:
    cohort = make_cohort(coach=carol)
    happened(cohort, dave)

    assert carol_client.get(f"/coaching/{cohort.pk}/edit/").status_code == 404
    assert post_edit(carol_client, cohort, name="Mine").status_code == 404
    assert Cohort.objects.get().name == "Spring starters"


# --- The frame of a coach's pages ----------------------------------------------------------------


def nav_of(response: Response) -> list[str]:
    page = text_of(response)
    nav = page[page.index('<nav class="nav"') : page.index("</nav>")]
    return re.findall(r'<a href="(/[^"]*)"', nav)


def test_nav_of_a_coach_leads_to_the_cohort_and_to_two_weeks_of_their_own(
    carol_client: Client, carol: User
) -> None:
    cohort = make_cohort(coach=carol)
    own = [f"/coaching/{cohort.pk}/{path}" for path in ("", "queue/", "invite/")]

    for path in ("", "edit/", "invite/", "queue/", "coaches/", "posts/"):
        response = carol_client.get(f"/coaching/{cohort.pk}/{path}")
        assert nav_of(response) == ["/coaching/", *own, "/enrollments/new/"]
    assert nav_of(carol_client.get("/coaching/")) == ["/coaching/", "/enrollments/new/"]

    make_enrollment(participant=carol)

    assert nav_of(carol_client.get("/coaching/")) == ["/coaching/", "/today/"]
