"""What a public page shows, and a share that is told of it."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.wording import OurWords
from program.forms.fields import LineField
from program.models import Breakthrough, HostTakedown, PublicPage


class PublicPageForm(OurWords, forms.Form):
    """`moments` are those that could be shown."""

    shown_as = forms.CharField(
        label=_("Your name, as visitors read it"),
        max_length=PublicPage.NAME_MAX_LENGTH,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    show_goal = forms.BooleanField(label=_("The goal"), required=False)
    show_why = forms.BooleanField(label=_("Why it matters to you"), required=False)
    show_map = forms.BooleanField(label=_("The climb"), required=False)
    show_totals = forms.BooleanField(label=_("The totals"), required=False)
    moments = forms.ModelMultipleChoiceField(
        label=_("Moments"),
        queryset=Breakthrough.objects.none(),
        to_field_name="client_id",
        required=False,
    )
    listed = forms.BooleanField(label=_("Search engines may list it"), required=False)

    def __init__(self, *args: Any, moments: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["moments"].queryset = moments  # type: ignore[attr-defined]

    def chosen_moments(self) -> set[str]:
        """Their ids, as they stand in the form now."""
        return {str(value) for value in self["moments"].value() or []}


class TakedownForm(OurWords, forms.Form):
    """Which page is closed, and why; `link` becomes its token."""

    link = forms.CharField(
        label=_("The link of the page"),
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "url"}),
    )
    reason = forms.CharField(
        label=_("Why, in words that its owner reads"),
        max_length=HostTakedown.REASON_MAX_LENGTH,
    )

    def clean_link(self) -> str:
        found = re.search(r"/goal/([A-Za-z0-9_-]{24})(?:/|$)", self.cleaned_data["link"])
        if not found:
            raise forms.ValidationError(_("That is no link of a public page. Paste all of it."))
        return found[1]


class ToldForm(OurWords, forms.Form):
    """Somebody was told, says the person; nothing else counts as a share."""

    client_id = forms.UUIDField(widget=forms.HiddenInput)
    line = LineField(
        label=_("Whom did you tell?"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
