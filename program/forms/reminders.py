"""When to be reminded: asked once when two weeks begin, and changed in the settings."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.wording import OurWords
from program.forms.fields import time_field
from program.models import MailChoice, MailKind
from program.models.mail import EVERY_DAY, REMINDERS

USUAL = {MailKind.MORNING: time(7, 30), MailKind.EVENING: time(20)}
Choices = Mapping[str, MailChoice]


class ReminderFields(forms.Form):
    """Nothing is chosen beforehand, but by who has chosen before."""

    morning = forms.BooleanField(label=_("In the morning"), required=False)
    morning_at = time_field(_("Time in the morning"), USUAL[MailKind.MORNING])
    evening = forms.BooleanField(label=_("In the evening"), required=False)
    evening_at = time_field(_("Time in the evening"), USUAL[MailKind.EVENING])

    def remember(self, choices: Choices) -> None:
        """Show what was chosen before."""
        for kind in REMINDERS:
            if choice := choices.get(kind):
                self.initial[kind.value] = choice.is_wanted
                self.initial[f"{kind.value}_at"] = choice.at

    def reminder_rows(self) -> list[dict[str, Any]]:
        words = {
            MailKind.MORNING: _("What today holds, and a thought to begin with."),
            MailKind.EVENING: _("Only on days when something is still open."),
        }
        return [
            {"chosen": self[kind], "at": self[f"{kind}_at"], "words": words[kind]}
            for kind in REMINDERS
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for kind in REMINDERS:
            at = f"{kind}_at"
            if data.get(kind) and at not in self.errors and data.get(at) is None:
                self.add_error(at, _("Choose the time for it."))
        return data

    def save_reminders(self, user: User, now: datetime) -> None:
        weekdays = "".join(self.cleaned_data.get("weekdays", EVERY_DAY)) or EVERY_DAY
        for kind in REMINDERS:
            if self.cleaned_data[kind]:
                at = self.cleaned_data[f"{kind}_at"]
                MailChoice.objects.choose(user, kind, at=at, weekdays=weekdays, now=now)
            else:
                MailChoice.objects.owned_by(user).of_kinds(kind).stop(now)


class ReminderForm(OurWords, ReminderFields):
    weekdays = forms.MultipleChoiceField(
        label=_("On these days"),
        choices=[(str(number), name) for number, name in WEEKDAYS.items()],
        required=False,
        initial=list(EVERY_DAY),
        widget=forms.CheckboxSelectMultiple,
    )

    def remember(self, choices: Choices) -> None:
        super().remember(choices)
        for kind in REMINDERS:
            if choice := choices.get(kind):
                self.initial["weekdays"] = list(choice.weekdays)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        is_wanted = any(data.get(kind) for kind in REMINDERS)
        if is_wanted and "weekdays" not in self.errors and not data.get("weekdays"):
            self.add_error("weekdays", _("Choose one day at least."))
        return data
