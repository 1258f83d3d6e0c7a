"""A session's id changes with what it may do, and ends everywhere when it should."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.session_store import row_key
from program.models import Enrollment
from tests.factories import PASSWORD
from tests.posting import text_of
from tests.test_queries import queries

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1"
)
LAPTOP = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"
SESSIONS = "/accounts/sessions/"


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


def test_password_reset_ends_every_session(alice: User) -> None:
    there, forgetful = Client(), Client()
    log_in(there, alice)
    forgetful.post("/accounts/password/reset/", {"email": alice.email})
    code = re.search(r"\b\d{6}\b", str(mail.outbox[-1].body))
    assert code
    forgetful.post("/accounts/password/reset/confirm/", {"code": code[0]})
    new = "another four plain words"

    forgetful.post("/accounts/password/reset/complete/", {"password1": new, "password2": new})

    assert alice.check_password(PASSWORD)
    alice.refresh_from_db()
    assert alice.check_password(new)
    assert not is_logged_in(there)
    # Not only because its password is the old one: it is listed no more.
    assert not UserSession.objects.filter(user=alice).exists()


def test_new_address_ends_the_other_sessions_and_keeps_this_one(alice: User) -> None:
    here, there = Client(), Client()
    log_in(here, alice)
    log_in(there, alice)
    here.post("/accounts/reauthenticate/", {"password": PASSWORD})
    here.post("/accounts/email/", {"email": "new@example.org", "action_add": ""})
    code = re.search(r"\b\d{6}\b", str(mail.outbox[-1].body))
    assert code

    here.post("/accounts/confirm-email/", {"code": code[0]})

    alice.refresh_from_db()
    assert alice.email == "new@example.org"
    assert is_logged_in(here)
    assert not is_logged_in(there)


def test_session_end_logs_out_everywhere_but_here(alice: User, bob: User) -> None:
    here, there, bobs, unlisted = Client(), Client(), Client(), Client()
    before = log_in(here, alice)
    log_in(there, alice)
    log_in(bobs, bob)
    unlisted.force_login(alice)  # as a session from before there was a list

    page = here.post(f"{SESSIONS}end/", follow=True)

    assert "You are logged out everywhere but here." in text_of(page)
    assert "You are logged in nowhere else." in text_of(page)
    assert is_logged_in(here)
    assert session_id(here) != before
    assert not is_logged_in(with_session(before))
    assert not is_logged_in(there)
    assert not is_logged_in(unlisted)
    assert is_logged_in(bobs)


def test_session_list_names_device_address_and_time(
    alice: User, bob: User, noon: time_machine.Traveller
) -> None:
    here, there, bobs = (
        Client(headers={"user-agent": agent}) for agent in (LAPTOP, PHONE, "curl/8.1")
    )
    log_in(there, alice)
    log_in(bobs, bob)
    noon.shift(3600)
    log_in(here, alice)

    page = text_of(here.get(SESSIONS))

    assert page.index("Firefox on Linux") < page.index("Safari on iPhone")
    assert "Last seen Tue, Mar 16, 1 p.m." in page  # noon in UTC, by her own clock
    assert page.count("127.0.0.1") == 2
    assert "curl" not in page
    assert "A browser we do not know" in text_of(bobs.get(SESSIONS))


def test_session_list_leaves_out_what_has_ended(alice: User, noon: time_machine.Traveller) -> None:
    here, there, expired = Client(), Client(), Client()
    log_in(expired, alice)
    noon.shift(31 * 24 * 3600)
    log_in(here, alice)
    log_in(there, alice)
    there.post("/accounts/logout/")

    assert "You are logged in nowhere else." in text_of(here.get(SESSIONS))


def test_session_list_takes_a_number_of_queries_that_does_not_grow(alice: User) -> None:
    here = Client()
    log_in(here, alice)
    with CaptureQueriesContext(connection) as few:
        here.get(SESSIONS)
    for _ in range(5):
        log_in(Client(), alice)

    with CaptureQueriesContext(connection) as many:
        page = text_of(here.get(SESSIONS))

    assert page.count("Last seen") == 5
    assert len(queries(many)) == len(queries(few)) == 3, queries(many)


def test_last_seen_is_written_every_ten_minutes_and_not_before(
    alice: User, enrollment: Enrollment, noon: time_machine.Traveller
) -> None:
    client = Client()
    log_in(client, alice)
    seen = UserSession.objects.get()

    noon.shift(599)
    with CaptureQueriesContext(connection) as captured:
        client.get("/today/", headers={"user-agent": PHONE})
    assert len(queries(captured)) == 5, queries(captured)
    assert UserSession.objects.get().last_seen_at == seen.last_seen_at
    noon.shift(1)
    client.get("/today/", headers={"user-agent": PHONE})
    assert UserSession.objects.get().last_seen_at == seen.last_seen_at + timedelta(seconds=600)
    assert UserSession.objects.get().user_agent == PHONE
    with CaptureQueriesContext(connection) as captured:
        client.get("/today/")
    assert len(queries(captured)) == 5, queries(captured)


def test_session_keeps_its_place_in_the_list_through_new_ids(
    alice: User, noon: time_machine.Traveller
) -> None:
    client = Client()
    log_in(client, alice)
    since = UserSession.objects.get().created_at
    noon.shift(3600)

    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.post(f"{SESSIONS}end/")

    assert UserSession.objects.get().created_at == since
    assert UserSession.objects.get().session_key == row_key(session_id(client))


def test_switched_off_account_is_out_at_once(alice: User) -> None:
    client = Client()
    log_in(client, alice)

    User.objects.filter(pk=alice.pk).update(is_active=False)

    assert not is_logged_in(client)
