"""The forms of allauth: sign-up, login, codes, passwords and addresses, in our words."""

from typing import Any

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.password_reset_by_code import PasswordResetVerificationProcess
from allauth.account.internal.stagekit import unstash_login
from allauth.core import context
from django import forms
from django.contrib.auth.hashers import make_password
from django.core.validators import validate_email as django_validate_email
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from accounts import access, reauthentication, wording
from accounts.models import User
from accounts.validators import validate_email
from breakthrough.http import HttpRequest as LoggedInRequest

# By the name of the field. A field's own words stay where nothing stands here.
LABELS = {
    "email": _("Email"),
    "login": _("Email"),
    "password": _("Password"),
    "oldpassword": _("Current password"),
    "password2": _("The same once more"),
    "code": _("Code"),
}
REQUIRED = {
    "display_name": _("Tell us what to call you."),
    "email": _("Type your email address."),
    "login": _("Type your email address."),
    "password": _("Type your password."),
    "oldpassword": _("Type the password you have now."),
    "password1": _("Choose a password."),
    "password2": _("Type the same password once more."),
    "code": _("Type the six digits from the email."),
}


class OurWords(wording.OurWords, forms.Form):
    """Puts labels and messages of allauth's forms into our voice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = LABELS.get(name, field.label)
            field.widget.attrs.pop("placeholder", None)  # the label stands above already
            if name in REQUIRED:
                field.error_messages["required"] = REQUIRED[name]
            if isinstance(field, forms.EmailField):
                own = [check for check in field.validators if check is not django_validate_email]
                field.validators = [*own, validate_email]


class Guarded(OurWords):
    """Of who types a wrong code, the owner of the account reads."""

    def owner(self) -> User | None:
        raise NotImplementedError

    def clean_code(self) -> str:
        try:
            code: str = super().clean_code()  # type: ignore[misc]
        except forms.ValidationError as error:
            if error.code == "incorrect_code":
                access.log_wrong_code(context.request, self.owner())
            raise
        return code


class PasswordTwice(OurWords):
    def add_error(self, field: str | None, error: Any) -> None:
        if field == "password2" and "password2" in self.cleaned_data:
            # A complaint about a field that is in order by itself: allauth's, that they differ.
            error = _("The two are not the same. Type this one again.")
        super().add_error(field, error)


class NewPassword(PasswordTwice):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = _("New password")


class SignupForm(OurWords, allauth_forms.SignupForm):
    account_already_exists: bool
    display_name = forms.CharField(
        label=_("What should we call you?"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    field_order = ["display_name", "email", "password1"]

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        if self.account_already_exists and "password1" in self.cleaned_data:
            # A new account costs a password hash. Without one here, the haste of the answer would
            # tell that the address is taken.
            make_password(self.cleaned_data["password1"])
        saved: tuple[User | None, HttpResponse | None]
        try:
            with transaction.atomic():
                saved = super().try_save(request)
        except IntegrityError:
            # At the same moment somebody else signed up with it, or the button was pressed twice.
            self.account_already_exists = True
            saved = super().try_save(request)
        return saved

    def signup(self, request: HttpRequest, user: User) -> None:
        user.display_name = self.cleaned_data["display_name"]
        user.save(update_fields=["display_name"])


class LoginForm(OurWords, allauth_forms.LoginForm):
    pass


class ReauthenticateForm(OurWords, allauth_forms.ReauthenticateForm):
    pass


class RequestLoginCodeForm(OurWords, allauth_forms.RequestLoginCodeForm):
    pass


class ConfirmLoginCodeForm(Guarded, allauth_forms.ConfirmLoginCodeForm):
    def owner(self) -> User | None:
        login = unstash_login(context.request, peek=True)
        return login.user if login else None


class ConfirmEmailVerificationCodeForm(Guarded, allauth_forms.ConfirmEmailVerificationCodeForm):
    user: User | None

    def owner(self) -> User | None:
        return self.user


class AddEmailForm(OurWords, allauth_forms.AddEmailForm):
    pass


class ChangePasswordForm(NewPassword, allauth_forms.ChangePasswordForm):
    pass


class SetPasswordForm(PasswordTwice, allauth_forms.SetPasswordForm):
    pass


class ResetPasswordForm(OurWords, allauth_forms.ResetPasswordForm):
    pass


class ConfirmPasswordResetCodeForm(Guarded, allauth_forms.ConfirmPasswordResetCodeForm):
    def owner(self) -> User | None:
        process = PasswordResetVerificationProcess.resume(context.request)
        return process.user if process else None


class ResetPasswordKeyForm(NewPassword, allauth_forms.ResetPasswordKeyForm):
    pass


class ConfirmCodeForm(OurWords):
    """Takes the code that was mailed to somebody who is logged in, to confirm who they are."""

    code = forms.CharField(
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, request: LoggedInRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if not reauthentication.take_code(self.request, code):
            access.log_wrong_code(self.request, self.request.user)
            raise get_adapter().validation_error("incorrect_code")
        return code
