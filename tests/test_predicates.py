"""Every query for somebody's rows says whose, on every page and in every write of the program.

The test looks at the SQL itself: a condition that was forgotten shows here, before there is anybody
whose rows could be shown by mistake.
"""

import re
from ast import literal_eval
from collections.abc import Callable, Sequence
from functools import partial

import pytest
import time_machine
from django.apps import apps
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from program.models import Cohort, CohortMembership, Enrollment
from tests.coached import COACH_PAGES, COACH_WRITES, MEMBER_PAGES, MEMBER_WRITES, make_place
from tests.factories import NOON, make_enrollment, make_user
from tests.figures import figure
from tests.writes import PAGES, WRITES, World, Write, make_world

# Whose a row is follows from these columns, or from what hangs from them.
COLUMNS = "participant_id|user_id|coach_id|author_id|created_by_id|enrollment_id|cohort_id"
BY_COLUMN = re.compile(rf'"(?:{COLUMNS})" (?:=|IN) \(*(\d+)')
# A row that was found so before is asked for by its number, or by an id that no other row has.
BY_ID = re.compile(
    r'"(?:id|\w+_id|token_hash|client_id|public_id|key)"\)? (?:=|IN) \(*(\d+|\'[^\']+\')'
)
OWNED = {
    model._meta.db_table
    for model in apps.get_app_config("program").get_models(include_auto_created=True)
}


def own_world() -> World:
    return make_world(make_user(name="Alice"))


def coach_world() -> World:
    coach = make_user(name="Carol")
    return make_place(coach, make_user(name="Alice")).world_of(coach)


def member_world() -> World:
    member = make_user(name="Alice")
    return make_place(make_user(name="Carol"), member).world_of(member)


def known_to(world: World) -> set[str]:
    """The numbers of the user, of their two weeks and of the cohorts that they are in or coach."""
    user = world.user
    weeks = Enrollment.objects.owned_by(user) | Enrollment.objects.filter(
        memberships__cohort__coaches__coach=user
    )
    cohorts = Cohort.objects.filter(coaches__coach=user) | Cohort.objects.filter(
        pk__in=CohortMembership.objects.owned_by(user).values("cohort")
    )
    numbers = [user.pk, *weeks.values_list("pk", flat=True), *cohorts.values_list("pk", flat=True)]
    return {str(number) for number in numbers}


TOLD_APART = re.compile(r"QUERY = (['\"].*['\"]) - PARAMS = ([({].*[)}])", re.DOTALL)


def filled_in(sql: str) -> str:
    """What is asked by a query that is built once is told beside it, not in it."""
    if not (apart := TOLD_APART.fullmatch(sql)):
        return sql
    query, values = str(literal_eval(apart[1])), apart[2]
    if values.startswith("{"):
        return query  # by hand: an INSERT
    plain = re.sub(r"\b[\w.]+\([^()]*\)", "''", values)  # dates and the like
    return query % tuple(map(repr, literal_eval(plain)))


def asked_without_an_owner(sql: str, known: set[str]) -> bool:
    sql = filled_in(sql)
    sql = re.sub(r"^(--.*\n)+", "", sql)
    tables = set(re.findall(r'(?:FROM|JOIN|UPDATE|INTO) "?(program_\w+)"?', sql))
    if not tables & OWNED or sql.startswith("INSERT"):
        return False
    if any(number in known for number in BY_COLUMN.findall(sql)):
        return False
    return not BY_ID.search(sql)


@pytest.mark.parametrize(
    ("whose", "make", "pages", "writes"),
    [
        ("own", own_world, PAGES, WRITES),
        ("coach", coach_world, COACH_PAGES, COACH_WRITES),
        ("member", member_world, MEMBER_PAGES, MEMBER_WRITES),
    ],
)
def test_every_query_says_whose_rows_it_wants(
    whose: str,
    make: Callable[[], World],
    pages: Sequence[str],
    writes: Sequence[Write],
    db: None,
    noon: time_machine.Traveller,
) -> None:
    make_enrollment(participant=make_user(name="Otto"))
    world = make()
    client = Client()
    client.force_login(world.user)
    known, asked, bare = known_to(world), 0, set()

    def look(name: str, do: Callable[[], object]) -> None:
        nonlocal asked
        with CaptureQueriesContext(
            connection,
        ) as captured:
            do()
        for query in captured.captured_queries:
            asked += 1
            if asked_without_an_owner(query["sql"], known):
                bare.add(f"{name}: {query['sql']}")

    for page in pages:
        look(page, partial(client.get, page.format(**world.ids)))
    for write in writes:
        noon.move_to(write.at)
        with transaction.atomic():
            look(write.name, partial(write.post, client, world))
            transaction.set_rollback(True)
        noon.move_to(NOON)

    figure(
        f"D6/{whose}",
        f"queries for somebody's rows without a word whose, of {asked:,}",
        len(bare),
        bar="0",
        holds=not bare,
    )
    assert not bare, "\n".join(sorted(bare))
    assert asked > 100


def test_a_query_without_an_owner_is_seen(db: None) -> None:
    with CaptureQueriesContext(connection) as captured:
        list(Enrollment.objects.order_by("pk"))
        list(Enrollment.objects.filter(participant=7))
        Enrollment.objects.update(ended_at=None)

    found = [asked_without_an_owner(query["sql"], {"7"}) for query in captured.captured_queries]
    assert found == [True, False, True]
