"""`python -m tests.rotating make|check` is one start of the site, with the keys of its environment.

`make` prints, as JSON, one of each thing that a key stands behind; `check` is told of such and
prints which of them work.
"""

import json
import re
import sys
from collections.abc import Callable
from datetime import time
from typing import Any

Things = dict[str, Any]
PASSWORD = "four plain words here"
CODE = re.compile(r"^\s*(\d{6})\s*$", re.MULTILINE)


def make(name: str) -> Things:
    from allauth.account.models import EmailAddress
    from allauth.mfa.models import Authenticator
    from allauth.mfa.totp.internal.auth import TOTP
    from django.test import Client
    from django.urls import reverse
    from django.utils import timezone

    from accounts import factors, sessions
    from accounts.mail_backend import from_content
    from accounts.models import OutgoingMail, User
    from program.models import CalendarFeed, Cohort, Invitation
    from program.models.mail import MailChoice, MailKind, all_kinds_token, one_kind_token

    now = timezone.now()

    def person(what: str) -> User:
        user = User.objects.create_user(f"{name}-{what}@example.org", PASSWORD)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        return user

    def code_by_mail(page: str, what: str, leads_to: str) -> Things:
        client, user = Client(SERVER_NAME="localhost"), person(what)
        client.post(page, {"email": user.email})
        mail = OutgoingMail.objects.get(to=user.email)
        found = CODE.search(str(from_content(mail.content or {}, mail.to).body))
        assert found
        page = f"{page}confirm/"
        return {
            "cookies": cookies(client),
            "page": page,
            "code": found[1],
            "leads to": leads_to,
            "mail": mail.pk,
        }

    walker = person("walker")
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(walker)
    opened = browser.session
    opened[sessions.NOTED] = int(now.timestamp()) - sessions.REFRESH - 1  # as of a while ago
    opened.save()
    for kind in (MailKind.COACH_NOTE, MailKind.COACH_DIGEST):
        MailChoice.objects.choose(walker, kind, at=time(7), now=now)
    guarded = person("guarded")
    TOTP.activate(guarded, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    factors.make_recovery_codes(guarded)
    recovery = Authenticator.objects.get(user=guarded, type="recovery_codes").wrap()
    cohort = Cohort.objects.create(name="Spring", created_at=now)
    _invitation, token = Invitation.make(cohort=cohort, by=walker, now=now, max_uses=1)
    feed = CalendarFeed.objects.open(walker, at=time(7), shows_words=False, now=now)
    one, every = one_kind_token(walker, MailKind.COACH_NOTE), all_kinds_token(walker)
    to_log_in = code_by_mail("/accounts/login/code/", "login", "/today/")
    return {
        "mail that waits": to_log_in.pop("mail"),
        "session": {"cookies": cookies(browser)},
        "code to log in": to_log_in,
        "code to reset": code_by_mail("/accounts/password/reset/", "reset", "/complete"),
        "unsubscribe": reverse("mail_unsubscribe", args=[one]),
        "all mail": reverse("mail_choices", args=[every]),
        "calendar": reverse("feed_detail", args=[feed]),
        "invitation": reverse("invitation_join", args=[token]),
        "app": {"login": guarded.email, "code": ""},
        "recovery code": {"login": guarded.email, "code": recovery.get_unused_codes()[0]},
    }


def cookies(client: Any) -> dict[str, str]:
    return {key: morsel.value for key, morsel in client.cookies.items()}


def check(things: Things) -> dict[str, bool]:
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
    from cryptography.fernet import InvalidToken
    from django.test import Client

    from accounts.mail_backend import from_content
    from accounts.models import OutgoingMail

    def with_cookies(found: dict[str, str]) -> Client:
        client = Client(raise_request_exception=False, SERVER_NAME="localhost")
        client.cookies.load(found)
        return client

    def session(found: Things) -> bool:
        """It is let in and keeps its id, or a second request at the same moment would not be."""
        client = with_cookies(found["cookies"])
        page = client.get("/accounts/sessions/")
        kept = cookies(client)["session"] == found["cookies"]["session"]
        return page.status_code == 200 and kept

    def code(found: Things) -> bool:
        answer = with_cookies(found["cookies"]).post(found["page"], {"code": found["code"]})
        return answer.status_code == 302 and found["leads to"] in answer["Location"]

    def opens(pk: int) -> bool:
        mail = OutgoingMail.objects.get(pk=pk)
        try:
            return "code" in str(from_content(mail.content or {}, mail.to).body)
        except InvalidToken:
            return False

    def page(url: str) -> bool:
        return (
            Client(raise_request_exception=False, SERVER_NAME="localhost").get(url).status_code
            == 200
        )

    def factor(found: Things) -> bool:
        import time

        client = Client(raise_request_exception=False, SERVER_NAME="localhost")
        client.post("/accounts/login/", {"login": found["login"], "password": PASSWORD})
        now = int(time.time()) // 30
        secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
        typed = found["code"] or str(format_hotp_value(hotp_value(secret, now)))
        client.post("/accounts/2fa/authenticate/", {"code": typed})
        return client.get("/accounts/password/change/").status_code == 200

    how: dict[str, Callable[[Any], bool]] = {
        "mail that waits": opens,
        "session": session,
        "unused session": session,
        "code to log in": code,
        "code to reset": code,
        "unsubscribe": page,
        "all mail": page,
        "calendar": page,
        "invitation": page,
        "app": factor,
        "recovery code": factor,
    }
    return {name: how[name](found) for name, found in things.items()}


def main() -> None:
    import django

    django.setup()
    if sys.argv[1] == "make":
        print(json.dumps([make(name) for name in sys.argv[2:]]))
    else:
        print(json.dumps(check(json.load(sys.stdin))))


if __name__ == "__main__":
    main()
