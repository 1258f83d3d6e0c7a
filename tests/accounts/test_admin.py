"""The admin: useful to staff, closed to everybody else, and without a word of anybody's."""

import re
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.models import OutgoingMail, User
from tests.factories import NOON, make_cohort, make_enrollment, make_membership, make_user
from tests.posting import text_of

USERS = "/admin/accounts/user/"


@pytest.fixture(autouse=True)
def _without_second_factors(settings: Settings) -> None:
    settings.REQUIRE_SECOND_FACTOR = (
        "nobody"  # that they are asked for, test_required_factors.py says
    )


@pytest.fixture
def admin(db: None) -> User:
    return User.objects.create_superuser("marta@example.org", display_name="Marta")


@pytest.fixture
def staff(db: None) -> User:
    user = make_user(name="Stellan")
    user.is_staff = True
    user.save()
    return user


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def switch(client: Client, user: User, **fields: str) -> Any:
    return client.post(f"{USERS}{user.pk}/change/", fields)


def walk(client: Client) -> dict[str, str]:
    """{address: page} of all that can be reached from the first page of the admin."""
    pages: dict[str, str] = {}
    waiting = ["/admin/"]
    while waiting:
        address = waiting.pop()
        if address not in pages:
            response = client.get(address)
            assert response.status_code == 200, address
            pages[address] = text_of(response)
            links = re.findall(r'(?:href|src|action)="([^"#]*)"', pages[address])
            waiting += [_followed(address, link.replace("&amp;", "&")) for link in links if link]
            # One filter or order at a time: their combinations show no other columns.
            waiting = [
                found
                for found in waiting
                if found.startswith("/admin/") and not re.search(r"[?].*[&.]|[?]o=-", found)
            ]
    return pages


def _followed(address: str, link: str) -> str:
    return f"{address.partition('?')[0]}{link}" if link.startswith("?") else link


# --- Who comes in --------------------------------------------------------------------------------


def test_admin_leads_to_the_one_login_there_is(alice: User) -> None:
    response = Client().get(USERS)

    assert response["Location"] == f"/accounts/login/?next={USERS}"
    assert Client().get("/admin/login/").status_code in {302, 404}
    assert "password" not in text_of(Client().get("/admin/login/", follow=False))


def test_admin_is_not_there_for_people(alice_client: Client) -> None:
    for address in ("/admin/", USERS, "/admin/jsi18n/", "/admin/program/cohort/", "/staff/"):
        assert alice_client.get(address).status_code == 404


def test_admin_is_not_there_any_more_for_staff_who_were_switched_off(staff: User) -> None:
    client = client_of(staff)
    assert client.get("/admin/").status_code == 200
    User.objects.update(is_active=False)

    assert client.get("/admin/").status_code == 302


def test_admin_has_no_way_to_add_or_delete_or_to_set_a_password(admin: User, alice: User) -> None:
    client = client_of(admin)
    for path in ("add/", f"{alice.pk}/delete/", f"{alice.pk}/password/"):
        assert client.get(f"{USERS}{path}").status_code == 404
        assert client.post(f"{USERS}{path}", {"post": "yes"}).status_code == 404
    for path in ("password_change/", "logout/", "login/", "autocomplete/", "r/1/1/"):
        assert client.get(f"/admin/{path}").status_code == 404

    client.post(USERS, {"action": "delete_selected", "_selected_action": alice.pk, "post": "yes"})

    assert User.objects.filter(pk=alice.pk).exists()


# --- What they do --------------------------------------------------------------------------------


def test_staff_find_an_account_by_its_address(staff: User, alice: User, bob: User) -> None:
    page = text_of(client_of(staff).get(f"{USERS}?q=ALICE@"))

    assert "alice@example.org" in page
    assert "bob@example.org" not in page


def test_account_that_is_switched_off_is_out_at_once_and_for_good(staff: User, alice: User) -> None:
    alices = client_of(alice)
    assert alices.get("/settings/").status_code == 200

    assert switch(client_of(staff), alice).status_code == 302
    assert alices.get("/settings/").status_code == 302

    assert switch(client_of(staff), alice, is_active="on").status_code == 302
    alice.refresh_from_db()
    assert alice.is_active
    assert alices.get("/settings/").status_code == 302


def test_change_touches_nothing_but_what_it_offers(staff: User, alice: User) -> None:
    switch(
        client_of(staff),
        alice,
        is_active="on",
        is_staff="on",
        is_superuser="on",
        email="mine@example.org",
        display_name="Mine",
        password="x",
    )

    alice.refresh_from_db()
    assert (alice.email, alice.display_name) == ("alice@example.org", "Alice")
    assert not alice.is_staff
    assert not alice.is_superuser


def test_staff_approve_a_coach_whose_sessions_go_on(
    staff: User, alice: User, settings: Settings
) -> None:
    settings.COACHES = "approved"
    alices = client_of(alice)
    assert alices.get("/coaching/new/").status_code == 403

    switch(client_of(staff), alice, is_active="on", is_approved_coach="on")

    assert alices.get("/coaching/new/").status_code == 200


def test_superuser_says_who_is_staff(admin: User, alice: User) -> None:
    switch(client_of(admin), alice, is_active="on", is_staff="on")

    alice.refresh_from_db()
    assert alice.is_staff
    assert not alice.is_superuser


@pytest.mark.parametrize("whose", ["their own", "a superuser's", "another's of the staff"])
def test_staff_leave_their_own_kind_alone(whose: str, staff: User, admin: User) -> None:
    other = make_user(name="Sten")
    other.is_staff = True
    other.save()
    target = {"their own": staff, "a superuser's": admin, "another's of the staff": other}[whose]

    assert switch(client_of(staff), target).status_code == 403

    target.refresh_from_db()
    assert target.is_active


def test_superuser_cannot_lock_themselves_out(admin: User) -> None:
    assert switch(client_of(admin), admin).status_code == 403


def test_log_of_changes_names_nobody(staff: User, alice: User) -> None:
    switch(client_of(staff), alice)

    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id) == (staff, str(alice.pk))
    assert "Alice" not in f"{entry.object_repr} {entry.change_message}"
    assert "alice@" not in f"{entry.object_repr} {entry.change_message}"


def test_cohorts_show_how_many_stand_in_them(staff: User, alice: User, carol: User) -> None:
    cohort = make_cohort(coach=carol)
    make_membership(cohort=cohort, enrollment=make_enrollment(participant=alice))
    cohort.coaches.create(coach=make_user(name="Dag"), joined_at=NOON, left_at=NOON)

    page = text_of(client_of(staff).get("/admin/program/cohort/"))

    assert re.search(r'field-coaches_count">1<', page)
    assert re.search(r'field-members_count">1<', page)


def test_mail_shows_what_became_of_it_and_not_to_whom(staff: User) -> None:
    OutgoingMail.objects.put(
        "account",
        key="account:canary",
        to="canary@example.org",
        content={"subject": "canary", "body": "canary"},
        payload={"canary": 1},
        now=NOON,
    )

    page = text_of(client_of(staff).get("/admin/accounts/outgoingmail/"))

    assert "waiting" in page
    assert "canary" not in page


@pytest.mark.parametrize("path", [USERS, "/admin/program/cohort/", "/admin/accounts/outgoingmail/"])
def test_lists_take_a_number_of_queries_that_does_not_grow(path: str, staff: User) -> None:
    client, counts = client_of(staff), []
    for batch in ("a", "b"):
        for number in range(10):
            cohort = make_cohort(coach=make_user(name=f"{batch}{number}"))
            make_membership(
                cohort=cohort,
                enrollment=make_enrollment(participant=make_user(name=f"m{batch}{number}")),
            )
            OutgoingMail.objects.put("account", key=f"{batch}{number}", to=staff, now=NOON)
        with CaptureQueriesContext(connection) as captured:
            client.get(path)
        counts.append(len(captured))

    assert counts[0] == counts[1]


# --- Nobody's words ------------------------------------------------------------------------------

# What staff see: whom an account belongs to, how a cohort is called, and what a mail was for and
# what a mail server answered, which are names of ours and numbers.
SHOWN = {
    *(("accounts_user", "email"), ("accounts_user", "display_name"), ("program_cohort", "name")),
    *(("accounts_outgoingmail", "kind"), ("accounts_outgoingmail", "error")),
}
# The session that asks hangs from the hash of the password.
# Their zone is read for whoever asks, with the session.
SPARED = {("accounts_user", "password"), ("accounts_user", "time_zone")}


def test_no_page_holds_or_selects_a_word_that_somebody_wrote(admin: User) -> None:
    call_command("demo", verbosity=0)
    _fill_what_the_demo_leaves_empty(admin)
    planted = _plant_canaries()
    assert {table.partition("_")[0] for table, _column in planted} == {"accounts", "program"}
    client = client_of(admin)

    with CaptureQueriesContext(connection) as captured:
        pages = walk(client)

    assert len(pages) > 20
    assert f"{USERS}{admin.pk}/history/" in pages
    assert [address for address, page in pages.items() if "canary" in page] == []
    said = "\n".join(query["sql"] for query in captured)
    assert [each for each in planted if f'"{each[0]}"."{each[1]}"' in said] == []


def _fill_what_the_demo_leaves_empty(user: User) -> None:
    OutgoingMail.objects.put(
        "account", key="canary", to=user, content={"body": "canary"}, payload={"x": 1}, now=NOON
    )


def _plant_canaries() -> set[tuple[str, str | None]]:
    """Write a canary into every column of ours that holds free text; (table, column) of each."""
    planted: set[tuple[str, str | None]] = set()
    for label in ("accounts", "program"):
        for model in apps.get_app_config(label).get_models():
            for field in model._meta.local_fields:
                place = (model._meta.db_table, field.column)
                if _is_free_text(field) and place not in SHOWN | SPARED and _plant(model, field):
                    planted.add(place)
    return planted


def _is_free_text(field: "models.Field[Any, Any]") -> bool:
    is_text = isinstance(field, models.CharField | models.TextField | models.JSONField)
    return is_text and not field.choices and not field.unique


def _plant(model: type[models.Model], field: "models.Field[Any, Any]") -> bool:
    """Whether the table has a row that took it."""
    value: Any = {"canary": "canary"} if isinstance(field, models.JSONField) else "canary"
    try:
        with transaction.atomic():
            return model._default_manager.update(**{field.name: value}) > 0
    except IntegrityError:
        return False  # unique together with something
