"""The first administrator: at a keyboard, without one, and by ADMIN_EMAIL, once."""

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from tests.accounts.test_signup import LOG_IN, is_logged_in, mailed_code, sign_up
from tests.factories import PASSWORD, make_user

ADDRESS = "marta@example.org"


@pytest.fixture
def admin_email(db: None, settings: Settings) -> None:
    settings.ADMIN_EMAIL = ADDRESS


def test_createsuperuser_needs_an_address_and_a_password_alone(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", email="Marta@Example.org", interactive=False, verbosity=0)
    client = Client()

    response = client.post(LOG_IN, {"login": ADDRESS, "password": PASSWORD})

    user = User.objects.get()
    assert (user.email, user.is_staff, user.is_superuser) == (ADDRESS, True, True)
    assert response["Location"] == "/today/"
    assert is_logged_in(client)
    assert mail.outbox == []  # not even a code: mail may not work yet


def test_createsuperuser_refuses_an_address_that_has_an_account(db: None) -> None:
    make_user(name="Marta")

    with pytest.raises(CommandError, match="an account with that address already"):
        call_command("createsuperuser", email="MARTA@example.org", interactive=False)

    assert not User.objects.get().is_staff


def test_first_admin_makes_an_account_that_logs_in_by_an_emailed_code(
    admin_email: None, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("first_admin")

    user = User.objects.get()
    assert (user.email, user.is_staff, user.is_superuser) == (ADDRESS, True, True)
    assert not user.has_usable_password()
    assert "http://localhost:8000/accounts/login/code/" in capsys.readouterr().out
    client = Client()
    client.post("/accounts/login/code/", {"email": ADDRESS})
    client.post("/accounts/login/code/confirm/", {"code": mailed_code()})
    assert is_logged_in(client)


def test_first_admin_happens_once(
    admin_email: None, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("first_admin")
    capsys.readouterr()

    call_command("first_admin")
    settings.ADMIN_EMAIL = "another@example.org"
    call_command("first_admin")

    assert capsys.readouterr().out == ""
    assert User.objects.count() == 1


def test_first_admin_without_the_variable_makes_nobody(db: None) -> None:
    call_command("first_admin")

    assert not User.objects.exists()


def test_first_admin_promotes_whoever_has_confirmed_that_address(admin_email: None) -> None:
    marta = make_user(name="Marta")

    call_command("first_admin")

    marta.refresh_from_db()
    assert marta.is_superuser
    assert marta.check_password(PASSWORD)


def test_first_admin_hands_nothing_to_whoever_only_typed_that_address(admin_email: None) -> None:
    sign_up(Client(), email=ADDRESS)

    call_command("first_admin")

    user = User.objects.get()
    assert user.is_superuser
    assert not user.has_usable_password()
