"""A coach's post for a day, and what a member writes under it."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.wording import OurWords
from program.forms.fields import LinesField
from program.models import DayComment, DayPost


class PostForm(OurWords, forms.Form):
    """`stored` is what stands on the day by now, for the answer to a conflict."""

    BOTH = "both"

    title = forms.CharField(
        label=gettext_lazy("A title"),
        max_length=DayPost.TITLE_MAX_LENGTH,
        required=False,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )
    text = LinesField(
        label=gettext_lazy("What they read on that day"),
        max_length=DayPost.TEXT_MAX_LENGTH,
        widget=forms.Textarea(attrs={"class": "input", "rows": 10}),
    )
    # What the words were written on; 0 where nothing stood.
    version = forms.IntegerField(
        label=gettext_lazy("This form"),
        min_value=0,
        max_value=2**31 - 2,
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"),
            gettext_lazy("Your words are still here. Open the day anew and put them in."),
        ),
    )
    keep = forms.ChoiceField(choices=[(BOTH, gettext_lazy("Keep both"))], required=False)

    def __init__(self, *args: Any, stored: DayPost | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stored = stored

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors and data["keep"] and self.stored:
            data["title"] = self.stored.title or data["title"]
            if self.stored.text not in data["text"]:
                data["text"] = f"{self.stored.text}\n\n{data['text']}"
            if len(data["text"]) > DayPost.TEXT_MAX_LENGTH:
                self.add_error("text", _("Both together are too long. Make one of them shorter."))
        return data

    def wanted(self) -> dict[str, Any]:
        """What DayPost.objects.save_words takes of it."""
        data = self.cleaned_data
        return {"title": data["title"], "text": data["text"], "based_on": data["version"]}


class CommentForm(OurWords, forms.Form):
    client_id = forms.UUIDField(
        label=gettext_lazy("This form"),
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(
            ("required", "invalid"), gettext_lazy("Your words are still here. Send them once more.")
        ),
    )
    text = LinesField(
        label=gettext_lazy("A comment"),
        max_length=DayComment.TEXT_MAX_LENGTH,
        widget=forms.Textarea(attrs={"class": "input", "rows": 3}),
    )
    # Whether the page named the other members as its readers.
    for_members = forms.BooleanField(required=False, widget=forms.HiddenInput)
