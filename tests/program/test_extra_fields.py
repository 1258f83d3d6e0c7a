"""A form takes its own fields: a field of a table beside them, or of another form, does nothing."""

import re
from itertools import batched

import pytest
import time_machine
from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.test import Client

from accounts.models import User
from tests.addresses import rows
from tests.posting import text_of
from tests.writes import WRITES, World, Write, make_world

# Forms whose empty places a page leaves out: a field that is posted says something.
ABSENT_SAYS_LESS: dict[str, set[str]] = {
    "entry_save": {"line", "answer", "outcome", "done", "place", "more"},
    "person_update": {"client_id"},
}


def tables() -> list[type[models.Model]]:
    return [
        model
        for app in ("accounts", "program")
        for model in apps.get_app_config(app).get_models(True)
    ]


def fields_of_all_tables() -> set[str]:
    """Names, columns and the names under which rows hang from others."""
    return {
        name
        for model in tables()
        for field in model._meta.get_fields()
        for name in (field.name, getattr(field, "attname", field.name), f"{field.name}__id")
    } | {"pk", "_state", "instance", "initial", "user_id", "is_superuser", "groups", "save"}


@pytest.fixture
def worlds(alice: User, bob: User) -> tuple[World, World]:
    return make_world(alice), make_world(bob)


@pytest.mark.parametrize(
    "write", WRITES, ids=[f"{write.name}-{number}" for number, write in enumerate(WRITES)]
)
def test_field_that_is_none_of_the_form_does_nothing(
    write: Write, worlds: tuple[World, World], noon: time_machine.Traveller
) -> None:
    world, bobs = worlds
    noon.move_to(write.at)
    client = Client()
    client.force_login(world.user)
    taken = write.fields.keys() | ABSENT_SAYS_LESS.get(write.name, set())
    extra = sorted(fields_of_all_tables() - taken)
    plain = effect(client, write, world, {})

    for value in ("1", "2020-01-01", "", *(bobs.ids[name] for name in ("enrollment", "person"))):
        # A form of ours has far fewer, so more at once are a bad request.
        for some in batched(extra, 40):
            assert effect(client, write, world, dict.fromkeys(some, value)) == plain, value

    assert len(extra) > 80


def effect(
    client: Client, write: Write, world: World, extra: dict[str, str]
) -> tuple[int, str, str]:
    """(status, page, all that is stored then), as if nothing had been asked before."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            for sql in connection.ops.sequence_reset_sql(no_style(), tables()):
                cursor.execute(sql)
        response = write.post(client, world, extra=extra)
        page = text_of(response) + response.headers.get("Location", "")
        stored = rows(but="procrastinate_")  # jobs say when they were put down
        transaction.set_rollback(True)
    known = set(world.ids.values())
    return response.status_code, _same(page, known), _same(stored, known)


def _same(text: str, known: set[str]) -> str:
    """Without tokens and the ids that are made anew each time."""
    text = re.sub(r"\b[A-Za-z0-9]{64}\b", "token", text)
    text = re.sub(r"(?<=,)[\w-]{24}(?=,)", "token", text)  # of a public page
    return re.sub(
        r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        lambda found: found[0] if found[0] in known else "uuid",
        text,
    )
