"""Asking changes nothing, and nothing changes without a token of our own page."""

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from program.models import Enrollment
from tests.addresses import ADDRESSES, fingerprint

# The program that reads a mail unsubscribes and declines by itself, without a page of ours
# (RFC 8058).
WITHOUT_A_TOKEN = {"/unsubscribe/key/", "/join/key/decline/", "/follow/key/stop/"}
# A visitor's form stands on a page that any cache may keep; tests/program/test_replies.py tells who
# is refused there.
WITHOUT_A_TOKEN |= {"/goal/a-page-that-was-not-made/replies/"}
# Pages for everybody, which take no post at all.
TAKES_NONE = {"/goal/a-page-that-was-not-made/", "/goal/a-page-that-was-not-made/picture.png"}
GUARDED = [address for address in ADDRESSES if address not in WITHOUT_A_TOKEN | TAKES_NONE]


@pytest.fixture(autouse=True)
def _one_factor(settings: Settings) -> None:
    # Who needs a second one is led to it before anything is looked at.
    settings.REQUIRE_SECOND_FACTOR = "nobody"


@pytest.mark.parametrize("address", ADDRESSES)
def test_safe_methods_change_nothing(
    address: str, alice_client: Client, enrollment: Enrollment
) -> None:
    before = fingerprint()

    for client in (alice_client, Client()):
        for method in ("GET", "HEAD", "OPTIONS"):
            client.generic(method, address)
            assert fingerprint() == before, method


@pytest.mark.parametrize("address", GUARDED)
def test_unsafe_methods_without_a_token_are_refused(
    address: str, alice: User, enrollment: Enrollment
) -> None:
    somebody = Client(enforce_csrf_checks=True)
    somebody.force_login(alice)
    before = fingerprint()

    for client in (somebody, Client(enforce_csrf_checks=True)):
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            assert client.generic(method, address).status_code == 403, method

    assert fingerprint() == before


@pytest.mark.parametrize("address", GUARDED)
@pytest.mark.parametrize("origin", ["https://evil.test", "null", "http://testserver.evil.test"])
def test_posts_of_another_site_are_refused_with_a_good_token(
    address: str, origin: str, alice: User, enrollment: Enrollment
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    client.get("/accounts/password/change/")
    token = client.cookies["csrf"].value

    response = client.post(
        address, {"csrfmiddlewaretoken": token}, headers={"origin": origin, "x-csrftoken": token}
    )

    assert response.status_code == 403


def test_every_exception_is_an_address_of_ours(db: None) -> None:
    assert set(ADDRESSES) >= WITHOUT_A_TOKEN | TAKES_NONE
    assert {Client().post(address).status_code for address in TAKES_NONE} == {405}


def test_post_of_our_own_page_is_taken(alice: User, enrollment: Enrollment) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    client.get("/accounts/password/change/")
    token = client.cookies["csrf"].value

    response = client.post("/accounts/logout/", headers={"x-csrftoken": token})

    assert response.status_code == 302
