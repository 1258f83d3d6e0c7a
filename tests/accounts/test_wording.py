"""No form answers in Django's own voice."""

import pytest
from django.test import Client

from accounts.models import User
from program.models import Enrollment
from tests.factories import PASSWORD
from tests.posting import text_of

DJANGOS = [
    "This field is required",
    "Select a valid choice",
    "Ensure this value",
    "Null characters",
    "Enter a valid",
    "This password is",
    "The password is",
    "You must type",
]
BEGIN = {
    "statement": "Open a repair corner",
    "start": "today",
    "time_zone": "Europe/Stockholm",
    "day_end_hour": "0",
}
NUL = "There is a character in it that cannot be stored. Type it anew."


@pytest.mark.parametrize(
    ("path", "fields", "words"),
    [
        ("/enrollments/new/", {"statement": " "}, "Write your goal here, however roughly."),
        ("/enrollments/new/", {"statement": "o" * 203}, "200 characters fit here; that is 203."),
        ("/enrollments/new/", {"statement": "a\0b"}, NUL),
        ("/enrollments/new/", {"why": "o" * 2001}, "2000 characters fit here; that is 2001."),
        ("/enrollments/new/", {"start": "never"}, "That is not in the list."),
        ("/enrollments/new/", {"start": ""}, "Choose the day you start."),
        ("/enrollments/new/", {"start": "other", "starts_on": "soon"}, "That is no date."),
        ("/enrollments/new/", {"day_end_hour": "7"}, "That is not in the list."),
        ("/enrollments/new/", {"day_end_hour": ""}, "Choose the hour at which your day ends."),
        ("/enrollments/new/", {"time_zone": ""}, "Choose a time zone from the list."),
        ("/settings/", {"display_name": ""}, "Tell us what to call you."),
        ("/settings/", {"display_name": "x" * 61}, "60 characters fit here; that is 61."),
        ("/settings/", {"display_name": "a\0b"}, NUL),
        ("/settings/", {"theme": "neon"}, "That is not in the list."),
        ("/accounts/email/", {"email": "a\0@b.org", "action_add": ""}, NUL),
    ],
)
def test_forms_of_somebody_logged_in_speak_our_words(
    path: str, fields: dict[str, str], words: str, client: Client, erin: User
) -> None:
    client.force_login(erin)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    valid = {**BEGIN, "display_name": "Erin", "theme": ""} if "accounts" not in path else {}

    page = text_of(client.post(path, {**valid, **fields}))

    assert words in page
    assert [phrase for phrase in DJANGOS if phrase in page] == []


def test_goal_update_without_words_speaks_ours(
    alice_client: Client, enrollment: Enrollment
) -> None:
    page = text_of(alice_client.post("/goals/", {"statement": "", "based_on": "x"}))

    assert "Write your goal here, however roughly." in page
    assert [phrase for phrase in DJANGOS if phrase in page] == []


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("password1234", "Many people use that one"),
        ("908172635445", "Digits alone are soon guessed."),
        ("nora.lindqvist1", "That is too close to your name or your email address."),
        ("four words\0 and a nul", NUL),
    ],
)
def test_signup_says_what_is_wrong_with_a_password(password: str, words: str, db: None) -> None:
    fields = {"display_name": "Nora", "email": "nora.lindqvist@example.org", "password1": password}

    page = text_of(Client().post("/accounts/signup/", fields))

    assert words in page
    assert [phrase for phrase in DJANGOS if phrase in page] == []


def test_signup_says_one_thing_of_a_password_that_is_too_short(db: None) -> None:
    page = text_of(Client().post("/accounts/signup/", {"password1": "abc"}))

    assert "At least 12 characters: 9 more will do." in page
    assert "Many people use that one" not in page


def test_password_change_says_that_the_two_differ(alice_client: Client, alice: User) -> None:
    fields = {"oldpassword": PASSWORD, "password1": "four other words", "password2": "other"}

    page = text_of(alice_client.post("/accounts/password/change/", fields))

    assert "The two are not the same. Type this one again." in page
    assert [phrase for phrase in DJANGOS if phrase in page] == []


def test_password_change_refuses_ones_own_name(alice_client: Client, alice: User) -> None:
    alice.display_name = "Alexandrina Victoria"
    alice.save()
    new = "alexandrinavic"
    fields = {"oldpassword": PASSWORD, "password1": new, "password2": new}

    page = text_of(alice_client.post("/accounts/password/change/", fields))

    assert "That is too close to your name" in page
