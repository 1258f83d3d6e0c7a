"""Second factors: an app's codes, recovery codes, and secrets that a copy of the database hides."""

import re
import time
from io import StringIO
from urllib.parse import quote

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from cryptography.fernet import Fernet
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django.fixtures import Settings

from accounts import factors
from accounts.models import User
from tests.accounts.test_sessions import is_logged_in, log_in, session_id, with_session
from tests.addresses import rows
from tests.factories import PASSWORD
from tests.posting import Response, text_of

ADD_APP, STEP_TWO = "/accounts/2fa/totp/activate/", "/accounts/2fa/authenticate/"
CODES = "/accounts/2fa/recovery-codes/"
NOT_IT = "That is not it, or its time is up."


def confirm(client: Client) -> None:
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})


def code_of(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def set_up_app(client: Client) -> str:
    """Returns the secret; who is logged in has just confirmed who they are."""
    found = re.search(r"<code>([A-Z2-7]{32})</code>", text_of(client.get(ADD_APP)))
    assert found
    client.post(ADD_APP, {"code": code_of(found[1])})
    return found[1]


def start_login(client: Client, user: User) -> Response:
    return client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})


@pytest.fixture
def secret(alice: User, alice_client: Client, noon: time_machine.Traveller) -> str:
    """Alice's app is set up, half a minute ago."""
    confirm(alice_client)
    secret = set_up_app(alice_client)
    noon.shift(30)
    return secret


def test_setting_up_an_app_asks_once_more_who_it_is(alice_client: Client) -> None:
    response = alice_client.get(ADD_APP)

    assert response["Location"] == f"/accounts/reauthenticate/?next={quote(ADD_APP, safe='')}"


def test_app_that_is_set_up_shows_recovery_codes_and_tells_by_mail(
    alice: User, alice_client: Client, transactional_db: None
) -> None:
    confirm(alice_client)
    shown = re.search(r"<code>([A-Z2-7]{32})</code>", text_of(alice_client.get(ADD_APP)))
    assert shown

    page = alice_client.post(ADD_APP, {"code": code_of(shown[1])}, follow=True)

    assert page.redirect_chain == [(CODES, 302)]
    assert len(re.findall(r"^.*?\b\d{8}\b", text_of(page), re.MULTILINE)) == 10
    assert "The app is on." in text_of(page)
    assert mail.outbox[-1].subject == "An authenticator app was set up"
    assert factors.is_protected(alice)


def test_wrong_code_leaves_the_same_secret_to_try_again(alice: User, alice_client: Client) -> None:
    confirm(alice_client)
    first = text_of(alice_client.get(ADD_APP))

    again = text_of(alice_client.post(ADD_APP, {"code": "000000"}))

    assert NOT_IT in again
    secret = re.search(r"<code>(\w{32})</code>", first)
    assert secret
    assert secret[0] in again
    assert not factors.is_protected(alice)


def test_login_asks_for_the_code_and_takes_it_once(
    alice: User, secret: str, noon: time_machine.Traveller
) -> None:
    first, second = Client(), Client()

    assert start_login(first, alice)["Location"] == STEP_TWO
    assert not is_logged_in(first)
    first.post(STEP_TWO, {"code": code_of(secret)})
    assert is_logged_in(first)

    start_login(second, alice)
    replayed = second.post(STEP_TWO, {"code": code_of(secret)})
    assert NOT_IT in text_of(replayed)
    assert not is_logged_in(second)
    noon.shift(30)
    second.post(STEP_TWO, {"code": code_of(secret)})
    assert is_logged_in(second)


def test_code_that_set_the_app_up_is_used_up_by_that(alice: User, alice_client: Client) -> None:
    confirm(alice_client)
    secret, client = set_up_app(alice_client), Client()
    start_login(client, alice)

    replayed = client.post(STEP_TWO, {"code": code_of(secret)})

    assert factors.is_protected(alice)
    assert NOT_IT in text_of(replayed)
    assert not is_logged_in(client)


def test_recovery_code_lets_in_once(alice: User, secret: str) -> None:
    code = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()[3]
    first, second = Client(), Client()
    start_login(first, alice)
    start_login(second, alice)

    first.post(STEP_TWO, {"code": code})
    again = second.post(STEP_TWO, {"code": code})

    assert is_logged_in(first)
    assert NOT_IT in text_of(again)
    assert not is_logged_in(second)
    assert code not in Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()


def test_wrong_codes_are_limited(alice: User, secret: str) -> None:
    client = Client()
    start_login(client, alice)

    pages = [text_of(client.post(STEP_TWO, {"code": "000000"})) for _ in range(12)]

    assert NOT_IT in pages[0]
    assert "That was a lot of tries." in pages[-1]
    client.post(STEP_TWO, {"code": code_of(secret)})
    assert not is_logged_in(client)


@pytest.mark.parametrize("way", ["code", "reset"])
def test_mail_alone_does_not_get_past_the_second_step(alice: User, secret: str, way: str) -> None:
    client = Client()
    page = {"code": "/accounts/login/code/", "reset": "/accounts/password/reset/"}[way]
    client.post(page, {"email": alice.email})
    code = re.search(r"^\s*(\d{6})\s*$", str(mail.outbox[-1].body), re.MULTILINE)
    assert code
    client.post(f"{page}confirm/", {"code": code[1]})
    if way == "reset":
        new = "another four plain words"
        client.post(f"{page}complete/", {"password1": new, "password2": new})
        client.post("/accounts/login/", {"login": alice.email, "password": new})

    for path in ("/today/", "/accounts/password/change/", "/accounts/2fa/"):
        assert client.get(path).status_code == 302
    assert "One step more" in text_of(client.get(STEP_TWO))


def test_codes_to_confirm_with_give_a_new_session_id(alice: User, secret: str) -> None:
    client = Client()
    start_login(client, alice)
    code = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()[0]
    client.post(STEP_TWO, {"code": code})
    before = session_id(client)

    client.post("/accounts/2fa/reauthenticate/", {"code": code_of(secret)})

    assert is_logged_in(client)
    assert not is_logged_in(with_session(before))
    assert client.get(CODES).status_code == 200


def test_factor_that_is_added_or_removed_ends_the_other_sessions(
    alice: User, alice_client: Client, noon: time_machine.Traveller, transactional_db: None
) -> None:
    there = Client()
    log_in(there, alice)
    confirm(alice_client)

    secret = set_up_app(alice_client)

    assert is_logged_in(alice_client)
    assert not is_logged_in(there)
    noon.shift(30)
    start_login(there, alice)
    there.post(STEP_TWO, {"code": code_of(secret)})
    assert is_logged_in(there)
    confirm(alice_client)
    alice_client.post("/accounts/2fa/totp/deactivate/")
    assert is_logged_in(alice_client)
    assert not is_logged_in(there)
    assert not Authenticator.objects.exists()


def test_secrets_cannot_be_read_from_the_database(alice: User, alice_client: Client) -> None:
    confirm(alice_client)
    found = re.search(r"<code>([A-Z2-7]{32})</code>", text_of(alice_client.get(ADD_APP)))
    assert found
    secret = found[1]
    waiting = [session.get_decoded() for session in Session.objects.all()]
    alice_client.post(ADD_APP, {"code": code_of(secret)})
    recovery = Authenticator.objects.get(type="recovery_codes")
    seed = factors.FactorAdapter().decrypt(recovery.data["seed"])
    codes = recovery.wrap().get_unused_codes()

    stored = rows() + str([session.get_decoded() for session in Session.objects.all()])

    assert any("mfa.totp.secret" in session for session in waiting)
    assert secret not in str(waiting)
    assert [each for each in (secret, seed, *codes) if each in stored] == []
    assert len(codes) == 10


def test_rotate_mfa_keys_leaves_nothing_to_the_old_key(
    alice: User, secret: str, settings: Settings
) -> None:
    old, new = settings.MFA_KEYS[0], Fernet.generate_key().decode()
    settings.MFA_KEYS = [new, old]
    said = StringIO()

    call_command("rotate_mfa_keys", stdout=said)

    assert "Encrypted with the first key: 2." in said.getvalue()
    settings.MFA_KEYS = [new]
    client = Client()
    start_login(client, alice)
    client.post(STEP_TWO, {"code": code_of(secret)})
    assert is_logged_in(client)


def test_rotate_mfa_keys_says_what_no_key_opens(secret: str, settings: Settings) -> None:
    settings.MFA_KEYS = [Fernet.generate_key().decode()]

    with pytest.raises(CommandError, match="No key of MFA_KEYS opens 2"):
        call_command("rotate_mfa_keys", stdout=StringIO())


def test_recovery_codes_are_downloaded_by_their_owner_who_just_confirmed(
    alice: User, secret: str, alice_client: Client, noon: time_machine.Traveller
) -> None:
    confirm(alice_client)
    answer = alice_client.get(f"{CODES}download/")
    noon.shift(600)
    later = alice_client.get(f"{CODES}download/")

    assert answer["Content-Disposition"] == 'attachment; filename="recovery-codes.txt"'
    assert "no-store" in answer["Cache-Control"]
    assert len(re.findall(r"^\d{8}$", text_of(answer), re.MULTILINE)) == 10
    assert later.status_code == 302


CREDENTIALS = [
    "",
    "x",
    "[]",
    "1",
    '"a"',
    "{}",
    '{"id": 1}',
    '{"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {}}',
    '{"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {"userHandle": "MQ",'
    ' "clientDataJSON": "AAAA", "authenticatorData": "AAAA", "signature": "AAAA"}}',
    '{"response": {"userHandle": 5}}',
    '{"id": "\\u0000"}',
    '{"a": "' + "x" * 30_000 + '"}',
    "[" * 5000,
]


@pytest.mark.parametrize("credential", CREDENTIALS)
def test_what_is_no_passkey_opens_nothing(
    credential: str, alice: User, alice_client: Client
) -> None:
    visitor, halfway = Client(), Client()
    confirm(alice_client)
    alice_client.get("/accounts/2fa/webauthn/add/")
    visitor.get("/accounts/2fa/webauthn/login/", headers={"accept": "application/json"})

    added = alice_client.post(
        "/accounts/2fa/webauthn/add/", {"name": "x", "credential": credential}
    )
    came_in = visitor.post("/accounts/2fa/webauthn/login/", {"credential": credential})

    assert added.status_code == 200
    assert came_in["Location"] == "/accounts/login/"
    assert not is_logged_in(visitor)
    assert not Authenticator.objects.exists()
    set_up_app(alice_client)
    start_login(halfway, alice)
    assert halfway.post(STEP_TWO, {"credential": credential}).status_code == 200
    assert not is_logged_in(halfway)


def test_options_of_a_passkey_name_our_host_and_nobodys_account(client: Client, db: None) -> None:
    answer = client.get("/accounts/2fa/webauthn/login/", headers={"accept": "application/json"})

    options = answer.json()["request_options"]["publicKey"]
    assert options["rpId"] == "localhost"
    assert options["userVerification"] == "required"
    assert not options.get("allowCredentials")
