"""The pages about how somebody gets in that allauth has not."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import sessions
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
