"""Asking once more who it is, before something that a borrowed session must not do."""

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.http import urlencode
from django.utils.translation import gettext as _


def is_confirmed(request: HttpRequest) -> bool:
    """Whether they have said who they are within ACCOUNT_REAUTHENTICATION_TIMEOUT.

    Who has neither a password nor a second factor has nothing to say it with.
    """
    return bool(did_recently_reauthenticate(request))


def confirm_first(request: HttpRequest, back_to: str) -> HttpResponse:
    """To the page that asks, and from there to `back_to` (the name of a URL), to do it again.

    What was posted is not kept meanwhile, as allauth's decorator would keep it in the session.
    """
    messages.info(request, _("Say once more who you are. After that, press the button again."))
    [method, *_others] = get_adapter().get_reauthentication_methods(request.user)
    return redirect(f"{method['url']}?{urlencode({'next': resolve_url(back_to)})}")
