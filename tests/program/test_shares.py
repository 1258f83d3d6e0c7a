"""Words to tell two people with, and a share that is logged when the person says so."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from program.models import DailyEntry, Enrollment
from tests.factories import NOON, make_page

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock(noon: time_machine.Traveller) -> None:
    pass


def test_words_to_share_hold_the_link_of_an_open_page_alone(
    alice_client: Client, enrollment: Enrollment
) -> None:
    page = make_page(enrollment, published=False)

    assert page.token not in alice_client.get("/share/").content.decode()
    page.publish(NOON)
    drawn = alice_client.get("/share/").content.decode()

    assert f"/goal/{page.token}/" in drawn
    assert "Open a repair corner in the library" in drawn
    assert not DailyEntry.objects.exists()


def test_share_is_logged_when_the_person_says_so_and_once(
    alice_client: Client, enrollment: Enrollment
) -> None:
    client_id = str(enrollment.stone_id(NOON.date(), "share", 1))
    assert client_id in alice_client.get("/share/").content.decode()

    for _twice in range(2):
        fields = {"client_id": client_id, "line": "Ruth"}
        assert alice_client.post("/share/", fields).status_code == 302

    [entry] = DailyEntry.objects.all()
    assert (entry.practice, entry.line, entry.placed_at) == ("share", "Ruth", NOON)


@pytest.mark.parametrize("fields", [{}, {"client_id": "x"}, {"line": "A" * 501}])
def test_share_of_a_wrong_form_is_refused(
    alice_client: Client, enrollment: Enrollment, fields: dict[str, str]
) -> None:
    assert alice_client.post("/share/", fields).status_code == 422
    assert not DailyEntry.objects.exists()


def test_share_on_none_of_the_fourteen_days_is_refused(
    alice_client: Client, enrollment: Enrollment, noon: time_machine.Traveller
) -> None:
    noon.shift(timedelta(hours=24 * 10 + 1))

    response = alice_client.post("/share/", {"client_id": str(enrollment.public_id)})

    assert response.status_code == 422
    assert "none of your fourteen days" in response.content.decode()
    assert not DailyEntry.objects.exists()
