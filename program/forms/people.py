import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.wording import OurWords
from program.models import DailyEntry, Need, Person


class WordsForm(OurWords, forms.ModelForm):
    """Words of a row in a list: added with an id of the page's, or rewritten on a version."""

    # Of a row that is not there yet; a form sent twice is one row.
    client_id = forms.UUIDField(
        widget=forms.HiddenInput,
        required=False,
        error_messages={"invalid": _("This page was open too long. Reload it and try again.")},
    )
    # Of a row that is: what the words were based on.
    version = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("client_id", self.instance.client_id)

    def row(self) -> Any:
        """The instance with the id that the page made for it."""
        self.instance.client_id = self.cleaned_data["client_id"] or self.instance.client_id
        return self.instance


class PersonForm(WordsForm):
    class Meta:
        model = Person
        fields = Person.WORDS
        labels = {
            "name": _("Name"),
            "note": _("What do they know, or whom?"),
            "is_evangelist": _("Evangelist"),
            "is_advisor": _("Advisor"),
            "is_supporter": _("Supporter"),
        }
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "off", "class": "input"}),
            "note": forms.TextInput(attrs={"autocomplete": "off", "class": "input"}),
        }
        error_messages = {"name": {"required": _("Write a name, or what you call them.")}}

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def roles(self) -> list[forms.BoundField]:
        return [self[name] for name in Person.ROLES]


class NeedForm(WordsForm):
    class Meta:
        model = Need
        fields = Need.WORDS
        labels = {
            "question": _("What do you need to know?"),
            "who": _("Who might know?"),
            "answer": _("What you found out"),
        }
        widgets = {
            "question": forms.TextInput(attrs={"autocomplete": "off", "class": "input"}),
            "who": forms.TextInput(
                attrs={"autocomplete": "off", "class": "input", "list": "people-names"}
            ),
            "answer": forms.TextInput(attrs={"autocomplete": "off", "class": "input"}),
        }
        error_messages = {"question": {"required": _("Write down the question first.")}}


class AnsweredForm(OurWords, forms.Form):
    """What the stone of a question posts."""

    answered = forms.TypedChoiceField(
        choices=[("1", _("Answered")), ("0", _("Open"))], coerce=lambda value: value == "1"
    )


class StartForm(OurWords, forms.Form):
    """A share or a request of today that begins with a name."""

    practice = forms.ChoiceField(
        choices=[
            (DailyEntry.Practice.SHARE, _("Share")),
            (DailyEntry.Practice.REQUEST, _("Request")),
        ]
    )
    client_id = forms.UUIDField(
        error_messages={"invalid": _("This page was open too long. Reload it and try again.")}
    )

    def __init__(self, *args: Any, is_program_day: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_program_day = is_program_day

    def clean(self) -> dict[str, Any] | None:
        if not self.is_program_day:
            raise forms.ValidationError(
                _("Today is none of your fourteen days, so there is nothing to start.")
            )
        return super().clean()

    def entry_id(self) -> uuid.UUID:
        """A tap on Tell and one on Ask are two entries, a double tap is one."""
        return uuid.uuid5(self.cleaned_data["client_id"], self.cleaned_data["practice"])
