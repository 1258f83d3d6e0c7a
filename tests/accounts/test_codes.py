"""The pages where a mailed code is typed: too many wrong ones, and a new one asked for."""

import pytest
import time_machine
from django.core import mail
from django.test import Client

from accounts.models import User
from tests.accounts.test_signup import CONFIRM, LOG_IN, is_logged_in, mailed_code, sign_up
from tests.factories import PASSWORD
from tests.posting import Response, text_of

LOGIN_CODE, RESET = "/accounts/login/code/", "/accounts/password/reset/"
TOO_SOON = "A code was sent a moment ago. Give it a minute"
ON_ITS_WAY = "A new code is on its way to"


@pytest.fixture
def visitor(db: None, noon: time_machine.Traveller) -> Client:
    return Client()


def resend(client: Client, page: str) -> Response:
    return client.post(page, {"action": "resend"}, follow=True)


def third_wrong_code(client: Client, page: str) -> Response:
    wrong = f"{(int(mailed_code()) + 1) % 1_000_000:06}"
    for _ in range(2):
        client.post(page, {"code": wrong})
    return client.post(page, {"code": wrong}, follow=True)


def test_third_wrong_code_of_a_signup_says_how_to_get_a_new_one(
    visitor: Client, noon: time_machine.Traveller
) -> None:
    sign_up(visitor)

    page = text_of(third_wrong_code(visitor, CONFIRM))

    assert "Three wrong codes, so that one no longer works. Log in with your password" in page
    assert "five minutes" not in page
    noon.shift(60)
    visitor.post(LOG_IN, {"login": "nora@example.org", "password": PASSWORD})
    visitor.post(CONFIRM, {"code": mailed_code()})
    assert is_logged_in(visitor)


def test_third_wrong_code_of_a_login_comes_back_to_ask_for_one(
    visitor: Client, alice: User
) -> None:
    visitor.post(LOGIN_CODE, {"email": alice.email})

    response = third_wrong_code(visitor, f"{LOGIN_CODE}confirm/")

    assert response.redirect_chain[-1][0] == LOGIN_CODE
    assert "so that one no longer works. Ask for a new one here." in text_of(response)


def test_third_wrong_code_of_a_password_reset_leads_to_the_link(
    visitor: Client, alice: User
) -> None:
    visitor.post(RESET, {"email": alice.email})

    page = text_of(third_wrong_code(visitor, f"{RESET}confirm/"))

    assert "Get a new one by “Forgot your password?”." in page
    assert f'href="{RESET}"' in page


def test_third_wrong_code_of_a_new_address_says_how_to_get_one(
    alice_client: Client, alice: User
) -> None:
    alice_client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    alice_client.post("/accounts/email/", {"email": "new@example.org", "action_add": ""})

    page = text_of(third_wrong_code(alice_client, CONFIRM))

    assert "Change the address once more." in page


def test_new_code_of_a_signup_is_announced_and_works(
    visitor: Client, noon: time_machine.Traveller
) -> None:
    sign_up(visitor)
    first = text_of(visitor.get(CONFIRM))
    noon.shift(60)

    page = text_of(resend(visitor, CONFIRM))

    assert ON_ITS_WAY not in first
    assert f"{ON_ITS_WAY} nora@example.org." in page
    assert len(mail.outbox) == 2
    visitor.post(CONFIRM, {"code": mailed_code()})
    assert is_logged_in(visitor)


def test_new_code_of_a_signup_too_soon_leaves_the_one_that_was_sent(visitor: Client) -> None:
    sign_up(visitor)

    response = resend(visitor, CONFIRM)

    assert response.redirect_chain == [(CONFIRM, 302)]
    assert TOO_SOON in text_of(response)
    assert 'name="code"' in text_of(response)
    assert len(mail.outbox) == 1
    visitor.post(CONFIRM, {"code": mailed_code()})
    assert is_logged_in(visitor)


def test_new_code_says_the_same_for_a_taken_address(
    visitor: Client, alice: User, noon: time_machine.Traveller
) -> None:
    sign_up(visitor, email=alice.email)

    too_soon = text_of(resend(visitor, CONFIRM))
    noon.shift(60)
    later = text_of(resend(visitor, CONFIRM))

    assert TOO_SOON in too_soon
    assert f"{ON_ITS_WAY} {alice.email}." in later
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("email", ["alice@example.org", "nobody@example.org"])
def test_new_code_of_a_login_is_announced(visitor: Client, alice: User, email: str) -> None:
    first = visitor.post(LOGIN_CODE, {"email": email}, follow=True)

    page = text_of(resend(visitor, f"{LOGIN_CODE}confirm/"))

    assert ON_ITS_WAY not in text_of(first)
    assert f"{ON_ITS_WAY} {email}." in page


def test_code_of_a_password_reset_has_a_way_to_a_new_one(visitor: Client, alice: User) -> None:
    page = text_of(visitor.post(RESET, {"email": alice.email}, follow=True))

    assert f'href="{RESET}">Ask for a new code</a>' in page
