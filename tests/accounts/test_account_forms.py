"""The forms of getting in with anything in them: no error, no field too many, nothing of others."""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from accounts import factors
from accounts.models import User
from tests.addresses import rows
from tests.factories import PASSWORD
from tests.often import often
from tests.posting import Response
from tests.test_fuzz import ANSWERS, Generator, assert_calm
from tests.test_input import FORM

POSTS = often(6, 60)
NEW = "another four plain words"


@dataclass(frozen=True)
class Form:
    """Without `who`, a visitor's."""

    path: str
    fields: Mapping[str, str]
    who: str = ""


FORMS = [
    Form("/accounts/login/", {"login": "alice@example.org", "password": "x", "remember": "on"}),
    Form("/accounts/signup/", {"email": "n@example.org", "password1": NEW, "display_name": "N"}),
    Form("/accounts/signup/passkey/", {"email": "n@example.org", "display_name": "N"}),
    Form("/accounts/login/code/", {"email": "alice@example.org"}),
    Form("/accounts/password/reset/", {"email": "alice@example.org"}),
    Form("/accounts/2fa/webauthn/login/", {"credential": "{}"}),
    Form("/accounts/2fa/authenticate/", {"code": "000000"}, "halfway"),
    Form("/accounts/reauthenticate/", {"password": "x", "next": "/map/"}, "alice"),
    Form("/accounts/reauthenticate/code/", {"code": "000000", "next": "/map/"}, "nobody's"),
    Form("/accounts/email/", {"email": "moved@example.org", "action_add": ""}, "alice"),
    Form(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW},
        "alice",
    ),
    Form("/accounts/password/set/", {"password1": NEW, "password2": NEW}, "nobody's"),
    Form("/accounts/2fa/totp/activate/", {"code": "000000"}, "alice"),
    Form("/accounts/2fa/totp/deactivate/", {}, "bob"),
    Form("/accounts/2fa/recovery-codes/generate/", {}, "bob"),
    Form("/accounts/2fa/webauthn/add/", {"name": "Phone", "credential": "{}"}, "alice"),
    Form("/accounts/2fa/reauthenticate/", {"code": "000000"}, "bob"),
    Form("/accounts/2fa/webauthn/reauthenticate/", {"credential": "{}"}, "bob"),
    Form("/accounts/3rdparty/", {"account": "1"}, "alice"),
    Form("/accounts/sessions/end/", {}, "alice"),
    Form("/accounts/logout/", {}, "alice"),
]
EXTRA = dict.fromkeys(
    (
        *("is_staff", "is_superuser", "is_active", "is_approved_coach", "user", "user_id", "pk"),
        *("id", "verified", "primary", "session_epoch", "last_login", "date_joined", "data"),
        *("secret", "type", "used_mask", "groups", "user_permissions", "initial", "instance"),
    ),
    "1",
)
STANDING = ("is_staff", "is_superuser", "is_active", "is_approved_coach")


@pytest.fixture
def people(alice: User, bob: User, carol: User, noon: time_machine.Traveller) -> dict[str, Client]:
    """Alice has a password, Bob a factor too, and the third, who began elsewhere, neither."""
    TOTP.activate(bob, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    factors.make_recovery_codes(bob)
    clients = {name: Client() for name in ("", "halfway", "alice", "bob", "nobody's")}
    clients["halfway"].post("/accounts/login/", {"login": bob.email, "password": PASSWORD})
    clients["alice"].force_login(alice)
    clients["alice"].post("/accounts/reauthenticate/", {"password": PASSWORD})
    clients["bob"].force_login(bob)
    clients["bob"].post("/accounts/reauthenticate/", {"password": PASSWORD})
    carol.set_unusable_password()
    carol.save()
    clients["nobody's"].force_login(carol)
    clients["nobody's"].post("/accounts/reauthenticate/code/")
    return clients


def as_upload(generate: Generator, form: Form) -> dict[str, object]:
    """The same as a form that sends files, one of the fields being one."""
    fields: dict[str, object] = {name: generate.value() for name in form.fields}
    for name in generate.chance.sample([*form.fields, "file"], 1):
        content = generate.value().encode("utf-8", "replace")
        fields[name] = SimpleUploadedFile('\u0007../odd;"name.zip', content)
    return {name: _sendable(value) for name, value in fields.items()}


def _sendable(value: object) -> object:
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def posted(people: dict[str, Client], form: Form, body: bytes | Mapping[str, object]) -> Response:
    client = Client(raise_request_exception=False)
    for name, morsel in people[form.who].cookies.items():
        client.cookies[name] = morsel.value
    if isinstance(body, bytes):
        return client.post(form.path, body, content_type=FORM)
    return client.post(form.path, body)


def test_forms_with_anything_in_them_are_answered(people: dict[str, Client]) -> None:
    for form in FORMS:
        generate = Generator(form.path)
        for number in range(POSTS):
            body = generate.body(dict(form.fields))
            with transaction.atomic():
                response = posted(people, form, body if number % 4 else as_upload(generate, form))
                transaction.set_rollback(True)
            assert response.status_code in ANSWERS | {429}, (form.path, body[:500])
            if response.status_code in {400, 413}:
                assert_calm(response, body)


def test_field_too_many_makes_nobody_more_than_they_are(people: dict[str, Client]) -> None:
    standing = User.objects.order_by("pk").values_list("pk", *STANDING)
    verified = EmailAddress.objects.filter(verified=True).values_list("email", "user")
    before = list(standing), set(verified)

    for form in FORMS:
        with transaction.atomic():
            response = posted(people, form, {**EXTRA, **form.fields})
            assert response.status_code in ANSWERS | {429}, form.path
            assert list(standing.all())[: len(before[0])] == before[0], form.path
            assert not User.objects.filter(is_staff=True).exists(), form.path
            assert set(verified.all()) == before[1], form.path
            transaction.set_rollback(True)


def test_form_that_is_sent_twice_is_done_once(people: dict[str, Client]) -> None:
    for form in FORMS:
        done = []
        for times in (1, 2):
            with transaction.atomic():
                for _time in range(times):
                    assert posted(people, form, dict(form.fields)).status_code < 500, form.path
                done.append(
                    (
                        User.objects.count(),
                        EmailAddress.objects.count(),
                        sorted(Authenticator.objects.values_list("user", "type")),
                    )
                )
                transaction.set_rollback(True)
        assert done[0] == done[1], form.path


def test_forms_touch_the_rows_of_nobody_else(people: dict[str, Client], dave: User) -> None:
    dave_client = Client()
    dave_client.force_login(dave)
    TOTP.activate(dave, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"[::-1])
    key = dave_client.cookies["session"].value

    for form in FORMS:
        with transaction.atomic():
            posted(people, form, {**form.fields, "user": str(dave.pk), "login": dave.email})
            dave.refresh_from_db()
            assert dave.check_password(PASSWORD), form.path
            assert Authenticator.objects.filter(user=dave).count() == 1, form.path
            assert EmailAddress.objects.get(user=dave).email == dave.email, form.path
            still = Client()
            still.cookies["session"] = key
            assert still.get("/accounts/sessions/").status_code == 200, form.path
            transaction.set_rollback(True)
    assert "dave@example.org" in rows()
