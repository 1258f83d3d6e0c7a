from datetime import timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.exceptions import BadRequest, ImproperlyConfigured, ValidationError
from django.core.mail import EmailMultiAlternatives
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from accounts import access, factors, registration, sessions
from accounts.letters import attach_html
from accounts.models import User
from breakthrough.http import HttpRequest as LoggedInRequest

# After the third wrong code, by the name of the page where it was typed: why, and the way on.
USED_UP_CODES = {
    "account_email_verification_sent": _(
        "Three wrong codes, so that one no longer works. Log in with your password, and we send a"
        " new one."
    ),
    "account_confirm_login_code": _(
        "Three wrong codes, so that one no longer works. Ask for a new one here."
    ),
    "account_confirm_password_reset_code": _(
        "Three wrong codes, so that one no longer works. Get a new one by “Forgot your password?”."
    ),
}
USED_UP_CODE_OF_NEW_ADDRESS = _(
    "Three wrong codes, so that one no longer works. Change the address once more."
)

REAUTHENTICATE_BY = {
    "reauthenticate": _("Use your password"),
    "mfa_reauthenticate": _("Use a code from your app, or a recovery code"),
    "mfa_reauthenticate:webauthn": _("Use a passkey"),
    "code": _("Email me a code"),
}


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This account is switched off. Write to the person who runs this."),
        "duplicate_email": _("That is the address you have already."),
        "email_password_mismatch": _(
            "That address and that password do not belong together. Check both, or ask for a code."
        ),
        "email_taken": _("That address belongs to another account."),
        "enter_current_password": _("That is not the password you have now."),
        "incorrect_code": _("That is not the code we sent. Check it, or ask for a new one."),
        "incorrect_password": _("That is not your password. Check it and try again."),
        "max_email_addresses": _("%d addresses are as many as an account can have."),
        "rate_limited": _("That was a lot of tries. Wait a few minutes, then go on as before."),
        "same_as_current": _("That is the one you have already."),
        "too_many_login_attempts": _(
            "That was a lot of tries. Wait five minutes, or choose a new password."
        ),
        "unverified_primary_email": _("Confirm the new address first."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Asked for every way to sign up: by password, with a passkey, from another provider."""
        return registration.is_open_to(request)

    def is_safe_url(self, url: str) -> bool:
        """Whether to go back there after a form: to a path of ours, never to a named host."""
        return url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def is_ajax(self, request: HttpRequest) -> bool:
        # One kind of answer for everybody, as htmx takes pages; the options of a passkey are none.
        is_asked = request.headers.get("Accept") == "application/json"
        return is_asked and request.path == reverse("mfa_login_webauthn")

    def get_client_ip(self, request: HttpRequest) -> str:
        try:
            ip: str = super().get_client_ip(request)
        except ImproperlyConfigured as error:
            # Fewer proxies have passed this on than we were told of, so nobody vouches for it.
            raise BadRequest(str(error)) from error
        return ip

    def clean_password(self, password: str, user: User | None = None) -> str:
        try:
            cleaned: str = super().clean_password(password, user)
        except ValidationError as error:
            # What else is wrong with one that is too short goes when the rest is typed.
            short = [each for each in error.error_list if each.code == "password_too_short"]
            raise ValidationError(short or error.error_list) from error
        return cleaned

    def reauthenticate(self, user: User, password: str) -> bool:
        is_confirmed: bool = super().reauthenticate(user, password)
        if is_confirmed:
            # Whoever knew the session's id before does not share what it may do from here on.
            sessions.renew(self.request)
        return is_confirmed

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        super().authentication_failed(request, **credentials)
        access.log_wrong_password(request, credentials.get("email", ""))

    def get_reauthentication_methods(self, user: User) -> list[dict[str, Any]]:
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        for method in methods:
            method["description"] = REAUTHENTICATE_BY[method["id"]]
        # Mail confirms only who has nothing better: it is what a thief of the mailbox has too.
        return methods or [
            {
                "id": "code",
                "description": REAUTHENTICATE_BY["code"],
                "url": reverse("reauthenticate_by_code"),
            }
        ]

    def login(self, request: LoggedInRequest, user: User) -> None:
        super().login(request, user)
        sessions.note(request)

    def post_login(
        self, request: HttpRequest, user: User, *, signup: bool, **kwargs: Any
    ) -> HttpResponse:
        if signup and factors.is_protected(user):
            # Whoever signs up with a passkey has no password to fall back on.
            factors.make_recovery_codes(user)
        response: HttpResponse = super().post_login(request, user, signup=signup, **kwargs)
        access.log_login(request, user, is_new=signup)
        return response

    def set_password(self, user: User, password: str) -> None:
        super().set_password(user, password)
        sessions.end_all(user)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        super().send_notification_mail(template_prefix, user, context, email)
        access.log_notice(self.request, user, template_prefix)
        # What is worth a letter about how they get in is worth to get in anew everywhere else; a
        # new password (set_password) has ended the others already.
        if self.request.user == user and "/password" not in template_prefix:
            sessions.end_others(self.request)

    def logout(self, request: HttpRequest) -> None:
        access.log_logout(request)
        super().logout(request)
        request.has_logged_out = True  # type: ignore[attr-defined]

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        if message == self.error_messages["too_many_login_attempts"]:
            # allauth has one text for passwords, said in the form, and for codes, said up here.
            message = _used_up_code(request)
        super().add_message(request, level, message_template, message_context, extra_tags, message)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        # Links in mail come from the setting alone, never from a request's Host header.
        context = {"SITE_NAME": settings.SITE_NAME, "SITE_URL": settings.SITE_URL, **context}
        super().send_mail(template_prefix, email, context)

    def render_mail(
        self, template_prefix: str, email: str, context: dict[str, Any], headers: Any = None
    ) -> EmailMultiAlternatives:
        """The text of allauth's mail, and the same in our layout."""
        text = super().render_mail(template_prefix, email, context, headers)
        message = EmailMultiAlternatives(
            text.subject, text.body, text.from_email, text.to, headers=text.extra_headers
        )
        words, _signature, _site = text.body.rpartition("\n--\n")
        paragraphs = [part.strip() for part in words.split("\n\n") if part.strip()]
        attach_html(message, "mail/account.html", {**context, "paragraphs": paragraphs})
        if "code" in context:
            # One that comes when it no longer works would only confuse.
            message.lifetime = timedelta(seconds=settings.CODE_SECONDS)  # type: ignore[attr-defined]
        return message


def _used_up_code(request: HttpRequest) -> str:
    if request.user.is_authenticated:
        return str(USED_UP_CODE_OF_NEW_ADDRESS)
    match = request.resolver_match
    return str(USED_UP_CODES[match.url_name if match and match.url_name else ""])
