"""The pages about how somebody gets in that allauth has not."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import resume_request
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import limits, reauthentication, sessions
from accounts.entrance import ConfirmCodeForm
from accounts.models import AccessEvent
from breakthrough.http import HttpRequest


@require_safe
def session_list(request: HttpRequest) -> HttpResponse:
    found = sessions.listed(request)
    return render(request, "accounts/session_list.html", {"sessions": found})


@require_POST
def session_end(request: HttpRequest) -> HttpResponse:
    sessions.end_others(request)
    AccessEvent.objects.log(request.user, AccessEvent.Kind.SESSIONS_ENDED, request, request.now)
    messages.success(request, _("You are logged out everywhere but here."))
    return redirect("session_list")


@require_http_methods(["GET", "HEAD", "POST"])
def reauthenticate_by_code(request: HttpRequest) -> HttpResponse:
    """For who has neither a password nor a second factor to say it with."""
    [way, *_others] = get_adapter().get_reauthentication_methods(request.user)
    if way["id"] != "code":
        return redirect(way["url"])
    if request.method != "POST":
        return _code_page(request)
    if refused := limits.too_often(request, "reauthenticate"):
        return refused
    if "code" not in request.POST:
        reauthentication.mail_code(request)
        return _code_page(request)
    form = ConfirmCodeForm(request.POST, request=request)
    if not form.is_valid():
        return _code_page(request, form=form)
    response: HttpResponse | None = resume_request(request)
    return response or redirect("settings_update")


def _code_page(request: HttpRequest, form: ConfirmCodeForm | None = None) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form or ConfirmCodeForm(request=request),
        "is_mailed": reauthentication.has_mailed_code(request),
        "next": request.POST.get("next") or request.GET.get("next", ""),
    }
    status = 422 if form else 200
    return render(request, "accounts/reauthenticate_by_code.html", context, status=status)
