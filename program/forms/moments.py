from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.wording import OurWords
from program.forms.fields import LinesField
from program.models import Breakthrough, DailyEntry


class CatchForm(OurWords, forms.Form):
    """A moment while it is warm: one field is enough.

    `days` are those it can have been on, with their program days or None, the newest first.
    """

    title = forms.CharField(
        label=gettext_lazy("In a few words"),
        max_length=Breakthrough.TITLE_MAX_LENGTH,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    before = LinesField(
        label=gettext_lazy("What was happening before?"),
        max_length=Breakthrough.TEXT_MAX_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    moment = LinesField(
        label=gettext_lazy("The moment itself"),
        max_length=Breakthrough.TEXT_MAX_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    after = LinesField(
        label=gettext_lazy("What is different now?"),
        max_length=Breakthrough.TEXT_MAX_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    day = forms.TypedChoiceField(
        label=gettext_lazy("When was it?"),
        coerce=date.fromisoformat,
        error_messages={"required": gettext_lazy("Choose the day it was on.")},
    )
    client_id = forms.UUIDField(
        label=gettext_lazy("This form"),
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(
            ("required", "invalid"), gettext_lazy("Your words are still here. Keep them once more.")
        ),
    )

    def __init__(self, *args: Any, days: Iterable[tuple[date, int | None]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"].choices = [  # type: ignore[attr-defined]
            (day.isoformat(), day_label(day, number)) for day, number in days
        ]

    def text_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in Breakthrough.WORDS if name != "title"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors and not any(data[name] for name in Breakthrough.WORDS):
            raise forms.ValidationError(_("Write something down first. One field is enough."))
        return data


class MomentForm(CatchForm):
    """A moment as a whole, with what led to it."""

    BOTH = "both"

    client_id = None  # type: ignore[assignment]
    version = forms.IntegerField(
        label=gettext_lazy("This form"),
        min_value=1,
        max_value=2**31 - 2,
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"),
            gettext_lazy("Your words are still here. Open the moment anew and put them in."),
        ),
    )
    entries = forms.ModelMultipleChoiceField(
        label=gettext_lazy("What led to it?"),
        queryset=DailyEntry.objects.none(),
        to_field_name="client_id",
        required=False,
        error_messages=dict.fromkeys(
            ("invalid_choice", "invalid_pk_value"),
            gettext_lazy("One of the ticks is on nothing that is yours. Look at them once more."),
        ),
    )
    # The answer to a conflict: the words stored by then stay, and these come after them.
    keep = forms.ChoiceField(choices=[(BOTH, gettext_lazy("Keep both"))], required=False)

    def __init__(self, *args: Any, stored: Breakthrough, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stored = stored
        entries = DailyEntry.objects.of(stored.enrollment)
        self.fields["entries"].queryset = entries  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not self.errors and data["keep"]:
            self._join(data)
        return data

    def wanted(self) -> dict[str, Any]:
        """What Breakthrough.rewrite takes."""
        data = self.cleaned_data
        words = {name: data[name] for name in Breakthrough.WORDS}
        return {
            **words,
            "day": data["day"],
            "entries": data["entries"],
            "based_on": data["version"],
        }

    def _join(self, data: dict[str, Any]) -> None:
        for name in Breakthrough.WORDS:
            stored, between = getattr(self.stored, name), " · " if name == "title" else "\n\n"
            if stored and stored not in data[name]:
                data[name] = between.join(filter(None, [stored, data[name]]))
            if len(data[name]) > (self.fields[name].max_length or 0):  # type: ignore[attr-defined]
                self.add_error(name, _("Both together are too long. Make one of them shorter."))
        data["entries"] = [*data["entries"], *self.stored.entries.all()]


def day_label(day: date, number: int | None) -> str:
    """A program day with its number; other days are dates alone."""
    words = date_format(day, "WEEKDAY_FORMAT")
    if number is None:
        return words
    return _("Day %(number)d, %(day)s") % {"number": number, "day": words}
