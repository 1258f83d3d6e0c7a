"""What a participant lets a coach see."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from program.models import Scope

SCOPE_WORDS = {
    Scope.COUNTS: _("Stones a day, requests counted, steps in place, when you were last here."),
    Scope.ENTRIES: _("Also your goal, your lines, what came back, and your reflections."),
    Scope.MOMENTS: _("Also your breakthrough moments."),
}


def scope_choices(chosen: str | None = None) -> list[dict[str, Any]]:
    """Each scope with what it shows, in words to the participant; each holds those before it."""
    return [
        {"value": str(scope), "label": scope.label, "words": words, "is_chosen": scope == chosen}
        for scope, words in SCOPE_WORDS.items()
    ]


class ScopeField(forms.ChoiceField):
    """Nothing is chosen beforehand: what is shown is a decision of its own."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=Scope, widget=forms.RadioSelect, **kwargs)
        self.error_messages["required"] = _("Choose what is seen. You can change it any day.")


def nudges_field() -> forms.BooleanField:
    return forms.BooleanField(
        label=_("They may send me a short word when it has been quiet, at most one a day"),
        required=False,
    )
