"""What every response tells the browser, whoever answers it and with whatever status."""

import pytest
from django.db import OperationalError
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import User
from program.models import Enrollment
from tests.addresses import ADDRESSES
from tests.posting import Response, post_entry

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; manifest-src 'self'; worker-src 'self'; "
        "base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

FOR_MACHINES = ("/health/", "/sw.js", "/manifest.webmanifest", "/offline/account/")
# The same whoever asks, who is not looked at: tests/test_shared_cache.py.
FOR_EVERYBODY = ("/goal/", "/sw.js", "/manifest.webmanifest")


def assert_headers(response: Response, *besides: str) -> None:
    wanted = {name: value for name, value in HEADERS.items() if name not in besides}
    assert {name: response.headers.get(name) for name in wanted} == wanted


@pytest.fixture
def quiet_client(alice: User, enrollment: Enrollment, alice_client: Client) -> Client:
    alice_client.raise_request_exception = False
    return alice_client


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_address_answers_every_method_with_all_headers(
    address: str, quiet_client: Client
) -> None:
    # Where a link is a secret, stricter words about it, which the tests of joining hold.
    is_secret = address.startswith(("/join/", "/coach/"))
    besides = ["Referrer-Policy"] if is_secret else []
    if address.startswith(FOR_MACHINES) or address.endswith(".png"):
        # No page: it may load nothing at all, or only what a worker asks for.
        besides += ["Content-Security-Policy", "Permissions-Policy"]
    session = quiet_client.cookies["session"].value
    for method in METHODS:
        response = Client().generic(method, address)
        assert_headers(response, *besides)
        if response.cookies:
            assert "no-store" in response["Cache-Control"]

        quiet_client.cookies["session"] = session
        response = quiet_client.generic(method, address)
        assert_headers(response, *besides)
        if not address.startswith(FOR_EVERYBODY):
            assert "no-store" in response["Cache-Control"]
            assert "private" in response["Cache-Control"]


def test_answer_400_to_another_host_has_all_headers(quiet_client: Client) -> None:
    assert_answer(quiet_client.get("/today/", headers={"host": "evil.test"}), 400)


def test_answer_403_to_a_post_without_token_has_all_headers(quiet_client: Client) -> None:
    quiet_client.handler.enforce_csrf_checks = True

    assert_answer(quiet_client.post("/enrollments/start/"), 403)


def test_answer_404_has_all_headers(quiet_client: Client) -> None:
    assert_answer(quiet_client.get("/nothing-here/"), 404)


def test_answer_405_has_all_headers(quiet_client: Client) -> None:
    assert_answer(quiet_client.delete("/today/"), 405)


def test_answer_413_has_all_headers(quiet_client: Client) -> None:
    assert_answer(quiet_client.post("/enrollments/start/", {"why": "x" * 1_100_000}), 413)


def test_answer_429_has_all_headers_and_says_when_to_come_back(
    db: None, settings: Settings
) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"signup": "1/m/ip"}
    Client().post("/accounts/signup/")

    response = Client().post("/accounts/signup/")

    assert response.status_code == 429
    assert_headers(response)
    assert response["Retry-After"] == "300"
    assert "That was a lot of tries" in response.content.decode()


def test_answer_429_to_htmx_is_a_toast(db: None, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"signup": "1/m/ip"}
    Client().post("/accounts/signup/")

    response = Client().post("/accounts/signup/", headers={"hx-request": "true"})

    assert response.status_code == 429
    # A part of a page loads nothing by itself.
    assert_headers(response, "Content-Security-Policy", "Permissions-Policy")
    assert b"<html" not in response.content


@pytest.mark.parametrize(("error", "status"), [(ValueError, 500), (OperationalError, 503)])
def test_answer_to_a_failure_has_all_headers(
    error: type[Exception], status: int, quiet_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object) -> None:
        raise error

    monkeypatch.setattr("program.views.days.get_object_or_404", fail, raising=False)
    monkeypatch.setattr("program.views.days.render_day", fail)

    response = quiet_client.get("/today/")

    assert_answer(response, status)
    assert ("Retry-After" in response.headers) == (status == 503)


def test_answer_that_sends_to_https_has_all_headers(db: None, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_SSL_HOST = "two-weeks.test"

    response = Client().get("/today/?a=b")

    assert_headers(response)
    assert response.status_code == 301
    assert response["Location"] == "https://two-weeks.test/today/?a=b"


def test_answer_over_https_asks_to_stay_there(db: None, settings: Settings) -> None:
    settings.SECURE_HSTS_SECONDS = 31_536_000

    response = Client().get("/", secure=True)

    assert response["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.parametrize("name", ["css/app.css", "js/app.js", "img/icon.svg"])
def test_static_files_have_all_headers_and_may_be_kept(name: str, quiet_client: Client) -> None:
    response = quiet_client.get(f"/static/{name}")
    response.close()

    assert response.status_code == 200
    # A policy for what a page may use says nothing on a file that is no page.
    assert_headers(response, "Permissions-Policy", "Content-Security-Policy")
    assert response["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert "no-store" not in response["Cache-Control"]


def assert_answer(response: Response, status: int) -> None:
    assert response.status_code == status
    assert_headers(response)
    assert "no-store" in response["Cache-Control"]


def test_part_of_a_page_may_load_nothing_and_its_headers_are_few(
    alice_client: Client, enrollment: Enrollment
) -> None:
    response = post_entry(alice_client, enrollment, htmx=True, done="1")

    assert response.status_code == 200
    assert_headers(response, "Permissions-Policy", "Content-Security-Policy")
    assert response["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert sum(len(f"{name}: {value}\r\n") for name, value in response.items()) < 600
