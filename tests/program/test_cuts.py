"""A connection that breaks after the request has arrived: trying again changes nothing more."""

import contextlib
import http.client
import socket
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from program.curriculum import PRACTICES
from program.models import DailyEntry, Enrollment, Goal, Reflection
from tests.factories import make_enrollment, make_entry, make_user
from tests.figures import figure
from tests.often import often
from tests.posting import TODAY, entry_url

pytestmark = pytest.mark.django_db(transaction=True)

TOKEN = "a" * 32


@dataclass
class Cutter:
    """A proxy that passes requests on and hangs up instead of answering.

    Before the answer: as soon as the request is passed on. In it: when the answer has begun, so
    that the server is sure to have done its work.
    """

    server: tuple[str, int]
    in_answer: bool
    cuts: int = 0
    passed_on: list[Future[None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.threads = ThreadPoolExecutor(2)

    def cut_one(self) -> Future[None]:
        self.passed_on.append(self.threads.submit(self._cut_one))
        return self.passed_on[-1]

    def wait(self) -> None:
        """Until the server has answered everything, though nobody has heard it."""
        for one in self.passed_on:
            one.result(timeout=30)

    def close(self) -> None:
        self.wait()
        self.threads.shutdown()
        self.listener.close()

    def _cut_one(self) -> None:
        client, _address = self.listener.accept()
        with client, socket.create_connection(self.server) as server:
            server.sendall(_read_request(client))
            if self.in_answer:
                assert server.recv(1)
            client.close()
            self.cuts += 1
            while server.recv(65536):
                pass


def _read_request(client: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        received += client.recv(65536)
    head, _end, body = received.partition(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    )
    while len(body) < length:
        more = client.recv(65536)
        body += more
        received += more
    return received


@pytest.fixture
def alice(transactional_db: None, noon: time_machine.Traveller) -> User:
    return make_user(name="Alice")


@pytest.fixture
def enrollment(alice: User) -> Enrollment:
    return make_enrollment(participant=alice)


@pytest.fixture(params=["before the answer", "in the answer"])
def cutter(request: pytest.FixtureRequest, live_server: LiveServer) -> Iterator[Cutter]:
    address = urlsplit(live_server.url)
    assert address.hostname
    assert address.port
    cutter = Cutter((address.hostname, address.port), in_answer=request.param == "in the answer")
    with contextlib.closing(cutter):
        yield cutter


@pytest.fixture
def cookies(alice: User) -> str:
    client = Client()
    client.force_login(alice)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    return f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={TOKEN}"


def post_twice(cutter: Cutter, cookies: str, path: str, fields: dict[str, object]) -> int:
    """Post through the cutter, and as nothing came back once more without it; that status."""
    cutter.cut_one()
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        _post(("127.0.0.1", cutter.port), cookies, path, fields)
    return _post(cutter.server, cookies, path, fields)


def _post(address: tuple[str, int], cookies: str, path: str, fields: dict[str, object]) -> int:
    connection = http.client.HTTPConnection(*address, timeout=30)
    headers = {
        "Cookie": cookies,
        "X-CSRFToken": TOKEN,
        "Content-Type": "application/x-www-form-urlencoded",
        "Host": f"localhost:{address[1]}",
        "Connection": "close",
    }
    with contextlib.closing(connection):
        connection.request("POST", path, urlencode(fields), headers)
        return connection.getresponse().status


def test_entry_save_again_after_a_cut_is_one_entry(
    cutter: Cutter, cookies: str, enrollment: Enrollment
) -> None:
    days = enrollment.dates[9 - often(1, 6) : 9]
    places = [
        (day, practice.key, place)
        for day in days
        for practice in PRACTICES
        for place in range(1, 18)
    ]

    statuses = []
    for day, practice, place in places:
        client_id = enrollment.stone_id(day, practice, place)
        fields = {"enrollment": enrollment.public_id, "practice": practice, "done": "1"}
        fields["line"] = f"{day} {practice} {place}"
        statuses.append(post_twice(cutter, cookies, entry_url(day, client_id), fields))
    cutter.wait()

    assert cutter.cuts == len(places) == often(51, 306)
    assert set(statuses) == {302}
    lines = list(DailyEntry.objects.placed().values_list("line", flat=True))
    where = "in the answer" if cutter.in_answer else "before the answer"
    wrong = len(lines) - len(set(lines)) + len(places) - len(set(lines))
    figure(
        f"A3/{where.replace(' ', '-')}",
        f"check-offs doubled or lost of {cutter.cuts} whose connection was cut {where}",
        wrong,
        bar="0",
        holds=not wrong,
    )
    assert sorted(lines) == sorted(f"{day} {practice} {place}" for day, practice, place in places)


@pytest.mark.parametrize("verb", ["remove/", "restore/"])
def test_entry_remove_and_restore_again_after_a_cut_happen_once(
    cutter: Cutter, cookies: str, enrollment: Enrollment, verb: str
) -> None:
    entries = [make_entry(enrollment=enrollment, place=place) for place in range(1, 11)]

    for entry in entries:
        fields: dict[str, object] = {"enrollment": enrollment.public_id}
        post_twice(cutter, cookies, entry_url(TODAY, entry.client_id, verb), fields)
    cutter.wait()

    assert cutter.cuts == 10
    assert DailyEntry.objects.count() == 10
    assert DailyEntry.objects.placed().count() == (0 if verb == "remove/" else 10)


def test_reflection_save_again_after_a_cut_is_one_version(
    cutter: Cutter, cookies: str, enrollment: Enrollment
) -> None:
    statuses = []
    for version in range(10):
        fields: dict[str, object] = {"enrollment": enrollment.public_id, "version": version}
        fields["text"] = f"Words {version}"
        path = f"/days/{TODAY}/reflection/"
        statuses.append(post_twice(cutter, cookies, path, fields))
    cutter.wait()

    assert statuses == [302] * 10
    assert Reflection.objects.values_list("text", "version").get() == ("Words 9", 10)


def test_enrollment_create_again_after_a_cut_is_one_enrollment(
    cutter: Cutter, cookies: str, alice: User
) -> None:
    for _time in range(10):
        Enrollment.objects.all().delete()
        fields: dict[str, object] = {"statement": "Open a repair corner", "start": "today"}
        fields |= {"time_zone": "Europe/Stockholm", "day_end_hour": 0}

        status = post_twice(cutter, cookies, "/enrollments/new/", fields)
        cutter.wait()

        assert status == 302
        assert Enrollment.objects.count() == Goal.objects.count() == 1
