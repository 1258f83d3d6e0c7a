"""Asking once more who it is, before something that a borrowed session must not do.

A view of ours that has only a button says `@confirmed`; one with a form that somebody filled in
asks `is_confirmed` and answers with `confirm_first`. allauth's own views ask by themselves, but for
those in GUARDED, which accounts/middleware.py has an eye on.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.account.internal.flows.reauthentication import (
    did_recently_reauthenticate,
    get_reauthentication_flows,
    suspend_request,
)
from allauth.core.internal.cryptokit import compare_user_code
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts import sessions
from breakthrough.http import HttpRequest as LoggedInRequest

View = Callable[..., HttpResponse]
# Names of allauth's URLs that change how somebody gets in, and that it leaves open to who has
# neither a password nor a second factor.
GUARDED = {
    "account_email",
    "account_set_password",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "socialaccount_connections",
}
# In the session: the code that was mailed, when, and how often another one was typed.
CODE = "confirm_by_code"
MOST_TRIES = 3


def is_confirmed(request: HttpRequest) -> bool:
    """Whether they have said who they are within ACCOUNT_REAUTHENTICATION_TIMEOUT."""
    if get_reauthentication_flows(request.user):
        return bool(did_recently_reauthenticate(request))
    # allauth takes who has nothing to say it with for confirmed; we mail a code.
    records = get_authentication_records(request, request.user)
    at = max((record["at"] for record in records if record.get("reauthenticated")), default=0)
    now = request.now.timestamp()  # type: ignore[attr-defined]
    return bool(now - at < app_settings.REAUTHENTICATION_TIMEOUT)


def confirmed(view: View) -> View:
    """A view that is for who has just said who they are. What was posted is done afterwards."""

    @wraps(view)
    def ask_first(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_confirmed(request):
            return ask(request)
        return view(request, *args, **kwargs)

    return ask_first


def ask(request: HttpRequest) -> HttpResponse:
    response: HttpResponse = suspend_request(request, _first_way(request))
    return response


def confirm_first(request: HttpRequest, back_to: str) -> HttpResponse:
    """To the page that asks, and from there to `back_to` (the name of a URL), to do it again.

    What was posted is not kept meanwhile, as allauth's decorator would keep it in the session.
    """
    messages.info(request, _("Say once more who you are. After that, press the button again."))
    return redirect(f"{_first_way(request)}?{urlencode({'next': resolve_url(back_to)})}")


def mail_code(request: LoggedInRequest) -> None:
    adapter = get_adapter(request)
    code = adapter.generate_login_code()
    request.session[CODE] = {"code": code, "at": request.now.timestamp(), "tries": 0}
    adapter.send_mail("account/email/confirm_code", request.user.email, {"code": code})


def has_mailed_code(request: LoggedInRequest) -> bool:
    state = request.session.get(CODE)
    return state is not None and request.now.timestamp() - state["at"] < settings.CODE_SECONDS


def take_code(request: LoggedInRequest, code: str) -> bool:
    """Whether it is the one that was mailed, which then is used up, as it is by three others."""
    if not has_mailed_code(request):
        return False
    state = request.session.pop(CODE)
    if compare_user_code(actual=code, expected=state["code"]):
        record_authentication(request, request.user, "code", reauthenticated=True)
        sessions.renew(request)
        return True
    if state["tries"] + 1 < MOST_TRIES:
        request.session[CODE] = state | {"tries": state["tries"] + 1}
    return False


def _first_way(request: HttpRequest) -> str:
    [method, *_others] = get_adapter().get_reauthentication_methods(request.user)
    return str(method["url"])
