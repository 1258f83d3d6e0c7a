"""Every kind of token that we hand out: how one is made, and what is done with one of that kind.

A door answers whether it let somebody in, or did what the token is for. Whatever it changes is
taken back by its caller, so that each try finds what the one before it found.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import time as clock
from datetime import timedelta
from urllib.parse import quote

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.core import mail
from django.test import Client

from accounts import factors
from accounts.models import User
from program.models import (
    CalendarFeed,
    Cohort,
    CohortMembership,
    EmailInvitation,
    Invitation,
    MailChoice,
)
from program.models.mail import MailKind, all_kinds_token, one_kind_token
from tests.factories import NOON, PASSWORD
from tests.posting import named_on

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
TEN_MINUTES, WEEK = timedelta(minutes=10), timedelta(hours=168)


@dataclass
class Token:
    right: str
    door: Callable[[str], bool]
    # Good until so long after NOON; None: until it is taken back.
    lifetime: timedelta | None = None
    # Of the same kind, and somebody else's: it opens nothing of theirs, or to them.
    foreign: Callable[[], bool] = field(default=lambda: False)
    # Use it once more, by somebody who could; absent where it is good more than once.
    again: Callable[[], bool] | None = None


@dataclass
class Cast:
    alice: User
    bob: User
    carol: User
    erin: User
    cohort: Cohort


def make_tokens(cast: Cast) -> dict[str, Token]:
    return {
        "link for members": _member_link(cast),
        "invitation by mail": _mailed_invitation(cast),
        "link for a coach": _coach_link(cast),
        "unsubscribe": _unsubscribe(cast),
        "all mail": _all_mail(cast),
        "calendar": _calendar(cast),
        "code of a sign-up": _sign_up_code(),
        "code to log in": _login_code(cast),
        "code for a new password": _reset_code(cast),
        "code of a new address": _address_code(cast),
        "code to confirm": _confirm_code(cast),
        "code of an app": _app_code(cast),
        "recovery code": _recovery_code(cast),
        "session": _session(cast),
    }


# --- Links ---------------------------------------------------------------------------------------


def _join(browser: Client, user: User, token: str) -> bool:
    link = f"/join/{quote(token, safe='')}/"
    fields = {
        "statement": "Sing",
        "time_zone": "Europe/Stockholm",
        "scope": "counts",
        "named": named_on(link),
    }
    copy_of(browser).post(link, fields)
    return CohortMembership.objects.filter(enrollment__participant=user).exists()


def _member_link(cast: Cast) -> Token:
    _made, token = Invitation.make(cohort=cast.cohort, by=cast.carol, now=NOON, max_uses=1)
    erin, bob = logged_in(cast.erin), logged_in(cast.bob)
    return Token(
        token,
        lambda given: _join(erin, cast.erin, given),
        WEEK,
        again=lambda: _join(bob, cast.bob, token),
    )


def _mailed_invitation(cast: Cast) -> Token:
    EmailInvitation.objects.invite(
        cohort=cast.cohort, by=cast.carol, emails=[cast.erin.email], words="", now=NOON
    )
    token = EmailInvitation.objects.get().take_token()
    erin, bob = logged_in(cast.erin), logged_in(cast.bob)
    return Token(
        token,
        lambda given: _join(erin, cast.erin, given),
        WEEK,
        foreign=lambda: _join(bob, cast.bob, token),
        again=lambda: _join(bob, cast.bob, token),
    )


def _coach_link(cast: Cast) -> Token:
    _made, token = Invitation.make(cohort=cast.cohort, by=cast.carol, now=NOON, role="coach")
    erin, bob = logged_in(cast.erin), logged_in(cast.bob)

    def coaches(browser: Client, user: User, given: str) -> bool:
        copy_of(browser).post(f"/coach/{quote(given, safe='')}/")
        return cast.cohort.standing_coaches().filter(coach=user).exists()

    return Token(
        token,
        lambda given: coaches(erin, cast.erin, given),
        WEEK,
        again=lambda: coaches(bob, cast.bob, token),
    )


def _stops(user: User, prefix: str, token: str, **fields: str) -> bool:
    before = MailChoice.objects.owned_by(user).wanted().count()
    everybody = MailChoice.objects.wanted().count()
    Client().post(f"{prefix}{quote(token, safe='')}/", fields)
    assert MailChoice.objects.wanted().count() - everybody in {0, -1, -2}
    return MailChoice.objects.owned_by(user).wanted().count() < before


def _unsubscribe(cast: Cast) -> Token:
    for user in (cast.alice, cast.bob):
        for kind in (MailKind.COACH_NOTE, MailKind.MORNING):
            MailChoice.objects.choose(user, kind, now=NOON, at=clock(8))
    token = one_kind_token(cast.alice, MailKind.COACH_NOTE)
    swapped = one_kind_token(cast.bob, MailKind.COACH_NOTE).partition(".")[2]
    return Token(
        token,
        lambda given: _stops(cast.alice, "/unsubscribe/", given),
        foreign=lambda: _stops(cast.alice, "/unsubscribe/", f"{token.partition('.')[0]}.{swapped}"),
    )


def _all_mail(cast: Cast) -> Token:
    def door(given: str) -> bool:
        return _stops(cast.alice, "/mail/", given, shown=MailKind.COACH_NOTE)

    swapped = all_kinds_token(cast.bob).partition(".")[2]
    return Token(
        all_kinds_token(cast.alice), door, foreign=lambda: door(f"{cast.alice.pk}.{swapped}")
    )


def _calendar(cast: Cast) -> Token:
    made = [
        CalendarFeed.objects.open(user, at=clock(8), shows_words=True, now=NOON)
        for user in (cast.alice, cast.bob)
    ]

    def door(given: str) -> bool:
        return bool(Client().get(f"/calendar/{quote(given, safe='')}.ics").status_code == 200)

    return Token(
        made[0],
        door,
        foreign=lambda: b"Alice" in Client().get(f"/calendar/{made[1]}.ics").content,
    )


# --- Codes ---------------------------------------------------------------------------------------


def _code_of(client: Client, page: str, fields: dict[str, str]) -> str:
    client.post(page, fields)
    found = re.search(r"^\s*(\d{6})\s*$", str(mail.outbox[-1].body), re.MULTILINE)
    assert found
    return found[1]


def _code(
    client: Client,
    other: Client,
    asked: tuple[str, dict[str, str]],
    typed: str,
    is_done: Callable[[Client], bool],
) -> Token:
    """`other` is a browser that has asked for a code too, by the same form: for `client`'s, it is
    not good there."""

    def door(browser: Client, given: str) -> bool:
        trying = copy_of(browser)
        answer = trying.post(typed, {"code": given})
        return answer.status_code == 302 and is_done(trying)

    code = _code_of(client, *asked)
    return Token(
        code,
        lambda given: door(client, given),
        TEN_MINUTES,
        foreign=lambda: door(other, code),
        again=lambda: door(client, code),
    )


def _is_in(client: Client) -> bool:
    return bool(client.get("/accounts/sessions/").status_code == 200)


def _asked_by(email: str, page: str) -> Client:
    client = Client()
    _code_of(client, page, _fields(email))
    return client


def _fields(email: str) -> dict[str, str]:
    return {"email": email, "password1": PASSWORD, "display_name": "Nora"}


def _sign_up_code() -> Token:
    page = "/accounts/signup/"
    asked = (page, _fields("nora@example.org"))
    other = _asked_by("nils@example.org", page)
    return _code(Client(), other, asked, "/accounts/confirm-email/", _is_in)


def _login_code(cast: Cast) -> Token:
    page = "/accounts/login/code/"
    asked = (page, {"email": cast.alice.email})
    return _code(Client(), _asked_by(cast.bob.email, page), asked, f"{page}confirm/", _is_in)


def _reset_code(cast: Cast) -> Token:
    page = "/accounts/password/reset/"

    passwords = User.objects.order_by("pk").values_list("password", flat=True)

    def sets_a_password(client: Client) -> bool:
        before, new = list(passwords.all()), f"four plain words {len(mail.outbox)}"
        client.post(f"{page}complete/", {"password1": new, "password2": new})
        return list(passwords.all()) != before

    asked = (page, {"email": cast.alice.email})
    other = _asked_by(cast.bob.email, page)
    return _code(Client(), other, asked, f"{page}confirm/", sets_a_password)


def _address_code(cast: Cast) -> Token:
    def is_taken(_client: Client) -> bool:
        # Gone again, so that a second use would be seen.
        return bool(
            EmailAddress.objects.filter(email__startswith="moved", verified=True).delete()[0]
        )

    page = "/accounts/email/"
    clients = [confirmed(user) for user in (cast.carol, cast.bob)]
    _code_of(clients[1], page, {"email": "moved.bob@example.org", "action_add": ""})
    asked = (page, {"email": "moved.carol@example.org", "action_add": ""})
    return _code(clients[0], clients[1], asked, "/accounts/confirm-email/", is_taken)


def _confirm_code(cast: Cast) -> Token:
    page, guarded = "/accounts/reauthenticate/code/", "/accounts/2fa/totp/activate/"
    clients = [logged_in(user) for user in without_passwords(cast)]
    _code_of(clients[1], page, {})
    return _code(
        clients[0],
        clients[1],
        (page, {}),
        page,
        lambda client: bool(client.get(guarded).status_code == 200),
    )


# --- Second factors and sessions -----------------------------------------------------------------


def app_code(secret: str = SECRET) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def _second_step(browser: Client, given: str) -> bool:
    client = copy_of(browser)
    answer = client.post("/accounts/2fa/authenticate/", {"code": given})
    return answer.status_code == 302 and _is_in(client)


def _app_code(cast: Cast) -> Token:
    TOTP.activate(cast.erin, SECRET)
    TOTP.activate(cast.carol, SECRET[::-1])
    erin, another, carol = (halfway(user) for user in (cast.erin, cast.erin, cast.carol))
    code = app_code()
    return Token(
        code,
        lambda given: _second_step(erin, given),
        timedelta(seconds=29),  # NOON begins a half minute, and the next one has another code
        foreign=lambda: _second_step(carol, code),
        again=lambda: _second_step(another, code),
    )


def _recovery_code(cast: Cast) -> Token:
    for user in (cast.erin, cast.carol):
        factors.make_recovery_codes(user)
    codes = Authenticator.objects.get(type="recovery_codes", user=cast.erin)
    code = codes.wrap().get_unused_codes()[3]
    erin, another, carol = (halfway(user) for user in (cast.erin, cast.erin, cast.carol))
    return Token(
        code,
        lambda given: _second_step(erin, given),
        foreign=lambda: _second_step(carol, code),
        again=lambda: _second_step(another, code),
    )


def _session(cast: Cast) -> Token:
    def door(given: str) -> bool:
        client = Client()
        client.cookies["session"] = given
        return _is_in(client)

    key = logged_in(cast.bob).cookies["session"].value
    return Token(key, door, timedelta(hours=30 * 24))


# --- People --------------------------------------------------------------------------------------


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def confirmed(user: User) -> Client:
    client = logged_in(user)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def halfway(user: User) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    return client


def without_passwords(cast: Cast) -> list[User]:
    """Two, as accounts that began at another provider."""
    for user in (made := [cast.alice, cast.bob]):
        user.set_unusable_password()
        user.save()
    return made


def copy_of(client: Client) -> Client:
    copy = Client()
    for name, morsel in client.cookies.items():
        copy.cookies[name] = morsel.value
    return copy
