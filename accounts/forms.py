from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import time_zones
from accounts.models import User


class SignupForm(forms.Form):
    """What sign-up asks for beside email and password; allauth adds those and saves the user."""

    display_name = forms.CharField(
        label=_("What should we call you?"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    field_order = ["display_name", "email", "password1"]

    def signup(self, request: Any, user: User) -> None:
        user.display_name = self.cleaned_data["display_name"]
        user.save(update_fields=["display_name"])


class TimeZoneField(forms.ChoiceField):
    """A zone by its IANA name; an alias such as Asia/Calcutta is taken and made current."""

    def clean(self, value: str) -> str:
        if not value:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return time_zones.canonical(value)


class DayEndHourField(forms.TypedChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        choices = [(0, _("Midnight")), *((hour, f"{hour}:00") for hour in range(1, 6))]
        super().__init__(choices=choices, coerce=int, **kwargs)
