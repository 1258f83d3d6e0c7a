import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from tests.posting import text_of

STONE = re.compile(r'<button class="stone"[^>]* value="([01]{6})"[^>]* aria-pressed="(true|false)"')


def _see_a_day(query: str = "") -> str:
    response = Client().get(reverse("see_a_day") + query)
    assert response.status_code == 200
    return response.content.decode()


def _pressed(page: str) -> str:
    """Which stones are placed, as the address writes it: 101010."""
    stones = STONE.findall(page)
    return "".join("1" if pressed == "true" else "0" for _value, pressed in stones)


def _after_tap(page: str) -> list[str]:
    """What each stone asks for."""
    return [value for value, _pressed in STONE.findall(page)]


# --- landing ------------------------------------------------------------------------------------


def test_landing_leads_to_a_day_and_to_signing_up(client: Client, db: None) -> None:
    response = client.get(reverse("landing"))

    page = response.content.decode()
    assert f'href="{reverse("see_a_day")}"' in page
    assert f'href="{reverse("account_signup")}"' in page


def test_landing_names_the_ten_steps_with_credit(client: Client, db: None) -> None:
    response = client.get(reverse("landing"))

    page = response.content.decode()
    ten = page[page.index('<ol class="ten">') : page.index("</ol>")]
    assert ten.count("<li>") == 10
    assert "Lisa Haneberg" in page[: page.index('<ol class="ten">')]


def test_landing_says_that_nothing_comes_from_other_sites_only_while_that_is_so(
    client: Client, db: None, settings: Settings
) -> None:
    alone = "nothing from other sites on any page."
    assert alone in client.get(reverse("landing")).content.decode()
    settings.MEDIA_HOSTS = ["media.example.org", "audio.example.org"]

    page = client.get(reverse("landing")).content.decode()

    assert alone not in page
    assert "media.example.org, audio.example.org" in page


# --- see_a_day ----------------------------------------------------------------------------------


def test_landing_shows_what_a_coach_sees(client: Client, db: None) -> None:
    page = text_of(client.get("/"))

    assert "Side by side, if you like" in page
    assert "Tomasz, an example: 2, 0, 4, 3, 5, 0, 4, 6, 5 stones on the first nine days" in page


def test_see_a_day_begins_with_half_of_the_stones() -> None:
    page = _see_a_day()

    assert _pressed(page) == "101010"
    assert "3 of 6 today. Three still open." in page


@pytest.mark.parametrize("placed", ["000000", "101100", "111111"])
def test_see_a_day_shows_the_stones_of_the_address(placed: str) -> None:
    page = _see_a_day(f"?placed={placed}")

    assert _pressed(page) == placed
    assert page.count("cairn__stone") == placed.count("1")


def test_see_a_day_turns_one_stone_over_at_each_tap() -> None:
    page = _see_a_day("?placed=101100")

    assert _after_tap(page) == ["001100", "111100", "100100", "101000", "101110", "101101"]


def test_see_a_day_shows_the_line_and_what_came_back_of_a_placed_request() -> None:
    placed, still_open = _see_a_day("?placed=000010"), _see_a_day("?placed=000000")

    assert "Mr. Okafor" in placed
    assert "tag--yes" in placed
    assert "Mr. Okafor" not in still_open
    assert "tag--yes" not in still_open


@pytest.mark.parametrize(
    "placed", ["", "1", "1111111", "10110x", "\u0661" * 6, "<script>", "%00", "111111%0A"]
)
def test_see_a_day_ignores_an_address_that_makes_no_sense(placed: str) -> None:
    page = _see_a_day(f"?placed={placed}")

    assert _pressed(page) == "101010"
    assert "<script>" not in page


def test_see_a_day_stores_nothing_and_sets_no_cookie(db: None) -> None:
    with CaptureQueriesContext(connection) as queries:
        response = Client().get(reverse("see_a_day"), {"placed": "111111"})

    assert response.status_code == 200
    assert len(queries) == 0
    assert not response.cookies


def test_see_a_day_says_that_it_is_a_sample_and_leads_to_signing_up() -> None:
    page = _see_a_day()

    assert "A sample day, not yours" in page
    assert f'href="{reverse("account_signup")}"' in page


def test_see_a_day_leads_somebody_with_an_account_to_today(alice: User) -> None:
    client = Client()
    client.force_login(alice)

    page = client.get(reverse("see_a_day")).content.decode()

    assert f'href="{reverse("account_signup")}"' not in page
    assert f'class="button" href="{reverse("today")}"' in page


def test_see_a_day_takes_no_post() -> None:
    response = Client().post(reverse("see_a_day"), {"placed": "111111"})

    assert response.status_code == 405
