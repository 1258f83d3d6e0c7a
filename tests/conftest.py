"""The cast: alice and bob take part in one cohort, which carol coaches; dave coaches another; erin
has an account and nothing else. Who needs the cohorts asks for them.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from program.models import Enrollment
from tests.factories import NOON, make_enrollment, make_user


def pytest_configure() -> None:
    # Static files straight from their folders: collecting them is the production test's matter.
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    # Nobody's password needs guarding here, and the real hasher is slow on purpose.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # The tests and the server they ask share two connections; a busy machine takes its time.
    database: Any = settings.DATABASES["default"]
    database["OPTIONS"]["pool"]["timeout"] = 60
    settings.WHITENOISE_USE_FINDERS = True
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(autouse=True)
def _fresh_rate_limits(request: pytest.FixtureRequest) -> Iterator[None]:
    # Tests in a transaction leave no limits behind; the others share one cache table.
    if "transactional_db" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("transactional_db")
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def noon() -> Iterator[time_machine.Traveller]:
    """Tuesday, March 16, 2027, 12:00 UTC: day 9 of an enrollment with the factory's start."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def alice(db: None) -> User:
    return make_user(name="Alice")


@pytest.fixture
def bob(db: None) -> User:
    return make_user(name="Bob")


@pytest.fixture
def carol(db: None) -> User:
    return make_user(name="Carol")


@pytest.fixture
def dave(db: None) -> User:
    return make_user(name="Dave")


@pytest.fixture
def erin(db: None) -> User:
    return make_user(name="Erin")


@pytest.fixture
def enrollment(alice: User) -> Enrollment:
    """Alice's two weeks, from Monday, March 8 to Sunday, March 21, 2027."""
    return make_enrollment(participant=alice)


@pytest.fixture
def alice_client(alice: User, noon: time_machine.Traveller) -> Client:
    client = Client(enforce_csrf_checks=False)
    client.force_login(alice)
    return client
