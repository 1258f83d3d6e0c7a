"""Every write of the program twice at the same moment: what is stored is what one post stores.

The statuses and the words of the races that matter most are those of tests/program/test_races.py
and test_double_submits.py, 50 to 200 times each.
"""

import uuid
from collections import Counter
from collections.abc import Callable, Sequence

import pytest
import time_machine
from django.db import connection
from django.test import Client

from accounts.models import User
from tests.coached import COACH_WRITES, MEMBER_WRITES, make_place
from tests.factories import NOON, make_user
from tests.figures import figure
from tests.often import often
from tests.posting import Response
from tests.racing import race
from tests.writes import FRESH, WRITES, World, Write, make_world

pytestmark = pytest.mark.django_db(transaction=True)

RACES = often(2, 30)
# Somebody new each time, with all that there is to be written.
Make = Callable[[str], World]


def world_of(name: str) -> World:
    return make_world(make_user(name=name))


def coach_of(name: str) -> World:
    coach = make_user(name=f"{name}coach")
    return make_place(coach, make_user(name=name)).world_of(coach)


def member_of(name: str) -> World:
    member = make_user(name=name)
    return make_place(make_user(name=f"{name}coach"), member).world_of(member)


def refreshed(world: World, number: int) -> World:
    """Another id for a row that is made, the same for both who post it."""
    fresh = uuid.uuid5(uuid.UUID(world.ids[FRESH]), str(number))
    return World(world.user, world.enrollment, {**world.ids, FRESH: str(fresh)})


def rows() -> Counter[str]:
    """How many each table of the program holds, and how many mails wait."""
    tables = [
        table
        for table in connection.introspection.table_names()
        if table.startswith(("program_", "accounts_"))
    ]
    counts: Counter[str] = Counter()
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'SELECT count(*) FROM "{table}"')  # noqa: S608
            counts[table] = cursor.fetchone()[0]
    return counts


def grown(before: Counter[str]) -> dict[str, int]:
    now = rows()
    return {table: now[table] - before[table] for table in now if now[table] != before[table]}


def once(write: Write, world: World) -> dict[str, int]:
    """What the same posts store one after the other, each once."""
    client = Client()
    client.force_login(world.user)
    before = rows()
    for number in range(RACES):
        write.post(client, refreshed(world, number))
    return grown(before)


def twice(write: Write, world: World) -> tuple[dict[str, int], int]:
    """What they store when each is posted by two at once, and how many 5xx there were."""
    before = rows()

    def post(client: Client, number: int) -> Response:
        return write.post(client, refreshed(world, number))

    statuses = race(world.user, post, post, times=RACES)
    return grown(before), sum(status >= 500 for pair in statuses for status in pair)


@pytest.mark.parametrize(
    ("whose", "writes", "make"),
    [
        ("own", WRITES, world_of),
        ("coach", COACH_WRITES, coach_of),
        ("member", MEMBER_WRITES, member_of),
    ],
)
def test_every_write_twice_at_once_stores_what_one_stores(
    whose: str, writes: Sequence[Write], make: Make, transactional_db: None
) -> None:
    doubled, errors = {}, 0
    with time_machine.travel(NOON, tick=False) as noon:
        for number, write in enumerate(writes):
            noon.move_to(NOON)
            worlds = [make(f"{kind}{number}") for kind in ("Once", "Twice")]
            noon.move_to(write.at)
            wanted = once(write, worlds[0])
            found, failed = twice(write, worlds[1])
            errors += failed
            if found != wanted:
                doubled[f"{write.name} {write.path}"] = (wanted, found)
            User.objects.exclude(display_name="").delete()

    what = f"of {len(writes)} writes ({whose}), each by two at once, {RACES} times"
    figure(
        f"A11/{whose}",
        f"with more than one effect, {what}",
        len(doubled),
        bar="0",
        holds=not doubled,
    )
    figure(f"A11/{whose}/errors", f"answers 5xx {what}", errors, bar="0", holds=not errors)
    assert doubled == {}
    assert errors == 0
