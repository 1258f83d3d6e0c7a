"""The public page: off until its owner publishes it, and then what they chose, to whoever has the
link."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError
from django.test import Client

from accounts.models import User
from program.models import Enrollment, HostTakedown, PublicPage
from program.models.public_goal import PublicGoal
from tests.factories import NOON, make_entry, make_moment

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock(noon: time_machine.Traveller) -> None:
    pass


def make_page(enrollment: Enrollment, *, published: bool = True, **choices: Any) -> PublicPage:
    choices = {"moments": [], "shown_as": "Alice", "show_goal": True, **choices}
    page = PublicPage.choose(enrollment, now=NOON, **choices)
    if published:
        page.publish(NOON)
    return page


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
