"""Who it is, once more: for those too who have neither a password nor a second factor."""

import re

import pytest
import time_machine
from django.core import mail
from django.test import Client

from accounts.models import User
from tests.accounts.test_sessions import is_logged_in, session_id, with_session
from tests.factories import PASSWORD
from tests.posting import text_of

BY_CODE = "/accounts/reauthenticate/code/"
ADD_APP, NEW_ADDRESS = "/accounts/2fa/totp/activate/", "/accounts/email/"


@pytest.fixture
def without_password(alice: User, noon: time_machine.Traveller) -> Client:
    """Alice's account, as one that began at another provider."""
    alice.set_unusable_password()
    alice.save()
    client = Client()
    client.force_login(alice)
    return client


def mailed_code() -> str:
    found = re.search(r"^\s*(\d{6})\s*$", str(mail.outbox[-1].body), re.MULTILINE)
    assert found
    return found[1]


@pytest.mark.parametrize(
    "path",
    [ADD_APP, NEW_ADDRESS, "/accounts/2fa/webauthn/add/", "/accounts/password/set/"],
)
def test_account_without_a_password_is_asked_for_a_mailed_code(
    path: str, without_password: Client
) -> None:
    asked = without_password.get(path)
    page = without_password.get(asked["Location"])
    nothing_yet = len(mail.outbox)
    without_password.post(BY_CODE, {"next": path})
    answer = without_password.post(BY_CODE, {"next": path, "code": mailed_code()})

    assert asked["Location"].startswith(f"{BY_CODE}?next=")
    assert "We email six digits" in text_of(page)
    assert nothing_yet == 0
    assert answer["Location"] == path
    assert without_password.get(path).status_code == 200


def test_what_was_posted_is_done_after_the_code(without_password: Client) -> None:
    without_password.post(NEW_ADDRESS, {"email": "new@example.org", "action_add": ""})
    without_password.post(BY_CODE, {"next": NEW_ADDRESS})

    answer = without_password.post(BY_CODE, {"next": NEW_ADDRESS, "code": mailed_code()})

    assert answer["Location"].startswith("/accounts/confirm-email/")
    assert mail.outbox[-1].to == ["new@example.org"]


def test_confirming_gives_a_new_session_id(without_password: Client) -> None:
    without_password.post(BY_CODE)
    before = session_id(without_password)

    without_password.post(BY_CODE, {"code": mailed_code()})

    assert is_confirmed(without_password)
    assert session_id(without_password) != before
    assert without_password.get("/today/").status_code == 302  # to begin two weeks, logged in
    assert with_session(before).get(BY_CODE)["Location"].startswith("/accounts/login/")


def test_code_works_once_for_a_ten_minutes_and_three_tries(
    without_password: Client, noon: time_machine.Traveller
) -> None:
    without_password.post(BY_CODE)
    code = mailed_code()
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    refused = [without_password.post(BY_CODE, {"code": wrong}) for _ in range(3)]
    fourth = without_password.post(BY_CODE, {"code": code})
    without_password.post(BY_CODE)
    noon.shift(10 * 60)
    late = without_password.post(BY_CODE, {"code": mailed_code()})

    assert [answer.status_code for answer in (*refused, fourth, late)] == [422] * 5
    assert "That is not the code we sent." in text_of(refused[0])
    assert not is_confirmed(without_password)


def test_confirmation_is_over_after_five_minutes(
    without_password: Client, noon: time_machine.Traveller
) -> None:
    without_password.post(BY_CODE)
    without_password.post(BY_CODE, {"code": mailed_code()})
    assert is_confirmed(without_password)

    noon.shift(300)

    assert not is_confirmed(without_password)


def test_mail_confirms_nobody_who_has_a_password(alice_client: Client, alice: User) -> None:
    answer = alice_client.post(BY_CODE, {"next": ADD_APP})

    assert answer["Location"] == "/accounts/reauthenticate/"
    assert mail.outbox == []


def test_codes_are_mailed_so_often_and_no_more(without_password: Client) -> None:
    answers = [without_password.post(BY_CODE).status_code for _ in range(15)]

    assert answers[0] == 200
    assert answers[-1] == 429
    assert len(mail.outbox) == 10


@pytest.mark.parametrize("next_url", ["https://evil.test/", "//evil.test/", "javascript:alert(1)"])
def test_confirming_leads_nowhere_else(without_password: Client, next_url: str) -> None:
    without_password.post(BY_CODE)

    answer = without_password.post(BY_CODE, {"next": next_url, "code": mailed_code()})

    assert answer["Location"] == "/settings/"


def test_new_address_asks_for_the_password_first(alice_client: Client, alice: User) -> None:
    answer = alice_client.post(NEW_ADDRESS, {"email": "new@example.org", "action_add": ""})

    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert mail.outbox == []
    alice_client.post(f"{answer['Location']}", {"password": PASSWORD, "next": NEW_ADDRESS})
    assert is_logged_in(alice_client)
    assert mail.outbox[-1].to == ["new@example.org"]


def is_confirmed(client: Client) -> bool:
    return client.get(ADD_APP).status_code == 200
