"""Second factors: their words, and their secrets, which the database holds encrypted."""

from typing import Any

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import devices
from accounts.models import User

# What of an authenticator's data is secret; a passkey holds a public key alone.
SECRETS = ("secret", "seed")
Type = Authenticator.Type


class FactorAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("That is not it, or its time is up. Use the one that shows now."),
        "unverified_email": _("Confirm your email address first, then come back."),
        "cannot_generate_recovery_codes": _("Set up an app or a passkey first."),
    }

    def encrypt(self, text: str) -> str:
        return _keys().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _keys().decrypt(encrypted_text.encode()).decode()

    def get_totp_issuer(self) -> str:
        return settings.SITE_NAME

    def generate_authenticator_name(self, user: User, type: str) -> str:  # noqa: A002
        return devices.name_of(context.request.headers.get("User-Agent", ""))

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        # From the setting alone: a passkey is bound to the host for good.
        return {"id": settings.SITE_HOST, "name": settings.SITE_NAME}


def held_by(user: User) -> dict[str, Any]:
    """What they get in with besides a password, as allauth's own page has it: a list of passkeys
    under "webauthn", and one of the others each under its type.
    """
    held: dict[str, Any] = {}
    for each in Authenticator.objects.filter(user=user).order_by("pk"):
        if each.type == Type.WEBAUTHN:
            held.setdefault(each.type, []).append(each.wrap())
        else:
            held[each.type] = each.wrap()
    return held


def is_protected(user: User) -> bool:
    """Whether they have a second factor; recovery codes are none of their own."""
    factors = Authenticator.objects.filter(user=user, type__in=(Type.TOTP, Type.WEBAUTHN))
    return bool(factors.exists())


def make_recovery_codes(user: User) -> None:
    RecoveryCodes.activate(user)


def rotate() -> tuple[int, int]:
    """Encrypt every secret with the newest key: how many now are, how many no key of ours opens."""
    rotated = unreadable = 0
    for pk in Authenticator.objects.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            factor = Authenticator.objects.select_for_update().filter(pk=pk).first()
            for name in SECRETS:
                if factor is None or name not in factor.data:
                    continue
                try:
                    factor.data[name] = _keys().rotate(factor.data[name].encode()).decode()
                except InvalidToken:
                    unreadable += 1
                else:
                    factor.save(update_fields=["data"])
                    rotated += 1
    return rotated, unreadable


def _keys() -> MultiFernet:
    if not settings.MFA_KEYS:
        raise ImproperlyConfigured("MFA_KEYS is not set. See .env.example.")
    return MultiFernet([Fernet(key) for key in settings.MFA_KEYS])
