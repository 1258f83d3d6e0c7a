"""Logging in with an account at an OpenID Connect provider that the host has set up."""

from typing import Any

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.forms import DisconnectForm as AllauthDisconnectForm
from allauth.socialaccount.forms import SignupForm as AllauthSignupForm
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.openid_connect import views as allauth_views
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from requests import RequestException

from accounts.entrance import OurWords
from accounts.models import User

LONGEST_NAME = 60


class ProviderAdapter(DefaultSocialAccountAdapter):
    error_messages = DefaultSocialAccountAdapter.error_messages | {
        "email_taken": gettext_lazy(
            "There is an account with that address. Log in to it, then connect %s in the settings."
        ),
        "no_password": gettext_lazy("Set a password or add a passkey first, to get back in."),
        "no_verified_email": gettext_lazy("Confirm an email address first, to get back in."),
        "connected_other": gettext_lazy("That one opens another account here already."),
    }

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: Any) -> User:
        user: User = super().populate_user(request, sociallogin, data)
        name = str(data.get("name") or data.get("username") or "")
        user.display_name = name.replace("\0", "").strip()[:LONGEST_NAME]
        return user


class SignupForm(OurWords, AllauthSignupForm):
    pass


class DisconnectForm(OurWords, AllauthDisconnectForm):
    pass


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def openid_connect_login(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Asks first (GET), then leads to the provider, by a page that goes on by itself.

    A redirect would not do: our policy lets a form lead to no other host.
    """
    try:
        response: HttpResponse = allauth_views.login(request, provider_id)
    except RequestException:
        messages.error(request, _("That provider does not answer just now. Try again later."))
        return redirect("account_login")
    if response.status_code != 302:
        return response
    context = {"redirect_to": response["Location"]}
    return render(request, "socialaccount/login_redirect.html", context)
