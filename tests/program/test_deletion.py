"""An account ends at once and completely; what stays is said before, and names nobody."""

from datetime import timedelta

import pytest
import time_machine
from django.apps import apps
from django.core import mail
from django.db import models
from django.test import Client
from pytest_django import Settings

from accounts.delivery import deliver_due
from accounts.models import OutgoingMail, User
from program.models import (
    CoachVisit,
    Cohort,
    Consent,
    DayPost,
    Encouragement,
    Enrollment,
    Nudge,
)
from program.models.deletion import FATES, Fate, StillLeadingError, delete_account
from tests.addresses import rows
from tests.factories import NOON, PASSWORD, make_cohort, make_membership
from tests.posting import Response, is_our_page, text_of
from tests.program.test_letters import make_note, make_nudge
from tests.used_account import CANARY, make_used_account, traces
from tests.writes import make_world


def confirm(client: Client) -> None:
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})


def delete(client: Client, email: str = "alice@example.org") -> Response:
    return client.post("/settings/delete/", {"email": email})


# --- What becomes of each table --------------------------------------------------------------


def test_fates_name_every_table_and_no_other() -> None:
    labels = {model._meta.label for model in apps.get_models(include_auto_created=True)}

    assert FATES.keys() == labels


def test_fates_are_what_the_keys_do() -> None:
    for model in apps.get_models(include_auto_created=True):
        keys = [field for field in model._meta.get_fields() if isinstance(field, models.ForeignKey)]
        does = {_on_delete(key) for key in keys if key.related_model is User}
        if FATES[model._meta.label] == Fate.UNNAMED:
            assert "SET_NULL" in does, model
        if FATES[model._meta.label] == Fate.NOBODYS:
            assert not does, model
        if FATES[model._meta.label] == Fate.GOES and model is not User:
            assert _is_taken_along(model, set()), model


def _on_delete(key: "models.ForeignKey[models.Model, models.Model]") -> str:
    return str(getattr(key.remote_field.on_delete, "__name__", ""))


def _is_taken_along(model: type[models.Model], seen: set[type[models.Model]]) -> bool:
    if model is User:
        return True
    return any(
        _is_taken_along(field.related_model, {*seen, model})
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey)
        and _on_delete(field) == "CASCADE"
        and field.related_model not in seen | {model}
    )


def test_deletion_leaves_no_trace_in_any_table(
    carol: User, noon: time_machine.Traveller, settings: Settings
) -> None:
    settings.MAILERS = {
        **settings.MAILERS,
        "delivery": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"},
    }
    user, client = make_used_account(carol)
    before = traces()
    of_program = {
        model._meta.db_table
        for model in apps.get_app_config("program").get_models()
        if FATES[model._meta.label] == Fate.GOES
    }
    without_words = {"program_postreading", "program_mailchoice", "program_replytakedown"}
    assert of_program - before.keys() <= without_words
    assert before.keys() > {"accounts_user", "django_session", "accounts_outgoingmail"}
    assert before["django_session"] == 2

    confirm(client)
    response = delete(client, user.email.upper())

    assert response["Location"] == "/goodbye/"
    # Its last letter has yet to leave.
    assert traces() == {"accounts_outgoingmail": 1}
    deliver_due(lambda: NOON)
    assert traces() == {}
    assert mail.outbox[-1].to == [user.email]
    assert "is deleted" in mail.outbox[-1].subject
    assert CANARY not in str(mail.outbox[-1].body)
    # The coach and their cohort are as they were.
    assert Cohort.objects.get().name == "Spring starters"
    assert DayPost.objects.get().coach == carol


# --- The page --------------------------------------------------------------------------------


def test_deletion_logs_out_every_device_and_says_goodbye(
    alice_client: Client, alice: User, bob: User
) -> None:
    phone = Client()
    phone.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    assert phone.get("/settings/").status_code == 200
    confirm(alice_client)

    response = delete(alice_client)

    assert response["Location"] == "/goodbye/"
    assert response["Clear-Site-Data"] == '"cache", "storage"'
    assert is_our_page(alice_client.get("/goodbye/"))
    assert phone.get("/settings/").status_code == 302
    assert alice_client.get("/settings/").status_code == 302
    assert list(User.objects.all()) == [bob]


def test_deletion_asks_first_who_it_is(alice_client: Client, alice: User) -> None:
    response = delete(alice_client)

    assert response.status_code == 302
    assert response["Location"] == "/accounts/reauthenticate/?next=%2Fsettings%2Fdelete%2F"
    assert User.objects.filter(pk=alice.pk).exists()


def test_deletion_asks_again_after_a_while(
    alice_client: Client, alice: User, noon: time_machine.Traveller
) -> None:
    confirm(alice_client)
    noon.move_to(NOON + timedelta(minutes=6))

    assert delete(alice_client)["Location"].startswith("/accounts/reauthenticate/")
    assert User.objects.filter(pk=alice.pk).exists()


@pytest.mark.parametrize("email", ["", "bob@example.org", "a\0b", "x" * 300])
def test_deletion_without_the_address_changes_nothing(
    email: str, alice_client: Client, alice: User, bob: User
) -> None:
    confirm(alice_client)

    response = delete(alice_client, email)

    assert response.status_code == 422
    assert is_our_page(response)
    assert User.objects.count() == 2


def test_deletion_of_one_leaves_the_other_whole(
    alice_client: Client, enrollment: Enrollment, bob: User
) -> None:
    make_world(bob)
    counts = {model: model._default_manager.count() for model in _program_models()}
    confirm(alice_client)
    Enrollment.objects.owned_by(enrollment.participant).delete()
    without = {model: model._default_manager.count() for model in _program_models()}
    assert counts != without

    delete(alice_client)

    assert without == {model: model._default_manager.count() for model in _program_models()}
    assert "Bob opens a door" in rows()


def _program_models() -> list[type[models.Model]]:
    return list(apps.get_app_config("program").get_models(include_auto_created=True))


def test_deletion_says_the_backup_horizon(alice_client: Client, settings: Settings) -> None:
    assert "they can tell you when that is" in text_of(alice_client.get("/settings/delete/"))

    settings.BACKUP_DAYS = 30

    for page in ("/settings/delete/", "/goodbye/"):
        assert "are overwritten within 30 days" in text_of(alice_client.get(page))


def test_settings_lead_to_the_deletion(alice_client: Client) -> None:
    assert 'href="/settings/delete/"' in text_of(alice_client.get("/settings/"))


# --- Of a coach ------------------------------------------------------------------------------


@pytest.fixture
def cohort(carol: User, enrollment: Enrollment) -> Cohort:
    cohort = make_cohort(coach=carol)
    make_membership(cohort=cohort, enrollment=enrollment, nudges=True)
    return cohort


def test_deletion_of_the_last_coach_waits_until_the_cohort_is_handed_on(
    client: Client, carol: User, cohort: Cohort, noon: time_machine.Traveller
) -> None:
    client.force_login(carol)
    confirm(client)

    page = text_of(client.get("/settings/delete/"))
    response = delete(client, carol.email)

    assert "Hand them on or close them first" in page
    assert cohort.name in page
    assert 'name="email"' not in page
    assert response.status_code == 422
    assert cohort.standing_coaches().get().coach == carol


def test_deletion_of_a_coach_keeps_their_notes_without_their_name(
    carol: User, dave: User, enrollment: Enrollment, cohort: Cohort, alice_client: Client
) -> None:
    make_note(carol, enrollment)
    make_nudge(carol, cohort.memberships.get())
    CoachVisit.objects.note(coach=carol, enrollments=[enrollment.pk], on=NOON.date(), now=NOON)
    cohort.coaches.create(coach=dave, joined_at=NOON)

    delete_account(carol, NOON)

    assert Encouragement.objects.get().coach is None
    assert Nudge.objects.get().coach is None
    assert not Consent.objects.exists()
    assert cohort.standing_coaches().get().coach == dave
    for page in ("/today/", "/consents/", "/settings/access/", f"/days/{NOON.date()}/"):
        words = text_of(alice_client.get(page))
        assert "Carol" not in words
        assert "None" not in words
    assert "Your coach, " in text_of(alice_client.get("/today/"))
    access = text_of(alice_client.get("/settings/access/"))
    assert "A coach whose account is gone looked at your two weeks" in access


def test_deletion_of_a_coach_takes_along_what_nobody_else_leads(
    carol: User, dave: User, cohort: Cohort
) -> None:
    others = make_cohort(coach=dave, name="Harbor people")
    cohort.memberships.update(left_at=NOON)

    delete_account(carol, NOON)

    assert list(Cohort.objects.all()) == [others]
    assert Enrollment.objects.count() == 1


def test_deletion_counts_a_coach_who_has_left_as_none(
    carol: User, dave: User, cohort: Cohort
) -> None:
    cohort.coaches.create(coach=dave, joined_at=NOON, left_at=NOON)

    with pytest.raises(StillLeadingError):
        delete_account(carol, NOON)
    delete_account(dave, NOON)

    assert cohort.standing_coaches().get().coach == carol
    assert OutgoingMail.objects.get().to == dave.email
