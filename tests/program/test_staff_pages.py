"""Those who run the site close one page, and open it again."""

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.test import Client

from accounts.models import User
from program.models import Enrollment, HostTakedown, PublicPage
from tests.factories import NOON, make_page

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock(noon: time_machine.Traveller) -> None:
    pass


def look_at(page: PublicPage) -> int:
    return Client().get(f"/goal/{page.token}/").status_code


@pytest.fixture
def staff_client(bob: User) -> Client:
    User.objects.filter(pk=bob.pk).update(is_staff=True)
    Authenticator.objects.create(user=bob, type="webauthn", data={})
    client = Client()
    client.force_login(bob)
    return client


def test_staff_close_a_page_by_its_link_and_open_it_again(
    staff_client: Client, enrollment: Enrollment, bob: User
) -> None:
    page = make_page(enrollment)
    fields = {
        "link": f" http://localhost:8000/goal/{page.token}/ ",
        "reason": "Names <i>a child</i>",
    }

    for _twice in range(2):
        assert staff_client.post("/staff/pages/", fields).status_code == 302
    assert look_at(page) == 404

    [takedown] = HostTakedown.objects.all()
    log = staff_client.get("/staff/pages/").content.decode()
    assert "Names &lt;i&gt;a child&lt;/i&gt;" in log
    assert "Open a repair corner" not in log
    assert page.token not in log
    staff_client.post(f"/staff/pages/{takedown.pk}/restore/")
    assert look_at(page) == 200

    takedown.refresh_from_db()
    assert (takedown.by, takedown.restored_by) == (bob, bob)
    assert (takedown.at, takedown.restored_at) == (NOON, NOON)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"link": "http://localhost:8000/", "reason": "x"},
        {"link": f"/goal/{'x' * 24}/", "reason": "x"},
        {"link": "\0", "reason": "x"},
        {"link": "/goal/", "reason": "x" * 501},
    ],
)
def test_link_that_is_none_closes_nothing(
    staff_client: Client, enrollment: Enrollment, fields: dict[str, str]
) -> None:
    page = make_page(enrollment)

    assert staff_client.post("/staff/pages/", fields).status_code == 422
    assert look_at(page) == 200


def test_nobody_else_closes_a_page(alice_client: Client, enrollment: Enrollment, bob: User) -> None:
    page = make_page(enrollment)
    takedown = HostTakedown.close(page, by=bob, reason="No", now=NOON)

    assert alice_client.post(f"/staff/pages/{takedown.pk}/restore/").status_code == 404
    assert look_at(page) == 404
