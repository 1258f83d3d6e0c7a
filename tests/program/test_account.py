import re
from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client

from accounts.forms import SettingsForm
from accounts.models import User
from program.models import Enrollment
from tests.factories import make_entry
from tests.posting import Response, is_our_page, text_of


def save(client: Client, **fields: str) -> Response:
    data = {
        "display_name": "Alice",
        "time_zone": "Europe/Stockholm",
        "day_end_hour": "0",
        "theme": "",
        **fields,
    }
    return client.post("/settings/", data, follow=True)


def test_settings_update_saves_name_and_colors(alice_client: Client, alice: User) -> None:
    response = save(alice_client, display_name="Alicia", theme="dark")

    alice.refresh_from_db()
    assert (alice.display_name, alice.theme) == ("Alicia", "dark")
    assert 'data-theme="dark"' in text_of(response)
    assert "No entry has moved" not in text_of(response)


def test_settings_update_leaves_a_password_that_was_set_meanwhile(
    alice_client: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def clean_meanwhile(form: SettingsForm) -> str:
        User.objects.filter(pk=alice.pk).update(password="set meanwhile")
        return ""

    monkeypatch.setattr(SettingsForm, "clean_theme", clean_meanwhile, raising=False)

    save(alice_client, display_name="Alicia")

    alice.refresh_from_db()
    assert (alice.display_name, alice.password) == ("Alicia", "set meanwhile")


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("Europe/Berlin", "It is day 9 for you, as before."),
        ("Pacific/Kiritimati", "By this clock it is day 10 for you."),
    ],
)
def test_settings_update_of_the_zone_says_what_moved(
    zone: str, words: str, alice_client: Client, enrollment: Enrollment
) -> None:
    entry = make_entry(enrollment=enrollment, line="Ruth")

    response = save(alice_client, time_zone=zone)

    assert words in text_of(response)
    entry.refresh_from_db()
    assert str(entry.day) == "2027-03-16"


def test_settings_update_of_the_day_end_keeps_the_evening_going(
    client: Client, alice: User, enrollment: Enrollment
) -> None:
    # Half past midnight on Wednesday in Stockholm.
    with time_machine.travel(datetime(2027, 3, 16, 23, 30, tzinfo=UTC), tick=False):
        client.force_login(alice)
        before = text_of(client.get("/today/"))

        save(client, day_end_hour="3")

        after = text_of(client.get("/today/"))
    assert "Day 10 of 14" in before
    assert "Day 9 of 14" in after


def test_settings_update_makes_an_older_zone_name_current(
    alice_client: Client, alice: User
) -> None:
    save(alice_client, time_zone="Asia/Calcutta")

    alice.refresh_from_db()
    assert alice.time_zone == "Asia/Kolkata"


@pytest.mark.parametrize(
    "fields",
    [
        {"time_zone": "Mars/Olympus"},
        {"time_zone": "Factory"},
        {"time_zone": "../../etc/passwd"},
        {"day_end_hour": "6"},
        {"day_end_hour": "-1"},
        {"theme": "neon"},
        {"display_name": ""},
        {"display_name": "a\0b"},
        {"display_name": "x" * 61},
    ],
)
def test_settings_update_refuses_nonsense_and_keeps_what_is_stored(
    fields: dict[str, str], alice_client: Client, alice: User
) -> None:
    response = save(alice_client, **fields)

    assert response.status_code == 422
    assert is_our_page(response)
    alice.refresh_from_db()
    assert (alice.display_name, alice.time_zone, alice.day_end_hour, alice.theme) == (
        "Alice",
        "Europe/Stockholm",
        0,
        "",
    )


def test_settings_update_changes_nobody_elses(alice_client: Client, alice: User, bob: User) -> None:
    alice_client.post("/settings/", {"id": bob.pk, "email": bob.email, "is_staff": "1"})
    save(alice_client, id=str(bob.pk), email="new@example.org", is_staff="1", is_superuser="1")

    bob.refresh_from_db()
    alice.refresh_from_db()
    assert bob.display_name == "Bob"
    assert (alice.email, alice.is_staff, alice.is_superuser) == ("alice@example.org", False, False)


@pytest.mark.parametrize("zone", ["Etc/GMT+5", "Mars/Olympus"])
def test_settings_update_shows_a_zone_that_is_not_in_the_list(
    zone: str, alice_client: Client, alice: User
) -> None:
    alice.set_clock(time_zone=zone, day_end_hour=0)

    page = text_of(alice_client.get("/settings/"))

    assert f'<option value="{zone}" selected>' in page


@pytest.mark.parametrize("path", ["/settings/", "/goals/"])
def test_page_beside_the_days_marks_no_tab_as_current(
    path: str, alice_client: Client, enrollment: Enrollment
) -> None:
    page = text_of(alice_client.get(path))

    assert ">Today</a>" in page
    assert 'aria-current="page"' not in page
    assert 'aria-current="page"' in text_of(alice_client.get("/today/"))


@pytest.mark.parametrize("path", ["/settings/", "/goals/"])
def test_form_is_checked_by_us_in_our_words(
    path: str, alice_client: Client, enrollment: Enrollment
) -> None:
    page = text_of(alice_client.get(path))

    assert re.search(r'<form class="[^"]+" method="post" novalidate>', page)


def test_error_summary_names_the_field_and_links_what_to_do(
    alice_client: Client, alice: User
) -> None:
    page = text_of(save(alice_client, display_name=""))

    summary = (
        '<b>What should we call you?</b> <a href="#id_display_name">Tell us what to call you.</a>'
    )
    assert summary in page


def test_settings_update_offers_the_colors_of_the_device(alice_client: Client, alice: User) -> None:
    assert "Match my device" in text_of(alice_client.get("/settings/"))
