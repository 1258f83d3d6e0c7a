"""What the forms of the entrance say."""

import pytest
from django.test import Client

from accounts.models import User
from tests.factories import PASSWORD


@pytest.mark.parametrize(
    ("path", "fields", "words"),
    [
        ("signup", {}, "Tell us what to call you."),
        ("signup", {}, "Type your email address."),
        ("signup", {}, "Choose a password."),
        ("signup", {"email": "nina"}, "An email address has an @ in it, as in name@example.org."),
        ("signup", {"email": "n@ina"}, "That address is missing its ending, such as .org or .com."),
        ("signup", {"email": "n i@na.org"}, "That does not look like an email address."),
        ("signup", {"password1": "abcdefgh"}, "At least 12 characters: 4 more will do."),
        ("login", {}, "Type your password."),
        ("login", {"login": "a@b", "password": "x"}, "missing its ending"),
        ("login", {"login": "a@b.org", "password": "x"}, "do not belong together."),
        ("login/code", {}, "Type your email address."),
        ("password/reset", {"email": "nina@example"}, "missing its ending"),
    ],
)
def test_form_says_what_is_missing(path: str, fields: dict[str, str], words: str, db: None) -> None:
    page = Client().post(f"/accounts/{path}/", fields).content.decode()

    assert words in page
    assert "This field is required" not in page


def test_wrong_code_says_what_to_do(alice: User) -> None:
    client = Client()
    client.post("/accounts/login/code/", {"email": alice.email})

    page = client.post("/accounts/login/code/confirm/", {"code": "000000"}).content.decode()

    assert "That is not the code we sent. Check it, or ask for a new one." in page


def test_password_change_says_what_is_wrong_in_our_words(alice: User) -> None:
    client = Client()
    client.force_login(alice)
    fields = {"oldpassword": "x", "password1": PASSWORD, "password2": "other"}

    page = client.post("/accounts/password/change/", fields).content.decode()

    assert "That is not the password you have now." in page
    assert "Current password" in page
    assert "The same once more" in page
    assert "Current Password" not in page


def test_every_label_is_in_sentence_case(alice: User) -> None:
    client = Client()
    client.force_login(alice)
    pages = [Client().get(f"/accounts/{path}/") for path in ("login", "signup", "login/code")]
    pages += [client.get(f"/accounts/{path}/") for path in ("password/change", "reauthenticate")]

    labels = [str(field.label) for page in pages for field in page.context["form"]]

    assert [label for label in labels if label != label.capitalize()] == []
