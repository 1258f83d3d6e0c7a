"""What a visitor leaves on a public page, and what its owner makes of it."""

import unicodedata
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.wording import OurWords
from program.forms.fields import LinesField
from program.models import DailyEntry, Need, PageUpdate, Person, Reply

# Marks that turn the direction of the words after them, or are not seen at all: with them a name
# can look like another one. Joiners and marks of direction of one letter are needed to write.
_UNSEEN = frozenset("\u00ad\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2060\ufeff") | frozenset(
    chr(code) for code in range(0x2061, 0x206A)
)


def plain(words: str) -> str:
    """Without control characters; ends of lines stay."""
    return "".join(
        character
        for character in words.replace("\r\n", "\n").replace("\r", "\n")
        if character == "\n"
        or not (unicodedata.category(character) in {"Cc", "Cs"} or character in _UNSEEN)
    )


class PlainField(LinesField):
    """Words of a stranger: what cannot be seen in them is not there."""

    def to_python(self, value: Any) -> str:
        return plain(super().to_python(value)).strip()


class NameField(PlainField):
    """On one line."""

    def to_python(self, value: Any) -> str:
        return " ".join(super().to_python(value).split())


class ReplyForm(OurWords, forms.Form):
    """Its page holds nothing of whoever asks for it, no token either: it may lie in any cache."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What is it?"),
        choices=[
            (Reply.Kind.IDEA, gettext_lazy("An idea")),
            (Reply.Kind.CHEER, gettext_lazy("A cheer")),
            (Reply.Kind.HELP, gettext_lazy("An offer")),
            (Reply.Kind.COUNT_ME_IN, gettext_lazy("Count me in")),
        ],
        widget=forms.RadioSelect,
        initial=Reply.Kind.IDEA,
    )
    words = PlainField(
        label=gettext_lazy("Your words"),
        max_length=Reply.WORDS_MAX_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"class": "input", "rows": 4}),
    )
    name = NameField(
        label=gettext_lazy("Your name"),
        max_length=Reply.NAME_MAX_LENGTH,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "name"}),
        error_messages={"required": gettext_lazy("Write a name, or what friends call you.")},
    )
    email = forms.EmailField(
        label=gettext_lazy("Email, to hear how it ends"),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"class": "input", "autocomplete": "email"}),
        error_messages={
            "invalid": gettext_lazy("That is no address that mail could reach. Look it over.")
        },
    )
    # People do not see it; what fills in every field does.
    website = forms.CharField(
        label=gettext_lazy("Leave this empty"),
        required=False,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off", "tabindex": "-1"}),
    )

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        return email

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise ValidationError(_("Leave this field empty: only machines fill it in."))
        return ""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        says_enough = data.get("words") or data.get("kind") == Reply.Kind.COUNT_ME_IN
        if not says_enough and "words" not in self.errors:
            self.add_error("words", _("There is nothing here yet. Write a few words."))
        return data

    def wanted(self) -> dict[str, str]:
        """What Reply.objects.leave takes of it."""
        return {name: self.cleaned_data[name] for name in ("kind", "words", "name", "email")}


class StateForm(OurWords, forms.Form):
    """Where a reply should stand from now on."""

    state = forms.ChoiceField(
        choices=[(state, state.label) for state in (Reply.State.SHOWN, Reply.State.KEPT)]
    )


class TurnForm(OurWords, forms.Form):
    practice = forms.ChoiceField(
        choices=[
            (DailyEntry.Practice.REQUEST, gettext_lazy("Request")),
            (DailyEntry.Practice.ACT, gettext_lazy("Action")),
        ]
    )


class RoleForm(OurWords, forms.Form):
    role = forms.ChoiceField(choices=[(role, role) for role in Person.ROLES])


class AnswerForm(OurWords, forms.Form):
    """Which of the `needs` the words answer."""

    need = forms.ModelChoiceField(
        label=gettext_lazy("Which question do they answer?"),
        queryset=Need.objects.none(),
        widget=forms.Select(attrs={"class": "input"}),
        error_messages={"required": gettext_lazy("Choose the question.")},
    )

    def __init__(self, *args: Any, needs: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["need"].queryset = needs  # type: ignore[attr-defined]


class KindForm(OurWords, forms.Form):
    """Which of those that wait; all, where nothing is said."""

    kind = forms.ChoiceField(choices=Reply.Kind.choices, required=False)


class BatchForm(OurWords, forms.Form):
    """What one tap removed, by its instant."""

    removed_at = forms.CharField(max_length=40, widget=forms.HiddenInput)

    def clean_removed_at(self) -> datetime:
        try:
            instant = datetime.fromisoformat(self.cleaned_data["removed_at"])
        except ValueError:
            instant = None
        if instant is None or instant.tzinfo is None:
            raise ValidationError(_("That is no instant of ours."))
        return instant


class UpdateForm(OurWords, forms.Form):
    client_id = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(
            ("required", "invalid"), gettext_lazy("Your words are still here. Send them once more.")
        ),
    )
    text = LinesField(
        label=gettext_lazy("How it ended, and your thanks"),
        max_length=PageUpdate.TEXT_MAX_LENGTH,
        widget=forms.Textarea(attrs={"class": "input", "rows": 8}),
    )
