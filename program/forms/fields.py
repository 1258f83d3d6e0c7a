"""What several forms are made of."""

from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from program.models import DailyEntry


class LineField(forms.CharField):
    """One line of an entry."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=DailyEntry.LINE_MAX_LENGTH, **kwargs)
        self.error_messages["max_length"] = _(
            "A line holds %(limit_value)d characters. Make it a little shorter."
        )


class LinesField(forms.CharField):
    """Several lines. Browsers count each end of a line as one character, and send two."""

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")


def time_field(label: Any, initial: time) -> forms.TimeField:
    """A time of day, for a form that asks for it only where something else is chosen."""
    return forms.TimeField(
        label=label,
        required=False,
        initial=initial,
        input_formats=["%H:%M", "%H:%M:%S"],
        widget=forms.TimeInput(attrs={"type": "time", "class": "input"}, format="%H:%M"),
        error_messages={"invalid": _("That is no time of day. Write it as 07:30.")},
    )
