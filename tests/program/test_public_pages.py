"""The owner's side of a public page."""

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from program.models import Enrollment, HostTakedown, PublicPage
from tests.factories import NOON, make_enrollment, make_entry, make_moment, make_page

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock(noon: time_machine.Traveller) -> None:
    pass


def look_at(page: PublicPage) -> int:
    return Client().get(f"/goal/{page.token}/").status_code


# --- The owner's pages ----------------------------------------------------------------------------


def test_nothing_is_stored_before_it_is_chosen(
    alice_client: Client, enrollment: Enrollment
) -> None:
    page = alice_client.get("/public/").content.decode()

    assert "It is off, and nobody sees it." in page
    assert "/goal/" not in page
    assert not PublicPage.objects.exists()


def test_choices_are_kept_and_shown_again(alice_client: Client, enrollment: Enrollment) -> None:
    key = make_moment(enrollment=enrollment, title="The key")
    fields = {"shown_as": "Alice L.", "show_map": "on", "moments": str(key.client_id)}

    for _twice in range(2):
        assert alice_client.post("/public/", fields).status_code == 302

    page = PublicPage.objects.get()
    assert (page.shown_as, page.show_goal, page.show_map, page.listed) == (
        *("Alice L.", False, True, False),
    )
    assert not page.is_published
    drawn = alice_client.get("/public/").content.decode()
    assert 'value="Alice L."' in drawn
    assert drawn.count(" checked") == 2


def test_long_name_is_refused_with_the_words_kept(
    alice_client: Client, enrollment: Enrollment
) -> None:
    response = alice_client.post("/public/", {"shown_as": "A" * 61})

    assert response.status_code == 422
    assert "A" * 61 in response.content.decode()
    assert not PublicPage.objects.exists()


def test_moment_of_somebody_else_is_refused(
    alice_client: Client, enrollment: Enrollment, bob: User
) -> None:
    other = make_moment(enrollment=make_enrollment(participant=bob), title="Of Bob")

    response = alice_client.post("/public/", {"moments": str(other.client_id)})

    assert response.status_code == 422
    assert "Of Bob" not in response.content.decode()
    assert not PublicPage.objects.exists()


def test_page_is_published_replaced_and_taken_down_by_its_owner(
    alice_client: Client, enrollment: Enrollment
) -> None:
    page = make_page(enrollment, published=False)

    alice_client.post("/public/publish/")
    assert look_at(page) == 200
    assert f"/goal/{page.token}/" in alice_client.get("/public/").content.decode()
    alice_client.post("/public/replace/")
    assert look_at(page) == 404
    page.refresh_from_db()
    assert look_at(page) == 200
    alice_client.post("/public/take-down/")
    assert look_at(page) == 404


def test_preview_is_what_a_visitor_gets_byte_by_byte(
    alice_client: Client, enrollment: Enrollment
) -> None:
    make_entry(enrollment=enrollment)
    page = make_page(enrollment, published=False, show_map=True, show_why=True)

    preview = alice_client.get("/public/preview/")
    assert "no-store" in preview["Cache-Control"]
    assert look_at(page) == 404
    page.publish(NOON)

    assert Client().get(f"/goal/{page.token}/").content == preview.content


def test_owner_reads_why_the_host_closed_it(
    alice_client: Client, enrollment: Enrollment, bob: User
) -> None:
    page = make_page(enrollment)
    HostTakedown.close(page, by=bob, reason="It names <b>somebody</b>", now=NOON)

    drawn = alice_client.get("/public/").content.decode()

    assert "It names &lt;b&gt;somebody&lt;/b&gt;" in drawn
    assert bob.display_name not in drawn


def test_card_and_code_lead_to_the_page(alice_client: Client, enrollment: Enrollment) -> None:
    page = make_page(enrollment, show_goal=False)

    card = alice_client.get("/public/card/").content.decode()
    code = alice_client.get("/public/code.png")

    assert f"http://localhost:8000/goal/{page.token}/" in card
    assert "Open a repair corner" not in card
    assert "style=" not in card
    assert code.content.startswith(b"\x89PNG")
    assert "attachment" in code["Content-Disposition"]
