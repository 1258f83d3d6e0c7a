"""The forms of second factors, in our words, and with nothing secret left in a session."""

from contextlib import suppress
from typing import Any

from allauth.core import context
from allauth.mfa.base import forms as base_forms
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.forms import GenerateRecoveryCodesForm
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY, TOTP
from allauth.mfa.webauthn import forms as webauthn_forms
from cryptography.fernet import InvalidToken
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import sessions
from accounts.entrance import Guarded, OurWords
from accounts.factors import FactorAdapter
from accounts.models import User

MISSING_CODE = _("Type the digits that your app shows, or a recovery code.")
LONGEST_NAME = 60
# Passkeys of today answer with two or three kilobytes.
LONGEST_CREDENTIAL = 20_000
# What allauth and fido2 raise for JSON that is no credential.
MALFORMED = (AttributeError, KeyError, TypeError, ValueError)


class Code(OurWords):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].error_messages["required"] = MISSING_CODE
        self.fields["code"].widget.attrs |= {"inputmode": "numeric"}


class AuthenticateForm(Code, Guarded, base_forms.AuthenticateForm):
    user: User

    def owner(self) -> User:
        return self.user


class ReauthenticateForm(Code, Guarded, base_forms.ReauthenticateForm):
    user: User

    def owner(self) -> User:
        return self.user

    def save(self) -> None:
        super().save()
        sessions.renew(context.request)


class ActivateTOTPForm(Code, totp_forms.ActivateTOTPForm):
    """Until it is confirmed the secret waits in the session, which is a row of the database too."""

    secret: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].error_messages["required"] = _("Type the six digits from the app.")
        adapter, session = FactorAdapter(), context.request.session
        if self.is_bound:
            with suppress(InvalidToken):  # where none was waiting, allauth has just made one
                self.secret = adapter.decrypt(self.secret)
        session[SECRET_SESSION_KEY] = adapter.encrypt(self.secret)

    def clean_code(self) -> str:
        code: str = super().clean_code()
        # Used up with this: whoever looked over a shoulder does not log in with it.
        if not TOTP(Authenticator(user=self.user))._mark_code_used(code):
            raise FactorAdapter().validation_error("incorrect_code")
        return code


class DeactivateTOTPForm(OurWords, totp_forms.DeactivateTOTPForm):
    pass


class RecoveryCodesForm(OurWords, GenerateRecoveryCodesForm):
    pass


class Credential(OurWords):
    """What a browser answers for a passkey: anything at all, until it is checked."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["credential"].error_messages |= {
            "required": _("Your browser gave no passkey. Try once more."),
            "invalid": _("Your browser gave no passkey. Try once more."),
        }

    def full_clean(self) -> None:
        raw = str(self.data.get("credential", "")) if self.is_bound else ""
        if len(raw) > LONGEST_CREDENTIAL or "\\u0000" in raw:
            self.data = {**self.data, "credential": ""}
        super().full_clean()


class NewPasskey(Credential):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name_it(self.fields["name"])

    def clean(self) -> Any:
        try:
            return super().clean()
        except MALFORMED as error:
            raise FactorAdapter().validation_error("incorrect_code") from error


class AddPasskeyForm(NewPasskey, webauthn_forms.AddWebAuthnForm):
    passwordless = forms.BooleanField(initial=True, widget=forms.HiddenInput)


class SignupPasskeyForm(NewPasskey, webauthn_forms.SignupWebAuthnForm):
    pass


class RenamePasskeyForm(OurWords, webauthn_forms.EditWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name_it(self.fields["name"])


class UsePasskey(Credential):
    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()  # type: ignore[misc]
        except MALFORMED as error:
            raise FactorAdapter().validation_error("incorrect_code") from error


class AuthenticatePasskeyForm(UsePasskey, webauthn_forms.AuthenticateWebAuthnForm):
    pass


class LoginPasskeyForm(UsePasskey, webauthn_forms.LoginWebAuthnForm):
    pass


class ReauthenticatePasskeyForm(UsePasskey, webauthn_forms.ReauthenticateWebAuthnForm):
    def save(self) -> None:
        super().save()
        sessions.renew(context.request)


def _name_it(field: forms.Field) -> None:
    assert isinstance(field, forms.CharField)
    field.label = _("What to call it")
    field.max_length = LONGEST_NAME
    field.widget.attrs["maxlength"] = LONGEST_NAME
    field.validators.append(forms.CharField(max_length=LONGEST_NAME).validators[0])
    field.error_messages["required"] = _("Give it a name you will know it by.")
