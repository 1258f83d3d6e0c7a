from datetime import datetime, time
from typing import Any

from django import forms
from django.utils.formats import time_format
from django.utils.translation import gettext_lazy as _

from accounts import time_zones
from accounts.models import User
from accounts.wording import OurWords


class TimeZoneField(forms.ChoiceField):
    """A zone by its IANA name; an alias such as Asia/Calcutta is taken and made current."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.error_messages["required"] = _("Choose a time zone from the list.")

    def clean(self, value: str) -> str:
        if not value:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return time_zones.canonical(value)


def _day_end_hours() -> list[tuple[int, object]]:
    # Asked for each form: how an hour is written depends on the language of the page.
    return [(0, _("Midnight")), *((hour, time_format(time(hour))) for hour in range(1, 6))]


class DayEndHourField(forms.TypedChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=_day_end_hours, coerce=int, **kwargs)
        self.error_messages["required"] = _("Choose the hour at which your day ends.")


class SettingsForm(OurWords, forms.ModelForm):
    time_zone = TimeZoneField(
        label=_("Your time zone"),
        help_text=_(
            "Have you moved? Pick the new zone. Every entry keeps its day and none of your"
            " fourteen is lost; only the hour at which today turns over changes."
        ),
    )
    day_end_hour = DayEndHourField(
        label=_("Your day ends at"), help_text=_("Later, if you are often up past midnight.")
    )

    class Meta:
        model = User
        fields = ("display_name", "time_zone", "day_end_hour", "theme")
        labels = {"display_name": _("What should we call you?"), "theme": _("Colors")}
        widgets = {"theme": forms.RadioSelect}
        error_messages = {"display_name": {"required": _("Tell us what to call you.")}}

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = time_zones.choices(  # type: ignore[attr-defined]
            now, self.instance.time_zone
        )
        self.fields["display_name"].required = True
