"""A double tap, and two tabs: the same form twice at the same moment has one effect."""

import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from program.models import (
    Breakthrough,
    DailyEntry,
    Enrollment,
    Finish,
    Need,
    Pause,
    Person,
    StepProgress,
)
from tests.factories import NOON, make_enrollment, make_entry, make_person, make_user
from tests.posting import TODAY, Response, post_entry
from tests.racing import Attempt, race
from tests.requesting import make_request, save

pytestmark = pytest.mark.django_db(transaction=True)

TIMES = 50
# The attempt at this, in these two weeks and with an entry of theirs.
Make = Callable[[Enrollment, DailyEntry], Attempt]


@pytest.fixture
def alice(transactional_db: None, noon: time_machine.Traveller) -> User:
    return make_user(name="Alice")


@pytest.fixture
def enrollment(alice: User) -> Enrollment:
    return make_enrollment(participant=alice)


def form(path: str, **fields: Any) -> Attempt:
    """Posts the fields; {} in one of them, or in the address, is the number of the race."""

    def post(client: Client, number: int) -> Response:
        filled = {
            name: str(value).format(uuid.UUID(int=number + 1)) for name, value in fields.items()
        }
        return client.post(path, filled)

    return post


def each_time(look: Callable[[], Any]) -> tuple[list[Any], Callable[[], None]]:
    seen: list[Any] = []
    return seen, lambda: seen.append(look())


DRAFT = {"to_whom": "Peder", "what": "Lend me the ladder", "by_when": "", "gain": ""}


@pytest.mark.parametrize(
    ("path", "fields", "rows"),
    [
        ("/people/add/", {"name": "Peder {}", "is_advisor": "on"}, Person),
        ("/people/add/", {"name": "Peder {}", "client_id": ""}, Person),
        ("/people/needs/add/", {"question": "Who has the key?"}, Need),
        ("/moments/add/", {"title": "The key", "day": TODAY}, Breakthrough),
    ],
)
def test_row_that_is_added_twice_at_once_is_one_row(
    alice: User, enrollment: Enrollment, path: str, fields: dict[str, str], rows: Any
) -> None:
    add = form(path, **{"client_id": "{}", **fields})

    statuses = race(alice, add, add, times=TIMES)

    # Without an id the name decides, and the second is told that it is taken.
    assert statuses == [[302, 302 if fields.get("client_id") is None else 422]] * TIMES
    assert rows.objects.count() == TIMES


def test_request_plan_twice_at_once_is_one_request(alice: User, enrollment: Enrollment) -> None:
    plan = form("/requests/plan/", **DRAFT, client_id="{}")
    counts, count = each_time(DailyEntry.objects.count)

    statuses = race(
        alice, plan, plan, before=DailyEntry.objects.all().delete, after=count, times=TIMES
    )

    assert statuses == [[302, 302]] * TIMES
    assert counts == [1] * TIMES


def test_request_plan_of_two_asks_at_once_makes_twenty_one_at_most(
    alice: User, enrollment: Enrollment
) -> None:
    def nineteen() -> None:
        DailyEntry.objects.all().delete()
        for place in range(1, 20):
            make_entry(enrollment=enrollment, practice="request", place=place)

    def plan(client: Client, _number: int) -> Response:
        return client.post("/requests/plan/", {**DRAFT, "client_id": str(uuid.uuid4())})

    counts, count = each_time(DailyEntry.objects.count)

    statuses = race(alice, plan, plan, before=nineteen, after=count, times=20)

    assert all(pair in ([302, 302], [302, 422]) for pair in statuses)
    # Two that come at the same moment may both be the twentieth; never more than one too many.
    assert set(counts) <= {20, 21}


@pytest.mark.parametrize("practice", ["share", "request"])
def test_person_start_twice_at_once_is_one_entry(
    alice: User, enrollment: Enrollment, practice: str
) -> None:
    peder = make_person(user=alice, name="Peder")
    start = form(f"/people/{peder.pk}/start/", practice=practice, client_id="{}")
    found, look = each_time(lambda: list(DailyEntry.objects.values_list("line", "person")))

    statuses = race(
        alice, start, start, before=DailyEntry.objects.all().delete, after=look, times=TIMES
    )

    assert statuses == [[302, 302]] * TIMES
    assert found == [[("Peder", peder.pk)]] * TIMES


def test_pause_twice_at_once_is_one_pause(alice: User, enrollment: Enrollment) -> None:
    pause = form("/pauses/", back_on="2027-03-25")
    found, look = each_time(lambda: list(Pause.objects.values_list("starts_on", "ends_on")))

    statuses = race(alice, pause, pause, before=Pause.objects.all().delete, after=look, times=TIMES)

    assert statuses == [[302, 302]] * TIMES
    assert found == [[(TODAY, date(2027, 3, 24))]] * TIMES


def test_pause_of_two_lengths_at_once_is_one_of_them(alice: User, enrollment: Enrollment) -> None:
    found, look = each_time(lambda: [str(day) for (day,) in Pause.objects.values_list("ends_on")])

    statuses = race(
        alice,
        form("/pauses/", back_on="2027-03-25"),
        form("/pauses/", back_on="2027-03-28"),
        before=Pause.objects.all().delete,
        after=look,
        times=TIMES,
    )

    assert statuses == [[302, 302]] * TIMES
    assert all(days in (["2027-03-24"], ["2027-03-27"]) for days in found)


def test_pause_while_an_entry_is_made_keeps_both(alice: User, enrollment: Enrollment) -> None:
    def start_over() -> None:
        DailyEntry.objects.all().delete()
        Pause.objects.all().delete()

    kept, look = each_time(lambda: (DailyEntry.objects.placed().count(), Pause.objects.count()))

    statuses = race(
        alice,
        form("/pauses/", back_on="2027-03-25"),
        lambda client, _number: post_entry(client, enrollment, done="1"),
        before=start_over,
        after=look,
        times=TIMES,
    )

    # The stone of a day that is paused already is refused; what was taken is there.
    assert all(pair in ([302, 302], [302, 404]) for pair in statuses)
    assert kept == [(pair.count(302) - 1, 1) for pair in statuses]


def test_restart_twice_at_once_begins_once(alice: User, enrollment: Enrollment) -> None:
    shown: list[uuid.UUID] = []

    def open_page() -> None:
        shown.append(Enrollment.objects.current().get().public_id)

    def restart(client: Client, _number: int) -> Response:
        return client.post("/enrollments/restart/", {"enrollment": str(shown[-1])})

    statuses = race(alice, restart, restart, before=open_page, times=TIMES)

    assert statuses == [[302, 302]] * TIMES
    assert Enrollment.objects.count() == TIMES + 1
    assert Enrollment.objects.current().count() == 1


def test_finish_twice_at_once_is_one_version(alice: User, noon: time_machine.Traveller) -> None:
    make_enrollment(participant=alice, starts_on=date(2027, 3, 3))

    def write(words: str) -> Attempt:
        return lambda client, number: client.post(
            "/finish/", {"gave_way": f"{words} {number}", "version": number}
        )

    same = race(alice, write("Both"), write("Both"), times=TIMES)
    Finish.objects.all().delete()
    other = race(alice, write("This tab"), write("The other tab"), times=TIMES)

    assert same == [[302, 302]] * TIMES
    assert other == [[302, 409]] * TIMES
    assert Finish.objects.get().version == TIMES


@pytest.mark.parametrize(
    ("path", "fields", "stored"),
    [
        ("/steps/4/state/", {"state": "in_place"}, (4, "in_place", "", 0, 0)),
        ("/steps/4/state/", {"done": "1"}, (4, "in_place", "", 0, 0)),
        ("/steps/4/note/", {"text": "Words", "version": 0}, (4, "begun", "Words", 1, 0)),
        ("/steps/4/evidence/", {"entry": "", "attached": "1"}, (4, "begun", "", 0, 1)),
    ],
)
def test_step_twice_at_once_is_one_row(
    alice: User, enrollment: Enrollment, path: str, fields: dict[str, Any], stored: tuple[Any, ...]
) -> None:
    entry = make_entry(enrollment=enrollment, line="Words")
    own = {"enrollment": enrollment.public_id}
    post = form(path, **own, **fields | ({"entry": entry.client_id} if "entry" in fields else {}))
    found, look = each_time(
        lambda: [
            (step.number, step.state, step.note, step.version, step.evidence.count())
            for step in StepProgress.objects.all()
        ]
    )

    statuses = race(
        alice, post, post, before=StepProgress.objects.all().delete, after=look, times=TIMES
    )

    assert statuses == [[302, 302]] * TIMES
    assert found == [[stored]] * TIMES


def test_step_note_of_two_tabs_at_once_loses_no_words(alice: User, enrollment: Enrollment) -> None:
    def write(words: str) -> Attempt:
        return lambda client, number: client.post(
            "/steps/4/note/",
            {
                "enrollment": str(enrollment.public_id),
                "text": f"{words} {number}",
                "version": number,
            },
        )

    statuses = race(alice, write("This tab"), write("The other tab"), times=TIMES)

    assert statuses == [[302, 409]] * TIMES
    assert StepProgress.objects.get().version == TIMES


def restart(enrollment: Enrollment, _entry: DailyEntry) -> Attempt:
    fields = {"enrollment": str(enrollment.public_id)}
    return lambda client, _number: client.post("/enrollments/restart/", fields)


def revise(_enrollment: Enrollment, entry: DailyEntry) -> Attempt:
    return lambda client, _number: save(client, entry, of_whom="Peder", line="Two ladders")


def meet(_enrollment: Enrollment, _entry: DailyEntry) -> Attempt:
    return lambda client, _number: client.post("/people/add/", {"name": "Peder"})


def settle(_enrollment: Enrollment, _entry: DailyEntry) -> Attempt:
    zones = ("Asia/Tokyo", "America/Lima")
    fields = {"display_name": "Alice", "theme": "", "day_end_hour": "0"}
    return lambda client, number: client.post(
        "/settings/", {**fields, "time_zone": zones[number % 2]}
    )


def link(_enrollment: Enrollment, entry: DailyEntry) -> Attempt:
    def post(client: Client, _number: int) -> Response:
        moment = Breakthrough.objects.get()
        ticks = {} if moment.entries.exists() else {"entries": str(entry.client_id)}
        fields = {"title": "The key", "day": str(TODAY), "version": moment.version}
        return client.post(f"/moments/{moment.client_id}/", fields | ticks)

    return post


def attach(enrollment: Enrollment, entry: DailyEntry) -> Attempt:
    fields = {"enrollment": str(enrollment.public_id), "entry": str(entry.client_id)}
    return lambda client, number: client.post(
        "/steps/6/evidence/", {**fields, "attached": str(number % 2)}
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *((restart, other) for other in (revise, meet, settle, link, attach)),
        *((revise, other) for other in (meet, settle, link, attach)),
    ],
)
def test_writes_that_lock_the_same_rows_never_wait_for_each_other(
    alice: User, enrollment: Enrollment, one: Make, other: Make
) -> None:
    """Beginning again holds the two weeks, a name holds the user, what is linked its entry."""
    entry = make_request(enrollment, 1, line="A ladder")
    Breakthrough.catch(
        enrollment=enrollment, client_id=uuid.uuid4(), day=TODAY, title="The key", now=NOON
    )

    def start_over() -> None:
        Enrollment.objects.exclude(pk=enrollment.pk).delete()
        Enrollment.objects.update(ended_at=None)
        Person.objects.all().delete()
        DailyEntry.objects.update(line="A ladder", carried_into=None)

    people, look = each_time(Person.objects.count)

    statuses = race(
        alice,
        one(enrollment, entry),
        other(enrollment, entry),
        before=start_over,
        after=look,
        times=TIMES,
    )

    # What speaks of the two weeks that just ended is not found, a name that is there is refused,
    # and an entry that is no longer evidence is a page with the way back.
    assert {status for pair in statuses for status in pair} <= {200, 302, 404, 422}
    assert max(people) <= 1
    assert Enrollment.objects.current().count() == 1
