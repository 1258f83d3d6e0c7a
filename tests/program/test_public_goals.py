"""What a visitor of a public page gets, and when there is nothing to get."""

import gzip
import io
import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError
from django.test import Client
from PIL import Image

from accounts.models import User
from program.models import Enrollment, HostTakedown, PublicPage
from program.models.public_goal import PublicGoal
from tests.factories import NOON, make_entry, make_moment, make_page

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock(noon: time_machine.Traveller) -> None:
    pass


def look_at(page: PublicPage) -> int:
    return Client().get(f"/goal/{page.token}/").status_code


def seen(page: PublicPage) -> PublicGoal:
    """What a visitor gets, which is what its owner gets of a draft."""
    shown = PublicPage.objects.find(page.token, NOON)
    assert shown == page.shown(NOON)
    assert shown
    return shown


# --- Open and closed ------------------------------------------------------------------------------


def test_page_is_a_draft_until_it_is_published(enrollment: Enrollment) -> None:
    page = make_page(enrollment, published=False)

    assert look_at(page) == 404
    page.publish(NOON)
    assert look_at(page) == 200


def test_taken_down_page_is_not_found_and_comes_back_at_its_link(enrollment: Enrollment) -> None:
    page = make_page(enrollment)

    page.take_down(NOON)
    assert look_at(page) == 404
    page.publish(NOON + timedelta(hours=1))
    assert look_at(page) == 200


def test_replaced_link_is_not_found(enrollment: Enrollment) -> None:
    page = make_page(enrollment)
    before = PublicPage.objects.get()

    page.replace_link()

    assert look_at(before) == 404
    assert look_at(page) == 200
    assert page.token != before.token


def test_link_is_of_144_random_bits(enrollment: Enrollment) -> None:
    page = make_page(enrollment)
    tokens = set()
    for _time in range(50):
        tokens.add(page.token)
        page.replace_link()

    assert len(tokens) == 50
    assert {len(token) for token in tokens} == {24}


def test_page_goes_with_its_two_weeks(enrollment: Enrollment) -> None:
    page = make_page(enrollment)

    enrollment.end(NOON)

    assert look_at(page) == 404


def test_page_goes_while_the_account_is_switched_off(enrollment: Enrollment, alice: User) -> None:
    page = make_page(enrollment)

    User.objects.filter(pk=alice.pk).update(is_active=False)

    assert look_at(page) == 404


def test_switch_of_the_host_closes_every_page(enrollment: Enrollment, settings: Any) -> None:
    page = make_page(enrollment)

    settings.PUBLIC_PAGES = False
    assert look_at(page) == 404
    settings.PUBLIC_PAGES = True
    assert look_at(page) == 200


def test_host_closes_one_page_until_it_is_restored(enrollment: Enrollment, bob: User) -> None:
    page = make_page(enrollment)

    takedown = HostTakedown.close(page, by=bob, reason="A name of somebody else", now=NOON)
    again = HostTakedown.close(page, by=bob, reason="Twice", now=NOON)
    page.publish(NOON)
    page.replace_link()
    assert look_at(page) == 404
    assert again == takedown

    takedown.restore(by=bob, now=NOON)
    assert look_at(page) == 200
    assert takedown.reason == "A name of somebody else"


def test_page_cannot_be_taken_down_unpublished(enrollment: Enrollment) -> None:
    page = make_page(enrollment, published=False)

    page.take_down(NOON)
    assert page.taken_down_at is None
    page.taken_down_at = NOON
    with pytest.raises(IntegrityError):
        page.save()


# --- What shows -----------------------------------------------------------------------------------


def test_nothing_is_shown_that_was_not_chosen(enrollment: Enrollment) -> None:
    make_entry(enrollment=enrollment)
    make_moment(enrollment=enrollment, title="The key")
    page = make_page(enrollment, shown_as="", show_goal=False)

    shown = seen(page)

    assert not any((shown.name, shown.statement, shown.why, shown.moments))
    assert shown.climb is None
    assert shown.totals is None


def test_what_was_chosen_is_shown(enrollment: Enrollment) -> None:
    make_entry(enrollment=enrollment)
    make_entry(enrollment=enrollment, practice="act")
    key = make_moment(enrollment=enrollment, title="The key", moment="He nodded")
    make_moment(enrollment=enrollment, title="Another")
    page = make_page(
        enrollment, show_why=True, show_map=True, show_totals=True, moments=[key], listed=True
    )

    shown = seen(page)

    assert (shown.name, shown.statement) == ("Alice", "Open a repair corner in the library")
    assert shown.why == "Things should last."
    assert shown.totals == (1, 1, 0)
    assert shown.climb
    assert shown.climb.totals == (0, 0, 0, 0, 0, 0, 0, 0, 2, None, None, None, None, None)
    assert shown.climb.today == 9
    assert [moment.title for moment in shown.moments] == ["The key"]
    assert shown.is_listed


def test_removed_moment_is_not_shown(enrollment: Enrollment) -> None:
    key = make_moment(enrollment=enrollment, title="The key")
    page = make_page(enrollment, moments=[key])

    key.remove(NOON)

    shown = seen(page)
    assert shown.moments == ()


# --- The picture ----------------------------------------------------------------------------------


def test_picture_is_drawn_of_what_was_chosen_alone(enrollment: Enrollment) -> None:
    page = make_page(enrollment)
    address = f"/goal/{page.token}/picture.png"
    nobodys = Client().get(address).content

    make_entry(enrollment=enrollment)
    assert Client().get(address).content == nobodys
    PublicPage.choose(enrollment, moments=[], now=NOON, show_map=True)
    drawn = Client().get(address)

    assert drawn.content != nobodys
    assert Image.open(io.BytesIO(drawn.content)).size == (1200, 630)
    assert len(drawn.content) < 40_000
    assert drawn["Content-Type"] == "image/png"


def test_picture_of_the_page_has_a_new_address_when_it_is_another(enrollment: Enrollment) -> None:
    page = make_page(enrollment, show_map=True)

    def address() -> str:
        drawn = Client().get(f"/goal/{page.token}/").content.decode()
        [found] = re.findall(r'og:image" content="http://localhost:8000([^"]+)"', drawn)
        return str(found)

    before = address()
    assert Client().get(before).status_code == 200
    assert address() == before
    make_entry(enrollment=enrollment)

    assert address() != before


def test_picture_goes_with_the_page(enrollment: Enrollment) -> None:
    page = make_page(enrollment)
    page.take_down(NOON)

    response = Client().get(f"/goal/{page.token}/picture.png")

    assert response.status_code == 404
    assert b"PNG" not in response.content


# --- For caches -----------------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["", "picture.png"])
def test_page_that_has_not_changed_is_a_304(enrollment: Enrollment, part: str) -> None:
    page = make_page(enrollment, show_map=True)
    address = f"/goal/{page.token}/{part}"
    etag = Client().get(address)["ETag"]

    again = Client().get(address, headers={"if-none-match": etag})
    make_entry(enrollment=enrollment)
    changed = Client().get(address, headers={"if-none-match": etag})
    page.take_down(NOON)
    gone = Client().get(address, headers={"if-none-match": etag})

    assert (again.status_code, again.content) == (304, b"")
    assert changed.status_code == 200
    assert gone.status_code == 404
    assert gone["Cache-Control"] == "no-store"


def test_page_is_the_same_for_everybody_and_asks_once(
    alice_client: Client, enrollment: Enrollment, django_assert_num_queries: Any
) -> None:
    page = make_page(enrollment, show_map=True, show_totals=True)
    address = f"/goal/{page.token}/"
    found = []

    for client in (Client(), alice_client):
        for headers in ({}, {"accept-language": "de"}, {"accept-encoding": "gzip"}):
            with django_assert_num_queries(1):
                response = client.get(address, headers=headers)
            assert response["Cache-Control"] == "public, no-cache"
            assert response["Vary"] == "Accept-Encoding"
            assert not response.cookies
            content = response.content
            found.append(
                gzip.decompress(content) if response.has_header("Content-Encoding") else content
            )

    assert len(set(found)) == 1
    # With the compressed page, its style and icon are far below forty kilobytes.
    assert len(gzip.compress(found[0])) < 16_000


def test_page_keeps_search_engines_out_unless_it_is_listed(enrollment: Enrollment) -> None:
    page = make_page(enrollment)
    address = f"/goal/{page.token}/"

    hidden = Client().get(address)
    PublicPage.choose(enrollment, moments=[], now=NOON, listed=True)
    listed = Client().get(address)

    assert hidden["X-Robots-Tag"].startswith("noindex")
    assert b'name="robots" content="noindex' in hidden.content
    assert "X-Robots-Tag" not in listed
    assert b'name="robots"' not in listed.content
    # Nothing to other sites; the form on it needs its Origin.
    assert hidden["Referrer-Policy"] == listed["Referrer-Policy"] == "same-origin"


def test_page_that_is_not_there_says_no_more_than_any_address(enrollment: Enrollment) -> None:
    page = make_page(enrollment)
    page.take_down(NOON)

    gone = Client().get(f"/goal/{page.token}/")
    never = Client().get(f"/goal/{'x' * 24}/")

    assert gone.content == never.content
    # Of each request its own, whatever is asked.
    assert gone.headers.pop("X-Request-ID") != never.headers.pop("X-Request-ID")
    assert gone.headers == never.headers
