"""REGISTRATION: who may sign up, in each mode, with each kind of invitation."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from program.models import Cohort, Invitation
from tests.accounts.test_signup import CONFIRM, LOG_IN, SIGN_UP, mailed_code, sign_up
from tests.factories import NOON, PASSWORD, make_cohort
from tests.posting import Response, is_our_page, text_of

pytestmark = pytest.mark.usefixtures("noon")
MODES = ["open", "invitation", "closed"]
FORM = 'name="password1"'


def _no_invitation(client: Client, link: str) -> None:
    pass


def _usable(client: Client, link: str) -> None:
    assert client.get(link).status_code == 200


def _expired(client: Client, link: str) -> None:
    client.get(link)
    Invitation.objects.update(expires_at=NOON)


def _revoked(client: Client, link: str) -> None:
    client.get(link)
    Invitation.objects.get().revoke(NOON)


def _used_up(client: Client, link: str) -> None:
    client.get(link)
    Invitation.objects.update(max_uses=1, uses=1)


def _of_a_closed_cohort(client: Client, link: str) -> None:
    client.get(link)
    Cohort.objects.update(closed_at=NOON)


def _gone(client: Client, link: str) -> None:
    client.get(link)
    Invitation.objects.all().delete()


def _revoked_before(client: Client, link: str) -> None:
    Invitation.objects.get().revoke(NOON)
    client.get(link)


def _unknown(client: Client, link: str) -> None:
    assert client.get("/join/never-was/").status_code == 404


def _opened_elsewhere(client: Client, link: str) -> None:
    Client().get(link)


def _written_by_hand(client: Client, link: str) -> None:
    """What a visitor can send of their own accord: a cookie, a header, an address, a field."""
    client.cookies["registration_invited_by"] = str(Invitation.objects.get().pk)
    client.get(f"{SIGN_UP}?registration_invited_by={Invitation.objects.get().pk}&next={link}")


Invite = Callable[[Client, str], None]
NO_INVITATION: list[Invite] = [
    *(_no_invitation, _expired, _revoked, _used_up, _of_a_closed_cohort, _gone, _revoked_before),
    *(_unknown, _opened_elsewhere, _written_by_hand),
]
CASES = [(mode, _usable, True) for mode in MODES] + [
    (mode, invite, mode == "open") for mode in MODES for invite in NO_INVITATION
]


@pytest.fixture
def link(carol: User) -> str:
    _invitation, token = Invitation.make(cohort=make_cohort(coach=carol), by=carol, now=NOON)
    return f"/join/{token}/"


@pytest.mark.parametrize(("mode", "invite", "is_let_in"), CASES)
def test_sign_up_is_for_whom_the_mode_and_the_invitation_let_in(
    mode: str, invite: Invite, is_let_in: bool, link: str, settings: Settings
) -> None:
    settings.REGISTRATION = mode
    visitor = Client()
    invite(visitor, link)

    page, posted = visitor.get(SIGN_UP), sign_up(visitor)

    assert is_our_page(page)
    assert (FORM in text_of(page)) == is_let_in
    assert (posted.get("Location") == CONFIRM) == is_let_in
    assert User.objects.filter(email="nora@example.org").exists() == is_let_in
    assert len(mail.outbox) == is_let_in


@pytest.mark.parametrize(("mode", "invite", "is_let_in"), CASES)
def test_sign_up_with_the_address_of_an_account_looks_like_any_other(
    mode: str, invite: Invite, is_let_in: bool, link: str, settings: Settings, alice: User
) -> None:
    settings.REGISTRATION = mode
    known, unknown = Client(), Client()
    invite(known, link)
    invite(unknown, link)

    first, second = sign_up(known, email=alice.email), sign_up(unknown)

    assert first.status_code == second.status_code
    assert first.get("Location") == second.get("Location")
    assert _shown(first) == _shown(second)
    assert User.objects.filter(email=alice.email).get() == alice
    if not is_let_in:
        assert mail.outbox == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("invite", [_no_invitation, _usable, _revoked])
def test_somebody_with_an_account_logs_in_whatever_the_mode(
    mode: str, invite: Invite, link: str, settings: Settings, alice: User
) -> None:
    settings.REGISTRATION = mode
    client = Client()
    invite(client, link)

    response = client.post(LOG_IN, {"login": alice.email, "password": PASSWORD, "next": link})

    assert response["Location"] == link


def test_invited_visitor_signs_up_and_lands_on_the_page_of_the_invitation(
    link: str, settings: Settings
) -> None:
    settings.REGISTRATION = "closed"
    visitor = Client()
    visitor.get(link)
    sign_up(visitor, next=link)

    response = visitor.post(CONFIRM, {"code": mailed_code()}, follow=True)

    assert response.redirect_chain[-1][0] == link
    assert 'name="scope"' in text_of(response)


def test_invitation_that_expires_while_the_form_is_open_lets_nobody_in(
    link: str, settings: Settings, noon: time_machine.Traveller
) -> None:
    settings.REGISTRATION = "invitation"
    visitor = Client()
    visitor.get(link)
    assert FORM in text_of(visitor.get(SIGN_UP))

    noon.shift(timedelta(hours=168))
    response = sign_up(visitor)

    assert "You come in by invitation here" in text_of(response)
    assert not User.objects.filter(email="nora@example.org").exists()


def test_logging_out_forgets_the_invitation(link: str, settings: Settings, alice: User) -> None:
    settings.REGISTRATION = "closed"
    client = Client()
    client.get(link)
    client.post(LOG_IN, {"login": alice.email, "password": PASSWORD})
    client.post("/accounts/logout/")

    assert FORM not in text_of(client.get(SIGN_UP))


def test_link_gives_a_visitor_no_cookie_where_everybody_may_sign_up(link: str) -> None:
    assert Client().get(link).cookies == {}


# --- What the front door says --------------------------------------------------------------------

FRONT_DOOR = ["/", "/see-a-day/", LOG_IN, "/accounts/login/code/", "/accounts/password/reset/"]


@pytest.mark.parametrize("address", FRONT_DOOR)
@pytest.mark.parametrize("mode", ["invitation", "closed"])
def test_front_door_offers_no_sign_up_but_to_the_invited(
    address: str, mode: str, link: str, settings: Settings
) -> None:
    settings.REGISTRATION = mode
    invited = Client()
    invited.get(link)

    assert SIGN_UP not in text_of(Client().get(address))
    if address in {"/", "/see-a-day/", LOG_IN}:
        assert SIGN_UP in text_of(invited.get(address))


@pytest.mark.parametrize("address", ["/", LOG_IN])
@pytest.mark.parametrize(
    ("mode", "says"), [("open", False), ("invitation", True), ("closed", False)]
)
def test_front_door_speaks_of_invitations_in_one_mode_alone(
    address: str, mode: str, says: bool, db: None, settings: Settings
) -> None:
    settings.REGISTRATION = mode

    page = text_of(Client().get(address))

    assert ("You come in by" in page) == says
    assert ("Start your two weeks" in page) == (mode == "open")


@pytest.mark.parametrize("mode", MODES)
def test_mail_to_an_address_without_an_account_offers_sign_up_where_it_is_open(
    mode: str, db: None, settings: Settings
) -> None:
    settings.REGISTRATION = mode

    Client().post("/accounts/login/code/", {"email": "nobody@example.org"})

    (message,) = mail.outbox
    assert (SIGN_UP in str(message.body)) == (mode == "open")


def _shown(response: Response) -> list[str]:
    lines = text_of(response).splitlines()
    return [line for line in lines if "csrfmiddlewaretoken" not in line]
