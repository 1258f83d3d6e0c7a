"""What is kept of the ways into an account, and of what is changed there."""

import re
from datetime import timedelta
from pathlib import Path

import allauth
import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP
from django.core import mail
from django.test import Client

from accounts.access import NOTICES
from accounts.models import AccessEvent, User
from tests.factories import NOON, PASSWORD

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def kinds(user: User) -> list[str]:
    return [event.kind for event in AccessEvent.objects.owned_by(user).order_by("pk")]


def log_in(client: Client, user: User, password: str = PASSWORD) -> None:
    client.post("/accounts/login/", {"login": user.email, "password": password})


def test_login_is_kept_with_the_device_and_the_address(
    alice: User, noon: time_machine.Traveller
) -> None:
    client = Client(headers={"user-agent": FIREFOX}, REMOTE_ADDR="198.51.100.7")

    log_in(client, alice)

    event = AccessEvent.objects.get()
    assert (event.user, event.kind, event.at) == (alice, "login_password", NOON)
    assert (event.device, event.ip) == ("Firefox on Linux", "198.51.100.7")


def test_login_by_code_and_logout_are_kept(alice: User) -> None:
    client = Client()
    client.post("/accounts/login/code/", {"email": alice.email})
    code = re.search(r"\b\d{6}\b", str(mail.outbox[-1].body))
    assert code

    client.post("/accounts/login/code/confirm/", {"code": code[0]})
    client.post("/accounts/logout/")

    assert kinds(alice) == ["login_code", "logout"]


def test_signup_is_kept(db: None) -> None:
    client = Client()
    fields = {"display_name": "Nina", "email": "nina@example.org", "password1": PASSWORD}
    client.post("/accounts/signup/", fields)
    code = re.search(r"\b\d{6}\b", str(mail.outbox[-1].body))
    assert code

    client.post("/accounts/confirm-email/", {"code": code[0]})

    assert kinds(User.objects.get()) == ["joined"]


def test_password_change_is_kept(alice: User) -> None:
    client = Client()
    log_in(client, alice)
    new = "another four plain words"

    client.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": new, "password2": new},
    )

    assert kinds(alice) == ["login_password", "password_changed"]


def test_ending_the_other_sessions_is_kept(alice: User) -> None:
    client = Client()
    log_in(client, alice)

    client.post("/accounts/sessions/end/")

    assert kinds(alice) == ["login_password", "sessions_ended"]


def test_password_reset_is_kept(alice: User) -> None:
    client = Client()
    client.post("/accounts/password/reset/", {"email": alice.email})
    code = re.search(r"\b\d{6}\b", str(mail.outbox[-1].body))
    assert code
    client.post("/accounts/password/reset/confirm/", {"code": code[0]})
    new = "another four plain words"

    client.post("/accounts/password/reset/complete/", {"password1": new, "password2": new})

    assert kinds(alice)[0] == "password_reset"


def test_wrong_passwords_are_kept_once_an_hour_and_place(
    alice: User, bob: User, noon: time_machine.Traveller
) -> None:
    here, there = Client(REMOTE_ADDR="198.51.100.7"), Client(REMOTE_ADDR="203.0.113.9")

    for client in (here, here, there):
        log_in(client, alice, "not the one")
    noon.move_to(NOON + timedelta(minutes=61))
    log_in(here, alice, "not the one")

    assert kinds(alice) == ["login_failed"] * 3
    assert kinds(bob) == []


@pytest.mark.parametrize(
    ("page", "typed"),
    [
        ("/accounts/login/code/", "/accounts/login/code/confirm/"),
        ("/accounts/password/reset/", "/accounts/password/reset/confirm/"),
    ],
)
def test_wrong_codes_are_kept_for_whose_account_it_is(
    page: str, typed: str, alice: User, bob: User
) -> None:
    client = Client()
    client.post(page, {"email": alice.email})
    for _twice in range(2):
        client.post(typed, {"code": "no code"})
    nobody = Client()
    nobody.post(page, {"email": "nobody@example.org"})
    nobody.post(typed, {"code": "no code"})

    assert kinds(alice) == ["code_failed"]
    assert AccessEvent.objects.count() == 1


def test_wrong_code_of_an_app_is_kept(alice: User) -> None:
    TOTP.activate(alice, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    client = Client()
    log_in(client, alice)

    client.post("/accounts/2fa/authenticate/", {"code": "no code"})

    assert kinds(alice) == ["code_failed"]


def test_wrong_code_to_confirm_with_is_kept(alice: User) -> None:
    alice.set_unusable_password()
    alice.save()
    client = Client()
    client.force_login(alice)
    client.post("/accounts/reauthenticate/code/")

    client.post("/accounts/reauthenticate/code/", {"code": "no code"})

    assert kinds(alice) == ["code_failed"]


def test_wrong_password_of_nobody_is_kept_nowhere(db: None) -> None:
    Client().post("/accounts/login/", {"login": "nobody@example.org", "password": "not the one"})

    assert not AccessEvent.objects.exists()


def test_notices_are_of_mails_that_allauth_sends() -> None:
    library = Path(allauth.__path__[0])
    sources = " ".join(
        path.read_text() for path in library.rglob("*.py") if "tests" not in path.parts
    )
    sent = set(re.findall(r"send_notification_mail\(\s*\"([\w/]+)\"", sources))

    assert sent - NOTICES.keys() == {"account/email/email_deleted"}
