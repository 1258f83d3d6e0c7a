from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.wording import OurWords
from program import calendar


class PauseForm(OurWords, forms.Form):
    back_on = forms.DateField(
        label=_("Back on"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": _("Pick the day you want to come back."),
            "invalid": _("That is not a date. Write it as 2027-03-25."),
        },
    )

    def __init__(self, *args: Any, first: date, today: date, **kwargs: Any) -> None:
        """`first` is the day from which on days would move."""
        super().__init__(*args, **kwargs)
        self.first, self.today = first, today

    def clean_back_on(self) -> date:
        back_on: date = self.cleaned_data["back_on"]
        if back_on <= max(self.first, self.today):
            raise forms.ValidationError(_("Pick a later day: that one is not moved by a pause."))
        if back_on > calendar.latest_start(self.today):
            raise forms.ValidationError(_("That is more than a year away. Pick a nearer day."))
        return back_on
