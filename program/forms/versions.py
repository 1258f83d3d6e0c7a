"""A text that is edited in place: its version, and the way out when two tabs wrote it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.wording import OurWords


class VersionedTextForm(OurWords, forms.Form):
    """The form that inherits this declares `text` and, of the same kind, `other_text`."""

    MINE, BOTH = "mine", "both"

    # The version that the text was written on; 0 before the first.
    version = forms.IntegerField(min_value=0, max_value=2**31 - 2)
    # The answer to a conflict, and the other tab's version and text that were shown beside it.
    keep = forms.ChoiceField(
        choices=[(MINE, _("Keep mine")), (BOTH, _("Keep both"))], required=False
    )
    other_version = forms.IntegerField(min_value=0, max_value=2**31 - 2, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if len(self._text()) > (self.fields["text"].max_length or 0):  # type: ignore[attr-defined]
            raise forms.ValidationError(_("Both together are too long. Make one of them shorter."))
        return data

    def wanted(self) -> dict[str, Any]:
        """`text` and `based_on` for the verb that saves it."""
        data = self.cleaned_data
        based_on = data["other_version"] or 0 if data["keep"] else data["version"]
        return {"text": self._text(), "based_on": based_on}

    def _text(self) -> str:
        text: str = self.cleaned_data.get("text", "")
        if self.cleaned_data.get("keep") == self.BOTH:
            return f"{self.cleaned_data.get('other_text', '')}\n\n{text}"
        return text
