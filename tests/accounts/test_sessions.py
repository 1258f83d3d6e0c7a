"""A session's id changes with what it may do, and ends everywhere when it should."""

import re

import pytest
from django.core import mail
from django.test import Client

from accounts.models import User
from tests.factories import PASSWORD


def log_in(client: Client, user: User, password: str = PASSWORD) -> str:
    client.post("/accounts/login/", {"login": user.email, "password": password})
    return session_id(client)


def session_id(client: Client) -> str:
    return client.cookies["session"].value


def is_logged_in(client: Client) -> bool:
    return client.get("/accounts/password/change/").status_code == 200


def with_session(session: str) -> Client:
    client = Client()
    client.cookies["session"] = session
    return client


def test_login_gives_a_new_id_and_the_planted_one_stays_worthless(alice: User) -> None:
    client = Client()
    client.post("/accounts/login/code/", {"email": alice.email})
    planted = session_id(client)
    client.post("/accounts/logout/")
    client.cookies["session"] = planted

    mine = log_in(client, alice)

    assert mine != planted
    assert is_logged_in(client)
    assert not is_logged_in(with_session(planted))


def test_login_by_code_gives_a_new_id(alice: User) -> None:
    client = Client()
    client.post("/accounts/login/code/", {"email": alice.email})
    before = session_id(client)
    code = re.search(r"\b\d{6}\b", str(mail.outbox[-1].body))
    assert code

    client.post("/accounts/login/code/confirm/", {"code": code[0]})

    assert is_logged_in(client)
    assert session_id(client) != before
    assert not is_logged_in(with_session(before))


def test_reauthentication_gives_a_new_id(alice: User) -> None:
    client = Client()
    before = log_in(client, alice)

    client.post("/accounts/reauthenticate/", {"password": PASSWORD})

    assert is_logged_in(client)
    assert session_id(client) != before
    assert not is_logged_in(with_session(before))


def test_failed_reauthentication_changes_nothing(alice: User) -> None:
    client = Client()
    before = log_in(client, alice)

    response = client.post("/accounts/reauthenticate/", {"password": "not the one"})

    assert "That is not your password" in response.content.decode()
    assert session_id(client) == before


def test_logout_ends_the_session_and_empties_the_browser(alice: User) -> None:
    client = Client()
    session = log_in(client, alice)

    response = client.post("/accounts/logout/")

    assert response["Clear-Site-Data"] == '"cache", "storage"'
    assert response.cookies["session"]["max-age"] == 0
    assert not is_logged_in(with_session(session))


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/password/change/", "/today/"])
def test_other_answers_leave_the_browsers_store_alone(path: str, alice: User) -> None:
    client = Client()
    log_in(client, alice)

    assert "Clear-Site-Data" not in client.get(path).headers


def test_password_change_ends_the_other_sessions_and_keeps_this_one(alice: User) -> None:
    here, there = Client(), Client()
    before = log_in(here, alice)
    log_in(there, alice)
    new = "another four plain words"

    here.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": new, "password2": new},
    )

    assert is_logged_in(here)
    assert session_id(here) != before
    assert not is_logged_in(there)
    assert not is_logged_in(with_session(before))


def test_switched_off_account_is_out_at_once(alice: User) -> None:
    client = Client()
    log_in(client, alice)

    User.objects.filter(pk=alice.pk).update(is_active=False)

    assert not is_logged_in(client)
