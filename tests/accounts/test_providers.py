"""Logging in with OpenID Connect, at a real provider in a process of its own."""

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import User
from breakthrough.development import ROOT
from tests.accounts.test_reauthentication import mailed_code
from tests.factories import PASSWORD
from tests.posting import Response, text_of

LOGIN = "/accounts/oidc/example/login/"
CALLBACK = f"http://localhost{LOGIN}callback/"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_provider(redirect_uri: str, at: datetime | None = None) -> Iterator[str]:
    """Its address, while it runs; it sends people back to that of ours alone. Where our clock
    stands still, its stands `at` the same instant."""
    port = free_port()
    command = [sys.executable, "-m", "tests.oidc_provider", str(port), "two-weeks", "hush"]
    with subprocess.Popen(
        [*command, redirect_uri, at.isoformat() if at else ""],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={},
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def as_app(url: str, *, trusts_email: bool = False) -> dict[str, Any]:
    """As the settings make it of OPENID_CONNECT."""
    return {
        "provider_id": "example",
        "name": "Example",
        "client_id": "two-weeks",
        "secret": "hush",
        "settings": {
            "server_url": url,
            "email_authentication": trusts_email,
            "oauth_pkce_enabled": True,
        },
    }


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with running_provider(CALLBACK) as url:
        yield url


@pytest.fixture
def trusts_email() -> bool:
    return False


@pytest.fixture(autouse=True)
def _set_up(provider: str, settings: Settings, trusts_email: bool) -> None:
    app = as_app(provider, trusts_email=trusts_email)
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}


def come_by_provider(client: Client, email: str, *, process: str = "login") -> Response:
    """All the way there and back, as a browser goes it."""
    there = client.post(f"{LOGIN}?process={process}", headers={"host": "localhost"})
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', text_of(there))
    assert found, text_of(there)
    browser = requests.Session()
    url = unescape(found[1])
    browser.get(f"{url.partition('/identity/')[0]}/enter/{email}/", timeout=10)
    back = browser.get(url, timeout=10, allow_redirects=False)
    assert back.status_code == 302, back.text
    came = urlsplit(back.headers["Location"])
    assert back.headers["Location"].startswith(CALLBACK)
    return client.get(f"{came.path}?{came.query}", headers={"host": "localhost"}, follow=True)


def who(client: Client) -> User | None:
    key = client.session.get("_auth_user_id")
    return User.objects.get(pk=key) if key else None


def test_login_page_offers_the_provider(client: Client, db: None) -> None:
    page = text_of(client.get("/accounts/login/?next=/map/"))

    assert "Log in with Example" in page
    assert "next=%2Fmap%2F" in page


def test_verified_address_makes_an_account(client: Client, db: None) -> None:
    come_by_provider(client, "nora@example.org")

    user = who(client)
    assert user
    assert (user.email, user.display_name) == ("nora@example.org", "Nora Lind")
    assert not user.has_usable_password()
    assert EmailAddress.objects.get(user=user).verified
    again = Client()
    come_by_provider(again, "nora@example.org")
    assert who(again) == user


def test_unverified_address_is_confirmed_by_our_code(client: Client, db: None) -> None:
    come_by_provider(client, "claims-nora@example.org")

    assert who(client) is None
    client.post("/accounts/confirm-email/", {"code": mailed_code()})
    user = who(client)
    assert user
    assert user.email == "claims-nora@example.org"


@pytest.mark.parametrize("mode", ["invitation", "closed"])
def test_sign_up_that_is_closed_is_closed_to_providers_too(
    client: Client, db: None, mode: str, settings: Settings
) -> None:
    settings.REGISTRATION = mode

    come_by_provider(client, "nora@example.org")

    assert who(client) is None
    assert not User.objects.exists()


def test_somebody_elses_address_opens_nothing(client: Client, alice: User) -> None:
    """Where the provider is not trusted for addresses, a verified one proves nothing to us."""
    come_by_provider(client, alice.email)

    assert who(client) is None
    assert not SocialAccount.objects.exists()
    assert mail.outbox[-1].to == [alice.email]
    assert "already" in mail.outbox[-1].subject


@pytest.mark.parametrize("trusts_email", [True])
def test_trusted_provider_leads_into_the_account_of_the_address(
    client: Client, alice: User
) -> None:
    come_by_provider(client, alice.email)

    assert who(client) == alice
    assert SocialAccount.objects.get().user == alice


@pytest.mark.parametrize("trusts_email", [True])
def test_address_that_a_trusted_provider_has_not_verified_opens_nothing(
    client: Client, alice: User
) -> None:
    User.objects.filter(pk=alice.pk).update(email="claims-alice@example.org")
    EmailAddress.objects.update(email="claims-alice@example.org")

    come_by_provider(client, "claims-alice@example.org")

    assert who(client) is None
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize("trusts_email", [True])
def test_password_of_who_claimed_the_address_first_is_worth_nothing_afterwards(
    client: Client, alice: User
) -> None:
    EmailAddress.objects.update(verified=False)  # a thief signed up with it, and waits

    come_by_provider(client, alice.email)
    client.post("/accounts/confirm-email/", {"code": mailed_code()})

    alice.refresh_from_db()
    assert who(client) == alice
    assert not alice.has_usable_password()


def test_connected_account_logs_in_and_is_disconnected(alice: User, provider: str) -> None:
    client = Client()
    client.force_login(alice)
    refused = client.post(f"{LOGIN}?process=connect", headers={"host": "localhost"})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = come_by_provider(client, "other@example.org", process="connect")

    assert refused.status_code in {200, 302}
    assert "Disconnect" in text_of(page)
    visitor = Client()
    come_by_provider(visitor, "other@example.org")
    assert who(visitor) == alice
    account = SocialAccount.objects.get()
    client.post("/accounts/3rdparty/", {"account": account.pk})
    assert not SocialAccount.objects.exists()
    assert who(visitor) is None


def test_provider_that_does_not_answer_is_said(
    client: Client, db: None, settings: Settings
) -> None:
    [app] = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
    app["settings"]["server_url"] = f"http://127.0.0.1:{free_port()}"

    page = client.post(LOGIN, headers={"host": "localhost"}, follow=True)

    assert "That provider does not answer just now." in text_of(page)


def test_answer_that_was_not_asked_for_opens_nothing(client: Client, db: None) -> None:
    page = client.get(f"{LOGIN}callback/?code=x&state=y")

    assert "The provider did not say who you are." in text_of(page)
    assert who(client) is None
    assert client.get("/accounts/oidc/nobody/login/").status_code == 404
