"""A public page is remembered while nothing is written, and is never older than the last write."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import psycopg
import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from program import calendar
from program.models import Breakthrough, DailyEntry, Goal, HostTakedown, Pause, PublicPage, Reply
from program.models.deletion import delete_account
from program.models.reply_guard import ReplyTakedown
from tests.factories import (
    NOON,
    make_enrollment,
    make_entry,
    make_moment,
    make_page,
    make_reply,
    make_user,
)
from tests.figures import figure

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def alice(transactional_db: None, noon: time_machine.Traveller) -> User:
    return make_user(name="Alice")


@pytest.fixture
def page(alice: User) -> PublicPage:
    enrollment = make_enrollment(participant=alice)
    make_entry(enrollment=enrollment)
    moment = make_moment(enrollment=enrollment, title="The key")
    page = make_page(
        enrollment, moments=[moment], shown_as="Alice", **dict.fromkeys(PublicPage.PARTS, True)
    )
    make_reply(page, state="shown")
    return page


def visit(page: PublicPage) -> tuple[int, bytes, str]:
    """As a visitor finds it by the link that the page has now."""
    response = Client().get(f"/goal/{PublicPage.objects.get(pk=page.pk).token}/")
    return response.status_code, response.content, response.get("X-Robots-Tag", "")


def visited(page: PublicPage) -> tuple[int, bytes, str]:
    """The same, and it is remembered from here on."""
    assert visit(page) == visit(page)
    return visit(page)


def close_and_open(page: PublicPage, alice: User) -> list[Callable[[], object]]:
    return [
        lambda: page.take_down(NOON),
        lambda: page.publish(NOON),
        lambda: HostTakedown.close(page, by=alice, reason="r", now=NOON),
        lambda: HostTakedown.objects.get().restore(by=alice, now=NOON),
        lambda: User.objects.update(is_active=False),
        lambda: User.objects.update(is_active=True),
    ]


def of_each_table(page: PublicPage, alice: User) -> list[Callable[[], object]]:
    """Writes to everything that a page is made of; each changes what a visitor gets."""
    enrollment, entry, reply = page.enrollment, DailyEntry.objects.get(), Reply.objects.get()
    day = enrollment.dates[1]
    return [
        lambda: Goal.objects.update(statement="Another goal"),
        lambda: Goal.objects.update(why="Another why"),
        lambda: PublicPage.objects.update(shown_as="A."),
        lambda: PublicPage.objects.update(listed=True),
        lambda: PublicPage.objects.update(show_why=False),
        lambda: DailyEntry.objects.filter(pk=entry.pk).update(removed_at=NOON),
        lambda: DailyEntry.objects.filter(pk=entry.pk).update(removed_at=None),
        entry.delete,
        lambda: make_entry(enrollment=enrollment, practice="act"),
        lambda: Breakthrough.objects.update(title="Another key"),
        page.moments.clear,
        lambda: Reply.objects.update(words="Other words"),
        lambda: ReplyTakedown.objects.put(reply, by=alice, now=NOON),
        lambda: ReplyTakedown.objects.standing().restore(by=alice, now=NOON),
        lambda: Reply.objects.withdraw(NOON),
        lambda: User.objects.update(time_zone="Pacific/Kiritimati"),
        lambda: User.objects.update(day_end_hour=5),
        lambda: Pause.objects.create(
            enrollment=enrollment, starts_on=day, ends_on=day, created_at=NOON
        ),
        page.replace_link,
        *close_and_open(page, alice),
        lambda: enrollment.end(NOON),
    ]


def test_whatever_is_written_is_on_the_page_in_the_next_request(
    page: PublicPage, alice: User
) -> None:
    stale = 0
    writes = of_each_table(page, alice)
    for number, write in enumerate(writes):
        before = visited(page)
        write()
        after = visit(page)
        stale += after == before
        assert after != before, number

    figure("D8", "writes to what a remembered page is made of", len(writes))
    figure(
        "D8", "requests after one that got the page as it was", stale, bar="= 0", holds=not stale
    )


def test_page_is_read_once_while_nothing_is_written(page: PublicPage) -> None:
    visited(page)

    with CaptureQueriesContext(connection) as queries:
        response = Client().get(f"/goal/{page.token}/")

    assert response.status_code == 200
    assert len(queries) == 1
    assert "SELECT pg_current_snapshot()" in queries[0]["sql"]


def test_write_counts_from_its_commit_on_however_long_it_took(
    page: PublicPage, alice: User
) -> None:
    """It was begun before the page was remembered, and others were committed meanwhile."""
    with psycopg.connect(**_parameters()) as slow:
        slow.execute("UPDATE program_goal SET statement = 'Another goal'")
        before = visited(page)
        User.objects.update(display_name="A.")
        assert visited(page) == before
        slow.commit()

    assert b"Another goal" in visit(page)[1]


def test_transaction_sees_what_it_has_written_itself(page: PublicPage) -> None:
    before = visited(page)

    with transaction.atomic():
        Goal.objects.update(statement="Another goal")
        inside = visit(page)
        transaction.set_rollback(True)

    assert b"Another goal" in inside[1]
    assert visit(page) == before


def test_day_that_turns_over_turns_the_page_too(
    page: PublicPage, noon: time_machine.Traveller
) -> None:
    midnight = calendar.day_end(
        calendar.local_date(NOON, ZoneInfo("Europe/Stockholm")), ZoneInfo("Europe/Stockholm")
    )
    noon.move_to(midnight - timedelta(seconds=1))
    before = visited(page)

    noon.move_to(midnight)

    assert b"day 9 of 14" in before[1]
    assert b"day 10 of 14" in visit(page)[1]


def test_page_of_a_deleted_account_is_not_remembered(page: PublicPage, alice: User) -> None:
    address = f"/goal/{page.token}/"
    visited(page)

    delete_account(alice, NOON)

    assert Client().get(address).status_code == 404


def test_clocks_differ_by_whole_quarters_of_an_hour() -> None:
    """Which is why a page may be remembered for the rest of one."""
    crooked = [
        name
        for name in available_timezones()
        for day in range(0, 5 * 365, 91)
        if (NOON + timedelta(days=day)).astimezone(ZoneInfo(name)).minute % 15
    ]

    assert not crooked


def _parameters() -> dict[str, Any]:
    own: dict[str, Any] = connection.get_connection_params()
    return {
        name: own[name] for name in ("dbname", "user", "host", "port", "password") if name in own
    }
