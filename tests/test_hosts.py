"""Headers that a client makes up: they change no link, no limit, and nothing is mailed for them."""

import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from tests.factories import PASSWORD

HOSTS = [
    "evil.test",
    "evil.test:80",
    "testserver.evil.test",
    "testserver@evil.test",
    "evil.test#testserver",
    "evil.test/testserver",
    "testserver:80@evil.test",
    "testserver evil.test",
    "testserver,evil.test",
    "",
    "*",
    ".testserver",
    "testserver:port",
    "testserver\\evil.test",
    "[::1]",
    "127.0.0.1",
    "xn--tstserver",
]
MAILING = [
    ("/accounts/signup/", {"email": "alice@example.org"}),
    ("/accounts/signup/", {"email": "nina@example.org"}),
    ("/accounts/password/reset/", {"email": "alice@example.org"}),
    ("/accounts/password/reset/", {"email": "nobody@example.org"}),
    ("/accounts/login/code/", {"email": "alice@example.org"}),
    ("/accounts/login/code/", {"email": "nobody@example.org"}),
]
MADE_UP = {
    "X-Forwarded-Host": "evil.test",
    "X-Forwarded-Server": "evil.test",
    "X-Host": "evil.test",
    "X-Original-URL": "https://evil.test/",
    "Forwarded": "for=6.6.6.6;host=evil.test;proto=https",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Port": "6666",
    "Referer": "https://evil.test/",
}


@pytest.mark.parametrize("host", HOSTS)
def test_another_host_is_a_bad_request_and_mails_nobody(host: str, alice: User) -> None:
    for path, fields in MAILING:
        response = Client(HTTP_HOST=host).post(path, _filled(fields))

        assert response.status_code == 400

    assert mail.outbox == []


@pytest.mark.parametrize("count", [0, 1, 2])
@pytest.mark.parametrize(("path", "fields"), MAILING)
def test_made_up_headers_change_no_link(
    path: str, fields: dict[str, str], count: int, alice: User, settings: Settings
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = count
    settings.SITE_URL = "https://two-weeks.test"
    made_up = MADE_UP | {"Host": "testserver:6666", "X-Forwarded-For": "6.6.6.6, 7.7.7.7"}

    response = Client().post(path, _filled(fields), headers=made_up)

    assert response.status_code == 302
    assert response["Location"].startswith("/")
    (sent,) = mail.outbox
    text = f"{sent.subject}\n{sent.body}\n{sent.from_email}\n{sent.extra_headers}"
    assert "https://two-weeks.test" in text
    assert not any(word in text for word in ("evil", "6666", "testserver"))


# --- Where a request comes from ------------------------------------------------------------------


def _chain(count: int, fake: str, real: str) -> dict[str, str]:
    """What arrives when a client sends `fake` from `real` through that many honest proxies."""
    added = [real, "10.0.0.1"][:count]
    return {
        "X-Forwarded-For": ", ".join([fake, *added]),
        "X-Real-IP": fake,
        "X-Client-IP": fake,
        "True-Client-IP": fake,
        "CF-Connecting-IP": fake,
        "Forwarded": f"for={fake}",
    }


def _evaluated(count: int, chains: list[dict[str, str]], address: str) -> int:
    """How many wrong passwords were looked at, each for another account, so that one limit
    counts: ten a minute from one address.
    """
    evaluated = 0
    for number, headers in enumerate(chains):
        fields = {"login": f"{number}@example.org", "password": PASSWORD}
        response = Client(REMOTE_ADDR=address).post("/accounts/login/", fields, headers=headers)
        evaluated += b"do not belong together" in response.content
    return evaluated


@pytest.mark.parametrize("count", [0, 1, 2])
def test_made_up_addresses_do_not_raise_the_limit(count: int, db: None, settings: Settings) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = count
    chains = [_chain(count, f"6.6.6.{number}", "9.9.9.9") for number in range(14)]

    assert _evaluated(count, chains, "9.9.9.9") == 10


@pytest.mark.parametrize("count", [1, 2])
def test_people_behind_a_proxy_have_a_limit_each(count: int, db: None, settings: Settings) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = count
    chains = [_chain(count, "6.6.6.6", f"9.9.9.{number}") for number in range(14)]

    assert _evaluated(count, chains, "10.0.0.1") == 14


@pytest.mark.parametrize(("path", "fields"), [*MAILING, ("/accounts/login/", {"login": "a@b.org"})])
def test_fewer_proxies_than_trusted_are_a_bad_request(
    path: str, fields: dict[str, str], db: None, settings: Settings
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2

    response = Client().post(path, _filled(fields), headers={"x-forwarded-for": "6.6.6.6"})

    assert response.status_code == 400
    assert mail.outbox == []


@pytest.mark.parametrize("address", ["unknown", "1.2.3", "<script>", "6.6.6.6.6", "\x7f"])
def test_address_that_is_none_is_refused_without_an_error(
    address: str, db: None, settings: Settings
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    response = Client().post(
        "/accounts/login/",
        {"login": "a@example.org", "password": PASSWORD},
        headers={"x-forwarded-for": f"6.6.6.6,{address}"},
    )

    assert response.status_code in {400, 403}


def _filled(fields: dict[str, str]) -> dict[str, str]:
    return {"display_name": "Nina", "password1": PASSWORD, "password": PASSWORD, **fields}
