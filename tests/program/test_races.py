"""Two tabs, two devices, a double tap: the same write at the same moment, 200 times each.

Every racer has a thread, a session and a database connection of its own.
"""

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db.models import F
from django.test import Client

from accounts.models import User
from program.curriculum import PRACTICES
from program.models import DailyEntry, Enrollment, Goal, Reflection
from tests.factories import NOON, make_enrollment, make_entry, make_user
from tests.posting import (
    TODAY,
    Response,
    entry_url,
    post_entry,
    post_reflection,
    post_remove,
    post_restore,
)
from tests.racing import RACES, Attempt, race

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def alice(transactional_db: None, noon: time_machine.Traveller) -> User:
    return make_user(name="Alice")


@pytest.fixture
def enrollment(alice: User) -> Enrollment:
    return make_enrollment(participant=alice)


def spot(enrollment: Enrollment, number: int) -> tuple[date, str]:
    """A day and practice for each of the races, none of them past twenty entries."""
    practice = PRACTICES[number // 9 % 3].key
    return enrollment.dates[number % 9], practice


def place_of(enrollment: Enrollment, number: int) -> dict[str, Any]:
    day, practice = spot(enrollment, number)
    return {"day": day, "practice": practice, "client_id": uuid.UUID(int=number)}


def make_entries(enrollment: Enrollment) -> list[DailyEntry]:
    entries = []
    for number in range(RACES):
        day, practice = spot(enrollment, number)
        entry = make_entry(
            enrollment=enrollment, day=day, practice=practice, place=number, line="Words"
        )
        entry.enrollment = enrollment
        entries.append(entry)
    return entries


def test_entry_save_at_once_is_one_entry(alice: User, enrollment: Enrollment) -> None:
    def tap(client: Client, number: int) -> Response:
        return post_entry(client, enrollment, done="1", **place_of(enrollment, number))

    statuses = race(alice, tap, tap)

    assert statuses == [[302, 302]] * RACES
    assert DailyEntry.objects.placed().count() == DailyEntry.objects.count() == RACES


def test_entry_save_of_stone_and_line_at_once_keeps_both(
    alice: User, enrollment: Enrollment
) -> None:
    def tap(client: Client, number: int) -> Response:
        return post_entry(client, enrollment, done="1", **place_of(enrollment, number))

    def write(client: Client, number: int) -> Response:
        return post_entry(client, enrollment, line="Ruth", **place_of(enrollment, number))

    statuses = race(alice, tap, write)

    assert statuses == [[302, 302]] * RACES
    assert DailyEntry.objects.placed().filter(line="Ruth").count() == RACES
    assert DailyEntry.objects.count() == RACES


def test_entry_save_while_it_is_removed_is_kept_or_refused_and_stays_removed(
    alice: User, enrollment: Enrollment
) -> None:
    entries = make_entries(enrollment)

    def save(client: Client, number: int) -> Response:
        entry = entries[number]
        return post_entry(
            client,
            enrollment,
            client_id=entry.client_id,
            day=entry.day,
            practice=entry.practice,
            line="Later",
        )

    def remove(client: Client, number: int) -> Response:
        return post_remove(client, entries[number], htmx=True)

    statuses = race(alice, save, remove)

    assert all(pair in ([200, 302], [200, 422]) for pair in statuses)
    assert DailyEntry.objects.filter(removed_at=NOON).count() == RACES
    # What was acknowledged is there, should the entry be brought back.
    assert DailyEntry.objects.filter(line="Later").count() == statuses.count([200, 302])


def test_entry_remove_at_once_is_one_removal(alice: User, enrollment: Enrollment) -> None:
    entries = make_entries(enrollment)

    def remove(client: Client, number: int) -> Response:
        return post_remove(client, entries[number], htmx=True)

    statuses = race(alice, remove, remove)

    assert statuses == [[200, 200]] * RACES
    assert DailyEntry.objects.filter(removed_at=NOON, line="Words").count() == RACES


def test_entry_restore_at_once_is_one_return(alice: User, enrollment: Enrollment) -> None:
    entries = make_entries(enrollment)
    DailyEntry.objects.update(removed_at=NOON)

    def restore(client: Client, number: int) -> Response:
        return post_restore(client, entries[number])

    statuses = race(alice, restore, restore)

    assert statuses == [[302, 302]] * RACES
    assert DailyEntry.objects.placed().filter(line="Words").count() == RACES


def test_reflection_save_at_once_loses_no_text(alice: User, enrollment: Enrollment) -> None:
    def write(words: str) -> Attempt:
        # Each race is won once, so its number is the version that both have before them.
        return lambda client, number: post_reflection(
            client, enrollment, version=number, text=f"{words} {number}"
        )

    statuses = race(alice, write("This tab"), write("The other tab"))

    assert statuses == [[302, 409]] * RACES
    assert Reflection.objects.get().version == RACES


def test_reflection_save_of_the_first_words_at_once_loses_no_text(
    alice: User, enrollment: Enrollment
) -> None:
    def write(words: str) -> Attempt:
        return lambda client, _number: post_reflection(client, enrollment, text=words)

    statuses = race(
        alice, write("This tab"), write("The other tab"), before=Reflection.objects.all().delete
    )

    assert statuses == [[302, 409]] * RACES
    assert Reflection.objects.get().version == 1


def test_reflection_save_of_the_same_words_at_once_is_one_version(
    alice: User, enrollment: Enrollment
) -> None:
    def write(client: Client, number: int) -> Response:
        return post_reflection(client, enrollment, version=number, text=f"Words {number}")

    statuses = race(alice, write, write)

    assert statuses == [[302, 302]] * RACES
    assert Reflection.objects.get().version == RACES


def begin(client: Client, _number: int) -> Response:
    fields = {"statement": "Open a repair corner", "start": "today"}
    clock = {"time_zone": "Europe/Stockholm", "day_end_hour": "0"}
    return client.post("/enrollments/new/", fields | clock)


def test_enrollment_create_at_once_is_one_enrollment(alice: User) -> None:
    begun: list[tuple[int, int]] = []

    def look() -> None:
        begun.append((Enrollment.objects.count(), Goal.objects.count()))

    statuses = race(alice, begin, begin, before=Enrollment.objects.all().delete, after=look)

    assert statuses == [[302, 302]] * RACES
    assert begun == [(1, 1)] * RACES


def test_enrollment_create_at_once_ends_the_finished_one_once(alice: User) -> None:
    begun: list[int] = []

    def finish() -> None:
        Enrollment.objects.all().delete()
        make_enrollment(participant=alice, starts_on=TODAY - timedelta(days=20))

    def look() -> None:
        assert Enrollment.objects.count() == 2
        begun.append(Enrollment.objects.current().filter(starts_on=TODAY).count())

    statuses = race(alice, begin, begin, before=finish, after=look)

    assert statuses == [[302, 302]] * RACES
    assert begun == [1] * RACES


def test_enrollment_start_at_once_starts_today(alice: User) -> None:
    make_enrollment(participant=alice, starts_on=TODAY)
    started: list[date] = []

    def start(client: Client, _number: int) -> Response:
        return client.post("/enrollments/start/")

    statuses = race(
        alice,
        start,
        start,
        before=lambda: Enrollment.objects.update(starts_on=F("starts_on") + timedelta(days=3)),
        after=lambda: started.append(Enrollment.objects.get().starts_on),
    )

    assert statuses == [[302, 302]] * RACES
    assert started == [TODAY] * RACES


def test_goal_update_at_once_loses_no_words(alice: User, enrollment: Enrollment) -> None:
    based_on: list[int] = []

    def look() -> None:
        based_on.append(Goal.objects.newest_first()[0].pk)

    def rewrite(words: str) -> Attempt:
        return lambda client, number: client.post(
            "/goals/", {"statement": f"{words} {number}", "based_on": based_on[-1]}
        )

    statuses = race(alice, rewrite("This tab"), rewrite("The other tab"), before=look)

    assert statuses == [[302, 409]] * RACES
    assert Goal.objects.count() == RACES + 1


@pytest.mark.parametrize(("first", "second"), [(1, 1), (1, 2)])
def test_entry_turn_at_once_keeps_every_answer_once(
    alice: User, enrollment: Enrollment, first: int, second: int
) -> None:
    kept: list[list[str]] = []

    def place_shares() -> None:
        DailyEntry.objects.all().delete()
        for place in (1, 2):
            make_entry(enrollment=enrollment, place=place, line="Words")

    def look() -> None:
        requests = DailyEntry.objects.filter(practice="request")
        kept.append(sorted(requests.values_list("line", flat=True)))

    def turn(place: int) -> Attempt:
        url = entry_url(TODAY, enrollment.stone_id(TODAY, "share", place), "turn/")
        fields = {"enrollment": enrollment.public_id, "into": "request", "answer": f"Offer {place}"}
        return lambda client, _number: client.post(url, fields)

    statuses = race(alice, turn(first), turn(second), before=place_shares, after=look)

    assert statuses == [[302, 302]] * RACES
    assert kept == [sorted({f"Offer {first}", f"Offer {second}"})] * RACES


def test_settings_update_at_once_is_one_of_the_two(alice: User, enrollment: Enrollment) -> None:
    stored: list[tuple[str, int]] = []

    def look() -> None:
        stored.append(User.objects.values_list("time_zone", "day_end_hour").get())

    def settle(time_zone: str, day_end_hour: int) -> Attempt:
        fields = {"display_name": "Alice", "theme": "", "time_zone": time_zone}
        return lambda client, _number: client.post(
            "/settings/", {**fields, "day_end_hour": day_end_hour}
        )

    statuses = race(alice, settle("Asia/Tokyo", 1), settle("America/Lima", 2), after=look)

    assert statuses == [[302, 302]] * RACES
    assert set(stored) <= {("Asia/Tokyo", 1), ("America/Lima", 2)}
