"""After a form we go back to a page of ours, whatever `next` or the page behind is said to be."""

import re
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from program.models import Enrollment
from tests.factories import PASSWORD
from tests.posting import Response

HOSTILE = [
    *("https://evil.test", "http://evil.test/today/", "HTTPS://EVIL.TEST", "//evil.test"),
    *("///evil.test", "////evil.test", "//evil.test/today/", "//evil.test:80", "https:evil.test"),
    *("https:/evil.test", "https:///evil.test", "http:evil.test", "https:\\\\evil.test"),
    *("/\\evil.test", "\\/evil.test", "\\\\evil.test", "/\\/evil.test", "\\evil.test"),
    *("/\t/evil.test", "/\n/evil.test", "/\r\n/evil.test", "\t//evil.test", " //evil.test"),
    *("\x00//evil.test", "\x01https://evil.test", "/\x00/evil.test", "ht\ntps://evil.test"),
    *("javascript:alert(1)", "JavaScript:alert(1)", "java\tscript:alert(1)", " javascript:x"),
    *("data:text/html,x", "vbscript:x", "file:///etc/passwd", "ftp://evil.test", "blob:x"),
    *("https://testserver@evil.test", "https://testserver:80@evil.test", "//a@evil.test"),
    *("https://testserver.evil.test", "https://evil.test/testserver"),
    *("https://evil.test#testserver", "https://evil.test?testserver"),
    *("https://evil.test\\@testserver", "https://evil.test%00.x", "https://testserver\\@evil.test"),
    *("http://[::1]", "http://[evil.test", "//[", "http://2130706433", "https://xn--evl-xyz.test"),
    *("https://\u0435vil.test", "//evil\u3002test", "\uff0f\uff0fevil.test"),
    *("\u2044\u2044evil.test", "mailto:x@evil.test", "//evil.test\\@testserver/"),
    *("/today/\r\nLocation: https://evil.test", "/today/\r\nSet-Cookie: session=x"),
    *("https://testserver", "http://testserver:8000/", "//testserver", "..//evil.test"),
    *("./\\evil.test", "/.//evil.test", "/%09/evil.test", "/%2F/evil.test", "//%65vil.test"),
    *("http://localhost:8000.evil.test", "?next=//evil.test", "#//evil.test"),
]

Endpoint = Callable[[Client, str], Response]


def login(client: Client, path: str) -> Response:
    fields = {"login": "alice@example.org", "password": PASSWORD, "next": path}
    return client.post("/accounts/login/", fields)


def login_when_logged_in(client: Client, path: str) -> Response:
    client.force_login(User.objects.get(email="alice@example.org"))
    return client.get("/accounts/login/", {"next": path})


def login_by_code(client: Client, path: str) -> Response:
    client.post("/accounts/login/code/", {"email": "alice@example.org", "next": path})
    code = re.search(r"\b\d{6}\b", str(mail.outbox[-1].body))
    assert code
    return client.post("/accounts/login/code/confirm/", {"code": code[0], "next": path})


def request_code(client: Client, path: str) -> Response:
    return client.post("/accounts/login/code/", {"email": "alice@example.org", "next": path})


def signup(client: Client, path: str) -> Response:
    mail.outbox.clear()
    fields = {"display_name": "Nina", "email": "nina@example.org", "password1": PASSWORD}
    client.post("/accounts/signup/", {**fields, "next": path})
    code = re.search(r"\b\d{6}\b", str(mail.outbox[-1].body))
    assert code
    response = client.post("/accounts/confirm-email/", {"code": code[0], "next": path})
    User.objects.get(email="nina@example.org").delete()
    return response


def signup_when_logged_in(client: Client, path: str) -> Response:
    client.force_login(User.objects.get(email="alice@example.org"))
    return client.get("/accounts/signup/", {"next": path})


def logout(client: Client, path: str) -> Response:
    client.force_login(User.objects.get(email="alice@example.org"))
    return client.post("/accounts/logout/", {"next": path})


def logout_when_logged_out(client: Client, path: str) -> Response:
    return client.get("/accounts/logout/", {"next": path})


def reauthenticate(client: Client, path: str) -> Response:
    client.force_login(User.objects.get(email="alice@example.org"))
    return client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": path})


def change_password(client: Client, path: str) -> Response:
    client.force_login(User.objects.get(email="alice@example.org"))
    fields = {"oldpassword": PASSWORD, "password1": PASSWORD, "password2": PASSWORD}
    return client.post("/accounts/password/change/", {**fields, "next": path})


def post_from_a_page(client: Client, path: str) -> Response:
    return client.post("/enrollments/start/", headers={"referer": path})


def htmx_post_from_a_page(client: Client, path: str) -> Response:
    headers = {"hx-request": "true", "hx-current-url": path}
    return client.post("/enrollments/start/", headers=headers)


def login_from_htmx(client: Client, path: str) -> Response:
    fields = {"login": "alice@example.org", "password": PASSWORD, "next": path}
    return client.post("/accounts/login/", fields, headers={"hx-request": "true"})


ENDPOINTS: list[Endpoint] = [
    login,
    login_when_logged_in,
    login_from_htmx,
    signup_when_logged_in,
    logout,
    logout_when_logged_out,
    post_from_a_page,
    htmx_post_from_a_page,
]
# Mail and passwords take their time: every fourth address for these.
SLOW: list[Endpoint] = [login_by_code, request_code, signup, reauthenticate, change_password]


@pytest.fixture
def _no_limits(settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = False


@pytest.mark.usefixtures("_no_limits")
@pytest.mark.parametrize("endpoint", [*ENDPOINTS, *SLOW])
def test_redirects_stay_here_for_every_hostile_address(
    endpoint: Endpoint, enrollment: Enrollment
) -> None:
    for path in HOSTILE[:: 4 if endpoint in SLOW else 1]:
        response = endpoint(Client(), path)

        assert response.status_code in {200, 204, 302, 401}, path
        assert [place for place in places(response) if leaves(place)] == [], path


@pytest.mark.usefixtures("_no_limits")
@pytest.mark.parametrize("endpoint", [login, login_when_logged_in, login_by_code, logout])
def test_redirects_follow_a_path_of_ours(endpoint: Endpoint, enrollment: Enrollment) -> None:
    response = endpoint(Client(), "/goals/?a=b")

    assert response["Location"] == "/goals/?a=b"


def places(response: Response) -> Iterator[str]:
    """Where this answer sends, and where the forms behind it will send."""
    for name in ("Location", "HX-Redirect"):
        place = response.headers.get(name)
        if place is not None:
            yield place
        if place and place.startswith("/"):
            yield from parse_qs(urlsplit(place).query).get("next", [])
    for place in re.findall(r'href="([^"]*next=[^"]*)"', response.content.decode()):
        yield from parse_qs(urlsplit(place).query).get("next", [])


def leaves(place: str) -> bool:
    """As a browser reads it: control characters fall out and \\ is a /."""
    read = re.sub(r"[\t\r\n]", "", place.strip("".join(map(chr, range(33))))).replace("\\", "/")
    try:
        target = urlsplit(urljoin("http://testserver/accounts/login/", read))
    except ValueError:
        return True
    return (target.scheme, target.netloc) != ("http", "testserver")


@pytest.mark.parametrize(
    "place", ["//a.test", "/\\a.test", "/\t/a.test", "javascript:x", "http:/\\a.test"]
)
def test_places_off_site_are_seen(place: str) -> None:
    assert leaves(place)
