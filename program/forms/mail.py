"""Mail beside the reminders: the words of a coach, later questions, and for coaches the digest."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.wording import OurWords
from program.forms.fields import time_field
from program.models import MailChoice, MailKind
from program.models.mail import EVERY_DAY

USUAL_AT = time(8)
HOW_OFTEN = [
    (EVERY_DAY, _("Every day")),
    *((str(number), format_lazy(_("Every {day}"), day=day)) for number, day in WEEKDAYS.items()),
]


class MailForm(OurWords, forms.Form):
    """Nothing is chosen beforehand, but by who has chosen before.

    `coaches` says whether the digest is among it.
    """

    coach_note = forms.BooleanField(label=_("Words of your coach"), required=False)
    coach_digest = forms.BooleanField(label=_("News of your cohorts"), required=False)
    later_questions = forms.BooleanField(label=_("Two questions, long after"), required=False)
    replies = forms.BooleanField(label=_("What was left on your page"), required=False)
    digest_days = forms.ChoiceField(
        label=_("When the news comes"),
        choices=HOW_OFTEN,
        required=False,
        widget=forms.Select(attrs={"class": "input"}),
    )
    digest_at = time_field(_("Time of the news"), USUAL_AT)

    def __init__(self, *args: Any, choices: Mapping[str, MailChoice], coaches: bool) -> None:
        super().__init__(*args)
        self.coaches = coaches
        # Of a page where nothing was left so far there is nothing to tell.
        if MailKind.REPLIES not in choices:
            del self.fields["replies"]
        if not coaches:
            for name in ("coach_digest", "digest_days", "digest_at"):
                del self.fields[name]
        for kind in self.kinds:
            if choice := choices.get(kind):
                self.initial[kind.value] = choice.is_wanted
        if digest := choices.get(MailKind.COACH_DIGEST):
            self.initial["digest_days"] = digest.weekdays
            self.initial["digest_at"] = digest.at

    def digest_fields(self) -> list[forms.BoundField]:
        return [self["digest_days"], self["digest_at"]]

    @property
    def kinds(self) -> list[MailKind]:
        offered = (
            *(MailKind.COACH_NOTE, MailKind.LATER_QUESTIONS),
            *(MailKind.REPLIES, MailKind.COACH_DIGEST),
        )
        return [kind for kind in offered if kind in self.fields]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("coach_digest") and "digest_at" not in self.errors and not data["digest_at"]:
            self.add_error("digest_at", _("Choose the time for it."))
        return data

    def save_choices(self, user: User, now: datetime) -> None:
        for kind in self.kinds:
            if not self.cleaned_data[kind]:
                MailChoice.objects.owned_by(user).of_kinds(kind).stop(now)
            elif kind == MailKind.COACH_DIGEST:
                at, weekdays = self.cleaned_data["digest_at"], self.cleaned_data["digest_days"]
                MailChoice.objects.choose(
                    user, kind, at=at, weekdays=weekdays or EVERY_DAY, now=now
                )
            else:
                MailChoice.objects.choose(user, kind, now=now)
