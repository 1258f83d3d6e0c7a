"""Which of the things that allauth tells us of are kept for the owner of the account to read."""

import logging

from allauth.account.authentication import get_authentication_records
from allauth.account.utils import filter_users_by_email
from django.http import HttpRequest

from accounts.models import AccessEvent, User

Kind = AccessEvent.Kind
refusals = logging.getLogger("accounts.refusals")

# What it mails a notice of, by the name of the mail.
NOTICES = {
    "account/email/password_changed": Kind.PASSWORD_CHANGED,
    "account/email/password_set": Kind.PASSWORD_CHANGED,
    "account/email/password_reset": Kind.PASSWORD_RESET,
    "account/email/email_changed": Kind.EMAIL_CHANGED,
    "mfa/email/totp_activated": Kind.APP_ADDED,
    "mfa/email/totp_deactivated": Kind.APP_REMOVED,
    "mfa/email/recovery_codes_generated": Kind.CODES_MADE,
    "mfa/email/webauthn_added": Kind.PASSKEY_ADDED,
    "mfa/email/webauthn_removed": Kind.PASSKEY_REMOVED,
    "socialaccount/email/account_connected": Kind.PROVIDER_ADDED,
    "socialaccount/email/account_disconnected": Kind.PROVIDER_REMOVED,
}
# By the methods that it keeps in the session; the last of them decides.
WAYS_IN = {
    "password": Kind.LOGIN_PASSWORD,
    "password_reset": Kind.LOGIN_PASSWORD,
    "code": Kind.LOGIN_CODE,
    "socialaccount": Kind.LOGIN_PROVIDER,
    "mfa": Kind.LOGIN_TWO_STEPS,
}


def log_login(request: HttpRequest, user: User, *, is_new: bool) -> None:
    _log(user, Kind.JOINED if is_new else _way_in(request, user), request)


def log_logout(request: HttpRequest) -> None:
    if request.user.is_authenticated:
        _log(request.user, Kind.LOGOUT, request)


def log_notice(request: HttpRequest, user: User, template_prefix: str) -> None:
    if kind := NOTICES.get(template_prefix):
        _log(user, kind, request)


def log_wrong_password(request: HttpRequest, email: str) -> None:
    found: list[User] = filter_users_by_email(email, prefer_verified=True)
    _log_failure(found[0] if found else None, Kind.LOGIN_FAILED, request)


def log_wrong_code(request: HttpRequest, user: User | None) -> None:
    """One that was mailed, or of an app; `user` is whose account it would have opened."""
    _log_failure(user, Kind.CODE_FAILED, request)


def _way_in(request: HttpRequest, user: User) -> str:
    records = get_authentication_records(request, user)
    last = records[-1] if records else {}
    if last.get("passwordless"):
        return Kind.LOGIN_PASSKEY
    return WAYS_IN.get(last.get("method", ""), Kind.LOGIN)


def _log(user: User, kind: str, request: HttpRequest) -> None:
    AccessEvent.objects.log(user, kind, request, request.now)  # type: ignore[attr-defined]


def _log_failure(user: User | None, kind: str, request: HttpRequest) -> None:
    # For whoever looks after the machine. Whose address it was is for its owner to read.
    refusals.warning("Refused: %s", kind)
    AccessEvent.objects.log_failure(user, kind, request, request.now)  # type: ignore[attr-defined]
