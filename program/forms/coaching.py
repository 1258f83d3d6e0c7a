"""What a coach writes: a note on a day, a nudge, and a note for their own eyes."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.wording import OurWords
from program.cohort_table import QUIET_DAYS
from program.forms.fields import LinesField
from program.forms.moments import day_label
from program.forms.versions import VersionedTextForm
from program.models import CoachNote, Encouragement, Nudge


class EncouragementForm(OurWords, forms.Form):
    """`days` are those that are not ahead, with their numbers of the program, newest first."""

    # Where a coach who is done goes on; nothing for the participant's page.
    QUEUE = "queue"

    client_id = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages={"invalid": _("This page was open too long. Reload it and try again.")},
    )
    day = forms.TypedChoiceField(label=_("On which day?"), coerce=date.fromisoformat)
    # The client id of an entry of that day, for a note on just that.
    entry = forms.UUIDField(widget=forms.HiddenInput, required=False)
    text = LinesField(
        label=_("Your note"),
        max_length=Encouragement.TEXT_MAX_LENGTH,
        widget=forms.Textarea(
            attrs={"class": "input", "rows": 4, "placeholder": _("What did you notice? Name it.")}
        ),
    )
    back = forms.ChoiceField(
        choices=[(QUEUE, _("The queue"))], widget=forms.HiddenInput, required=False
    )

    def __init__(self, *args: Any, days: list[tuple[date, int]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(day.isoformat(), day_label(day, number)) for day, number in days]
        self.fields["day"].choices = choices  # type: ignore[attr-defined]
        self.fields["day"].widget.attrs["class"] = "input"


class ReadForm(forms.Form):
    """What the participant has read: a note on the day, or its nudge."""

    day = forms.DateField()
    note = forms.UUIDField(required=False)


class NudgeForm(OurWords, forms.Form):
    text = forms.CharField(
        label=_("A short word"),
        max_length=Nudge.TEXT_MAX_LENGTH,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )


class NudgeAllForm(NudgeForm):
    """To everybody who is quiet for `days` full days at least."""

    days = forms.IntegerField(
        label=_("Quiet for so many days"),
        min_value=1,
        max_value=14,
        initial=QUIET_DAYS,
        widget=forms.NumberInput(attrs={"class": "input", "inputmode": "numeric"}),
    )


class CoachNoteForm(VersionedTextForm):
    text = LinesField(max_length=CoachNote.TEXT_MAX_LENGTH, required=False, strip=False)
    other_text = LinesField(max_length=CoachNote.TEXT_MAX_LENGTH, required=False, strip=False)
