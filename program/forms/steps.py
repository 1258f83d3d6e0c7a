from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.wording import OurWords
from program.forms.fields import LinesField
from program.forms.versions import VersionedTextForm
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


class StepNoteForm(VersionedTextForm):
    text = LinesField(max_length=StepProgress.NOTE_MAX_LENGTH, required=False)
    other_text = LinesField(max_length=StepProgress.NOTE_MAX_LENGTH, required=False)


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
