"""What every form says about a field: what is wrong, and what to do."""

from functools import cache
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

MESSAGES = {
    "required": _("There is nothing here yet. Write a few words."),
    "invalid_choice": _("That is not in the list. Choose one of these."),
    "max_length": _("%(limit_value)d characters fit here; that is %(show_value)d. Shorten it."),
    "null_characters_not_allowed": _(
        "There is a character in it that cannot be stored. Type it anew."
    ),
}


class OurWords(forms.BaseForm):
    """Puts our words where a field has only Django's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            kind: Any = type(field)
            for code, message in MESSAGES.items():
                if field.error_messages.get(code) is _djangos(kind, code):
                    field.error_messages[code] = message

    def complaints(self) -> str:
        """Every error as one line, for a toast or the head of the page."""
        return " ".join(str(error) for errors in self.errors.values() for error in errors)


@cache
def _djangos(field: type[forms.Field], code: str) -> Any:
    """Django's own message; None where it stands in a validator, and the field may have one."""
    for cls in field.__mro__:
        messages = vars(cls).get("default_error_messages", {})
        if code in messages:
            return messages[code]
    return None
