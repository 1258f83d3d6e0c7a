"""A cache in front of us that keeps answers by their address alone, whatever cookie asked for them:
what it kept of one person never reaches another.
"""

import re
from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from program.models import PublicPage
from tests.addresses import ADDRESSES
from tests.factories import NOON
from tests.figures import figure
from tests.often import often
from tests.posting import Response
from tests.writes import make_world

# Of the letters of one, three in a row may be a name.
TOKEN = re.compile(rb"\b[A-Za-z0-9]{64}\b")

pytestmark = pytest.mark.django_db

# What keeps an answer out, and nothing else: no Set-Cookie, no Vary and no age is looked at.
FORBIDS = ("no-store", "private")
# Queries that mean nothing, and endings that make a page look like a file.
JUNK = ["", "?utm_source=x", "x.css", ";x.css", "?x.css", "%2fx.css"]


class HostileCache:
    """By the address alone. Even what asks to be looked up again is served from here."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def get(self, client: Client, address: str) -> bytes:
        if address not in self.kept:
            response = client.get(address)
            if self._may_keep(response):
                self.kept[address] = content_of(response)
            return content_of(response)
        return self.kept[address]

    @staticmethod
    def _may_keep(response: Response) -> bool:
        if response.status_code >= 500:
            return False
        return not any(word in response.get("Cache-Control", "") for word in FORBIDS)


def content_of(response: Response) -> bytes:
    body = b"".join(response) if response.streaming else response.content
    return body + str(response.get("Location", "")).encode()


@pytest.fixture
def world(alice: User, bob: User, noon: time_machine.Traveller) -> dict[str, list[str]]:
    """The pages of both, whose words hold their names; what they publish is without any."""
    worlds = {user: make_world(user) for user in (alice, bob)}
    for found in worlds.values():
        PublicPage.choose(
            found.enrollment,
            moments=[],
            now=NOON,
            shown_as="",
            show_goal=False,
            show_why=False,
            show_map=True,
        )
    return {user.display_name: found.pages() for user, found in worlds.items()}


def addresses(world: dict[str, list[str]]) -> Iterator[str]:
    pages = [
        f"/goal/{page.token}/{part}"
        for page in PublicPage.objects.all()
        for part in ("", "picture.png")
    ]
    # In `make resilience` all with junk, in `make test` the public ones.
    for address in dict.fromkeys([*pages, *world["Alice"], *ADDRESSES]):
        for junk in JUNK if address in pages else JUNK[: often(1, len(JUNK))]:
            yield f"{address}{junk}"


def test_cache_by_address_alone_keeps_nothing_of_anybody(
    world: dict[str, list[str]], alice: User, bob: User
) -> None:
    cache = HostileCache()
    people = []
    for user in (alice, bob):
        client = Client()
        client.force_login(user)
        client.raise_request_exception = False
        people.append((client, [b"Bob" if user == alice else b"Alice"]))
    people.append((Client(), [b"Alice", b"Bob"]))
    asked, foreign = 0, []

    for address in addresses(world):
        for client, others in people:
            body = TOKEN.sub(b"", cache.get(client, address))
            asked += 1
            foreign += [address for name in others if name in body]

    public = [address for address in cache.kept if address.startswith("/goal/")]
    figure("F4", "addresses asked by two people and a visitor", asked)
    figure("F4", "answers that the cache kept", len(cache.kept))
    figure("F4", "bodies of somebody else", len(foreign), bar="= 0", holds=not foreign)
    assert not foreign
    assert len(public) >= 4


def test_cache_gives_one_to_the_other_where_nothing_keeps_it_out(
    world: dict[str, list[str]], alice: User, bob: User, settings: Settings
) -> None:
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "NoStore" not in name]
    cache, clients = HostileCache(), []
    for user in (alice, bob):
        clients.append(Client())
        clients[-1].force_login(user)

    cache.get(clients[0], "/map/")

    assert b"Alice" in cache.get(clients[1], "/map/")
