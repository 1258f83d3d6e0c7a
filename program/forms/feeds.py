"""What a calendar feed shows."""

from datetime import time

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.wording import OurWords


class CalendarFeedForm(OurWords, forms.Form):
    at = forms.TimeField(
        label=_("Your hour of practice begins at"),
        initial=time(8),
        input_formats=["%H:%M", "%H:%M:%S"],
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={
            "invalid": _("That is no time of day. Write it as 07:30."),
            "required": _("Choose the time for it."),
        },
    )
    shows_words = forms.BooleanField(
        label=_("With my goal and the lines of my requests"),
        help_text=_("Whoever keeps or shares your calendar can read them there."),
        required=False,
    )
