from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.core.validators import validate_email as django_validate_email
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class LengthValidator(password_validation.MinimumLengthValidator):
    """Says how many characters are still missing."""

    def validate(self, password: str, user: object = None) -> None:
        missing = self.min_length - len(password)
        if missing > 0:
            message = ngettext(
                "At least %(least)d characters: %(missing)d more will do.",
                "At least %(least)d characters: %(missing)d more will do.",
                missing,
            )
            raise ValidationError(
                message,
                code="password_too_short",
                params={"least": self.min_length, "missing": missing},
            )


class SimilarityValidator(password_validation.UserAttributeSimilarityValidator):
    def get_error_message(self) -> str:
        return _("That is too close to your name or your email address. Choose another one.")


class CommonValidator(password_validation.CommonPasswordValidator):
    def get_error_message(self) -> str:
        return _("Many people use that one, so it is soon guessed. Four plain words work well.")


class DigitsValidator(password_validation.NumericPasswordValidator):
    def get_error_message(self) -> str:
        return _("Digits alone are soon guessed. Put some words in.")


EMAIL_MAX_LENGTH = 254


def validate_email(address: str) -> None:
    """Django's rule, and what is most likely wrong."""
    if len(address) > EMAIL_MAX_LENGTH:
        # Without this allauth cuts it off there, and mails somebody at another host.
        raise ValidationError(_("No email address is that long."), code="invalid_email")
    try:
        django_validate_email(address)
    except ValidationError:
        name, at, host = address.rpartition("@")
        if not at:
            message = _("An email address has an @ in it, as in name@example.org.")
        elif name and host and "." not in host:
            message = _("That address is missing its ending, such as .org or .com.")
        else:
            message = _("That does not look like an email address. Check it for a slip.")
        # Not Django's "invalid": a form field puts its own message in place of that one's.
        raise ValidationError(message, code="invalid_email") from None
