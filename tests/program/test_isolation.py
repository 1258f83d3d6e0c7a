"""Somebody else's id, wherever it is put, is answered as one that never was, and changes nothing.

Alice is the hostile one here: she knows every id and every name of Bob's.
"""

import re

import pytest
import time_machine
from django.db import transaction
from django.db.models import Model
from django.test import Client
from django.urls import resolve

from accounts.models import User
from program.models import (
    Breakthrough,
    DailyEntry,
    Enrollment,
    Finish,
    Goal,
    Need,
    Pause,
    Person,
    Reflection,
    StepProgress,
)
from tests.addresses import fingerprint
from tests.posting import HTMX, Response, text_of
from tests.requesting import save
from tests.test_access import _table
from tests.writes import FRESH, PAGES, WRITES, World, Write, make_world

# (status, page, whether anything was stored or changed)
Answer = tuple[int, str, bool]

# Nothing has these.
NEVER = {"uuid": "00000000-0000-4000-8000-000000000000", "pk": "987654321"}
# Ids that a page makes for a row of one's own: whoever else has a row of that id is not asked.
MADE_BY_THE_PAGE = {("entry_save", "path")}
# Where an id is one answer among others, the form comes back instead of a page that is not there.
REFUSED = {
    ("goal_update", "based_on"): 409,
    ("moment_update", "entries"): 422,
    ("public_page_update", "moments"): 422,
}
# What passes between people, who see some of each other: tests/program/test_coached_isolation.py.
BETWEEN_PEOPLE = (
    *("cohort_", "coach_", "invitation_", "email_invitation_", "consent_", "participant_"),
    *("day_private", "encouragement_", "nudge_", "post_", "comment_"),
    *("membership_", "companion_"),
)
# Who somebody is, and what only staff get: tests/accounts and tests/program/test_staff.py.
ACCOUNTS = ("account_", "mfa_", "openid_connect_", "socialaccount_")
STAFF = ("staff_", "accounts_", "program_", "app_list", "index", "jsi18n")
# It takes a file, of somebody who has begun nothing: tests/program/test_imports.py.
BY_FILE = ("import_create",)
# What whoever holds a link out of a mail, or of a public page, may do, and its owner with what was
# left there: tests/program/test_replies.py, test_inbox.py, test_followers.py.
BY_LINK = ("mail_unsubscribe", "reply_", "page_update_", "follower_")
# How a row says whose it is.
OWNER: dict[type[Model], str] = {
    User: "",
    Enrollment: "participant__",
    Person: "user__",
    **dict.fromkeys(
        (Breakthrough, DailyEntry, Finish, Goal, Need, Pause, Reflection, StepProgress),
        "enrollment__participant__",
    ),
    DailyEntry.steps.through: "dailyentry__enrollment__participant__",
    DailyEntry.breakthroughs.through: "dailyentry__enrollment__participant__",
}

every_write = pytest.mark.parametrize(
    "write", WRITES, ids=[f"{write.name}-{number}" for number, write in enumerate(WRITES)]
)


@pytest.fixture
def world(alice: User) -> World:
    return make_world(alice)


@pytest.fixture
def bobs(world: World, bob: User) -> World:
    return make_world(bob)


def client_of(world: World, write: Write, noon: time_machine.Traveller) -> Client:
    noon.move_to(write.at)
    client = Client()
    client.force_login(world.user)
    return client


class _Examples(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return NEVER["pk" if name.endswith(("person", "need")) else "uuid"]


def test_writes_are_all_that_can_be_posted_to() -> None:
    elsewhere = (*ACCOUNTS, *STAFF, *BETWEEN_PEOPLE, *BY_FILE, *BY_LINK)
    table = {name: rows for name, rows in _table().items() if not name.startswith(elsewhere)}
    refused = {302, 405}  # 302 for who is not logged in
    posted = {name for name, rows in table.items() if not set(rows["POST"]) <= refused}
    addresses = {write.name: write.path.format_map(_Examples()) for write in WRITES}

    assert posted <= addresses.keys() <= table.keys()
    assert all(resolve(address).url_name == name for name, address in addresses.items())


@every_write
def test_write_with_ones_own_ids_works(
    write: Write, world: World, bobs: World, noon: time_machine.Traveller
) -> None:
    client, before = client_of(world, write, noon), fingerprint()

    response = write.post(client, world)

    assert response.status_code in {200, 302}
    assert (fingerprint() != before) == write.stores


@every_write
def test_write_with_an_id_of_somebody_else_is_as_with_one_that_never_was(
    write: Write, world: World, bobs: World, noon: time_machine.Traveller
) -> None:
    client = client_of(world, write, noon)

    for where, name in write.positions():
        is_pk = world.ids[name].isdigit()
        never = answers(client, write.with_id(where, name, NEVER["pk" if is_pk else "uuid"]), world)
        for value in sorted(bobs.like(name) - world.of_kind(name)):
            assert answers(client, write.with_id(where, name, value), world) == never, (
                where,
                value,
            )
        if name != FRESH and (write.name, where) not in MADE_BY_THE_PAGE:
            assert {status for status, _page, _changes in never} == {
                REFUSED.get((write.name, where), 404)
            }
            assert not any(changes for _status, _page, changes in never)


@every_write
def test_write_of_somebody_else_is_not_found(
    write: Write, world: World, bobs: World, noon: time_machine.Traveller
) -> None:
    """Bob's own form, word for word."""
    if not {name for _where, name in write.positions()} - {FRESH, "goal"}:
        return
    client = client_of(world, write, noon)

    refused = {status for (name, _where), status in REFUSED.items() if name == write.name}
    for status, _page, changes in answers(client, write, bobs):
        assert status in refused | {404}
        assert not changes


def test_page_with_an_id_of_somebody_else_is_as_with_one_that_never_was(
    world: World, bobs: World, alice_client: Client
) -> None:
    gone = [page_of(alice_client.get("/people/0/", headers=h)) for h in (None, HTMX)]
    asked = 0

    for page in (Write("", path) for path in PAGES if "{" in path):
        ((_path, name),) = page.positions()
        for value in sorted(bobs.like(name) - world.of_kind(name)):
            address = page.with_id("path", name, value).address(world)
            for headers, same in zip((None, HTMX), gone, strict=True):
                response = alice_client.get(address, headers=headers)
                assert (response.status_code, page_of(response)) == (404, same), address
                asked += 1

    assert asked > 150


def test_name_in_the_list_of_somebody_else_is_as_new_as_any(
    world: World, bobs: World, alice_client: Client
) -> None:
    request = DailyEntry.objects.get(client_id=world.ids["request"])
    entry = {"practice": "share", "enrollment": world.enrollment.public_id, "done": "1"}
    url = f"/days/2027-03-16/entries/{NEVER['uuid']}/"
    found: list[list[tuple[int, str, list[str]]]] = []

    # Somebody Bob has, somebody he had, and somebody whom nobody knows.
    for name in ("Bobs neighbor", "Bobs foe", "Bobs uncle"):
        found.append([])
        for post in (
            lambda name: save(alice_client, request, of_whom=name),
            lambda name: alice_client.post("/people/add/", {"name": name}),
            lambda name: alice_client.post(url, {**entry, "line": name}),
        ):
            with transaction.atomic():
                before = bobs_rows()
                response = post(name)
                pages_now = page_of(response, name) + page_of(alice_client.get("/people/"), name)
                new = Person.objects.owned_by(world.user).filter(name=name).values_list("note")
                found[-1].append((response.status_code, pages_now, [note for (note,) in new]))
                assert bobs_rows() == before
                transaction.set_rollback(True)

    assert found[0] == found[1] == found[2]


def test_pages_are_the_same_whoever_else_there_is(
    world: World, bobs: World, noon: time_machine.Traveller
) -> None:
    client = Client()
    client.force_login(world.user)
    beside_bob = {page: page_of(client.get(page)) for page in world.pages()}

    bobs.user.delete()

    assert {page: page_of(client.get(page)) for page in world.pages()} == beside_bob


def answers(client: Client, write: Write, world: World) -> list[Answer]:
    """Without and with htmx; nothing is kept. Whatever is made, no row of Bob's is touched."""
    found = []
    before, bobs = fingerprint(), bobs_rows()
    for htmx in (False, True):
        with transaction.atomic():
            response = write.post(client, world, htmx=htmx)
            changes = fingerprint() != before
            assert not changes or bobs_rows() == bobs
            found.append((response.status_code, page_of(response), changes))
            transaction.set_rollback(True)
    return found


def page_of(response: Response, name: str = "Bob") -> str:
    """Without what is another one at every request, the id that was asked with, and the `name`."""
    page = text_of(response) + response.headers.get("Location", "")
    page = re.sub(r"\b[A-Za-z0-9]{64}\b", "token", page)
    assert name != "Bob" or "Bob" not in page
    page = page.replace(name, "name")
    page = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "uuid", page)
    page = re.sub(r'version" value="[0-9a-f]{16}"', "version", page)
    return re.sub(r"\b(person|need|people|needs|words)([-/=])\d+", r"\1\2pk", page)


def bobs_rows() -> list[list[dict[str, object]]]:
    return [
        list(
            model._default_manager.filter(**{f"{path}email": "bob@example.org"})
            .order_by("pk")
            .values()
        )
        for model, path in OWNER.items()
    ]
