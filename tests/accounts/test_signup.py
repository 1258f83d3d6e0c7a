"""From a visitor to somebody with an account: by the code in the mail, typed by hand."""

import re

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import User
from tests.factories import PASSWORD, make_user
from tests.posting import Response, is_our_page, text_of
from tests.racing import race_together

SIGN_UP, CONFIRM, LOG_IN = "/accounts/signup/", "/accounts/confirm-email/", "/accounts/login/"


def sign_up(client: Client, *, email: str = "nora@example.org", **fields: str) -> Response:
    data = {"email": email, "password1": PASSWORD, "display_name": "Nora", **fields}
    return client.post(SIGN_UP, data)


def mailed_code() -> str:
    match = re.search(r"\b[0-9]{6}\b", str(mail.outbox[-1].body))
    assert match
    return match[0]


def is_logged_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


@pytest.fixture
def visitor(db: None) -> Client:
    return Client()


def test_signup_asks_for_the_code_that_was_mailed(visitor: Client) -> None:
    response = sign_up(visitor)

    assert response.status_code == 302
    assert response["Location"] == CONFIRM
    assert mail.outbox[0].to == ["nora@example.org"]
    assert not is_logged_in(visitor)


def test_signup_with_the_mailed_code_leads_to_the_first_two_weeks(visitor: Client) -> None:
    sign_up(visitor)

    response = visitor.post(CONFIRM, {"code": mailed_code()}, follow=True)

    user = User.objects.get()
    assert response.redirect_chain[-1][0] == "/enrollments/new/"
    assert is_logged_in(visitor)
    assert (user.email, user.display_name, user.time_zone) == ("nora@example.org", "Nora", "UTC")


def test_signup_with_a_wrong_code_stays_outside(visitor: Client) -> None:
    sign_up(visitor)
    wrong = f"{(int(mailed_code()) + 1) % 1_000_000:06}"

    response = visitor.post(CONFIRM, {"code": wrong})

    assert response.status_code == 200
    assert is_our_page(response)
    assert not is_logged_in(visitor)


def test_signup_code_is_worth_nothing_in_another_browser(visitor: Client) -> None:
    sign_up(visitor)
    other = Client()

    response = other.post(CONFIRM, {"code": mailed_code()})

    assert response.status_code == 302
    assert response["Location"] == LOG_IN
    assert not is_logged_in(other)


def test_signup_without_the_code_cannot_log_in(
    visitor: Client, noon: time_machine.Traveller
) -> None:
    sign_up(visitor)
    other = Client()
    noon.shift(600)  # A second code is mailed only after some minutes.

    response = other.post(LOG_IN, {"login": "nora@example.org", "password": PASSWORD})

    assert response["Location"] == CONFIRM
    assert not is_logged_in(other)


@pytest.mark.parametrize("email", ["alice@example.org", "ALICE@Example.ORG", " alice@example.org "])
def test_signup_with_a_taken_address_looks_the_same_and_mails_its_owner(
    visitor: Client, alice: User, email: str
) -> None:
    response = sign_up(visitor, email=email)

    assert response["Location"] == CONFIRM
    assert User.objects.get() == alice
    assert mail.outbox[0].to == ["alice@example.org"]
    assert not re.search(r"\b[0-9]{6}\b", str(mail.outbox[0].body))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "nora"),
        ("email", "nora@example.org\0"),
        ("email", f"{'n' * 250}@example.org"),
        ("password1", "short"),
        ("password1", "123456789012"),
        ("display_name", ""),
        ("display_name", "o" * 61),
        ("display_name", "No\0ra"),
    ],
)
def test_signup_refuses_what_is_not_valid_and_keeps_the_words(
    visitor: Client, field: str, value: str
) -> None:
    response = sign_up(visitor, **{field: value})

    page = text_of(response)
    assert response.status_code == 200
    assert is_our_page(response)
    assert field == "display_name" or 'value="Nora"' in page
    assert PASSWORD not in page
    assert not User.objects.exists()
    assert mail.outbox == []


def test_signup_mail_links_to_the_site_whatever_host_was_asked(visitor: Client) -> None:
    for host in ("testserver", "localhost"):
        visitor.post(
            SIGN_UP,
            {"email": f"{host}@example.org", "password1": PASSWORD, "display_name": "Nora"},
            headers={"host": host},
        )

    links = [re.findall(r"https?://[^/\s]+", str(message.body)) for message in mail.outbox]
    assert {link for found in links for link in found} <= {"http://localhost:8000"}
    assert not any("testserver" in str(message.body) for message in mail.outbox)


# --- Log in ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("email", ["alice@example.org", "Alice@Example.Org"])
def test_login_takes_the_address_in_any_case(visitor: Client, alice: User, email: str) -> None:
    response = visitor.post(LOG_IN, {"login": email, "password": PASSWORD})

    assert response.status_code == 302
    assert response["Location"] == "/today/"
    assert is_logged_in(visitor)


def test_login_with_a_wrong_password_says_no_more_than_for_an_unknown_address(
    visitor: Client, alice: User
) -> None:
    pages = []
    for email in ("alice@example.org", "nobody@example.org"):
        response = visitor.post(LOG_IN, {"login": email, "password": "wrong words here"})
        pages.append(re.sub(r'value="[^"]*"', "", text_of(response)))

    assert pages[0] == pages[1]
    assert not is_logged_in(visitor)


def test_login_by_code_takes_the_mailed_code(visitor: Client, alice: User) -> None:
    visitor.post("/accounts/login/code/", {"email": alice.email})

    response = visitor.post("/accounts/login/code/confirm/", {"code": mailed_code()})

    assert response["Location"] == "/today/"
    assert is_logged_in(visitor)


def test_password_reset_takes_the_mailed_code_and_the_new_password(
    visitor: Client, alice: User
) -> None:
    visitor.post("/accounts/password/reset/", {"email": alice.email})
    visitor.post("/accounts/password/reset/confirm/", {"code": mailed_code()})
    new = {"password1": "four other words here", "password2": "four other words here"}

    visitor.post("/accounts/password/reset/complete/", new)

    alice.refresh_from_db()
    assert alice.check_password("four other words here")


def test_logout_ends_the_session(alice_client: Client, alice: User) -> None:
    response = alice_client.post("/accounts/logout/")

    assert response["Location"] == "/"
    assert not is_logged_in(alice_client)


@pytest.mark.parametrize("target", ["//evil.example/", "https://evil.example/", "/\\evil.example"])
def test_login_never_leads_off_the_site(visitor: Client, alice: User, target: str) -> None:
    response = visitor.post(LOG_IN, {"login": alice.email, "password": PASSWORD, "next": target})

    assert response["Location"] == "/today/"


# --- Users ----------------------------------------------------------------------------------------


def test_create_user_stores_the_address_in_lower_case(db: None) -> None:
    user = User.objects.create_user(" Nora@Example.ORG ", PASSWORD)

    assert user.email == "nora@example.org"


@pytest.mark.parametrize("email", ["alice@example.org", "ALICE@example.org"])
def test_user_with_a_taken_address_is_refused_by_the_database(alice: User, email: str) -> None:
    with pytest.raises(IntegrityError, match="user_email_unique"), transaction.atomic():
        User.objects.bulk_create([User(email=email)])

    assert User.objects.get() == alice


@pytest.mark.parametrize("hour", [6, 23])
def test_user_with_a_day_end_hour_past_five_is_refused_by_the_database(db: None, hour: int) -> None:
    with pytest.raises(IntegrityError, match="day_end_hour_0_to_5"), transaction.atomic():
        make_user(name="Late", day_end_hour=hour)


@pytest.mark.parametrize(
    ("display_name", "initials"),
    [("Nora", "N"), ("Nora Maria Fields", "NF"), ("", "A"), ("é", "É")],
)
def test_initials_are_of_the_first_and_the_last_word(display_name: str, initials: str) -> None:
    assert User(display_name=display_name, email="alice@example.org").initials == initials


def test_back_to_the_page_of_a_used_code_leads_on(client: Client, db: None) -> None:
    sign_up(client)
    client.post(CONFIRM, {"code": mailed_code()})

    assert client.get(CONFIRM)["Location"] == "/today/"


def test_signup_of_one_address_twice_at_once_is_one_account(transactional_db: None) -> None:
    statuses: list[int] = []

    race_together(lambda: statuses.append(sign_up(Client()).status_code))

    assert User.objects.count() == 1
    assert 302 in statuses
    assert set(statuses) <= {302, 429}
