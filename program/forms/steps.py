from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.wording import OurWords
from program.forms import LinesField
from program.models import StepProgress

State = StepProgress.State


class StepStateForm(OurWords, forms.Form):
    """What the stone (`done`) or the button beside the tag (`state`) of a step posts."""

    state = forms.ChoiceField(choices=State, required=False)
    # A stone taken back reopens the step.
    done = forms.TypedChoiceField(
        choices=[("1", _("Done")), ("0", _("Open"))],
        coerce=lambda value: State.IN_PLACE if value == "1" else State.BEGUN,
        empty_value=None,
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors and not (data["done"] or data["state"]):
            raise forms.ValidationError(_("Choose how far this step is."))
        return data

    def wanted(self) -> str:
        state: str = self.cleaned_data["done"] or self.cleaned_data["state"]
        return state


class StepNoteForm(OurWords, forms.Form):
    MINE, BOTH = "mine", "both"

    text = LinesField(max_length=StepProgress.NOTE_MAX_LENGTH, required=False)
    # The version that the text was written on; 0 before the first.
    version = forms.IntegerField(min_value=0, max_value=2**31 - 2)
    # The answer to a conflict, and the other tab's version and text that were shown beside it.
    keep = forms.ChoiceField(
        choices=[(MINE, _("Keep mine")), (BOTH, _("Keep both"))], required=False
    )
    other_version = forms.IntegerField(min_value=0, max_value=2**31 - 2, required=False)
    other_text = LinesField(max_length=StepProgress.NOTE_MAX_LENGTH, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if len(self._text()) > StepProgress.NOTE_MAX_LENGTH:
            raise forms.ValidationError(_("Both together are too long. Make one of them shorter."))
        return data

    def wanted(self) -> dict[str, Any]:
        """`text` and `based_on` for save_note."""
        data = self.cleaned_data
        based_on = data["other_version"] or 0 if data["keep"] else data["version"]
        return {"text": self._text(), "based_on": based_on}

    def _text(self) -> str:
        text: str = self.cleaned_data.get("text", "")
        if self.cleaned_data.get("keep") == self.BOTH:
            return f"{self.cleaned_data.get('other_text', '')}\n\n{text}"
        return text


class StepEvidenceForm(OurWords, forms.Form):
    entry = forms.UUIDField()
    attached = forms.TypedChoiceField(
        choices=[("1", _("Attached")), ("0", _("Not attached"))],
        coerce=lambda value: value == "1",
    )
    # Posted from the list of entries, which the answer offers again: the newest, or all of them.
    picking = forms.ChoiceField(
        choices=[("newest", _("Newest")), ("all", _("All"))], required=False
    )
