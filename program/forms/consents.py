"""What a participant lets a coach see."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.wording import OurWords
from program.models import DailyEntry, Scope
from program.models.entries import DailyEntryQuerySet

SCOPE_WORDS = {
    Scope.COUNTS: _("Stones a day, requests counted, steps in place, when you were last here."),
    Scope.ENTRIES: _("Also your goal, your lines, what came back, and your reflections."),
    Scope.MOMENTS: _("Also your breakthrough moments."),
}
NOTHING = "nothing"


def scope_choices(chosen: str | None = None) -> list[dict[str, Any]]:
    """Each scope with what it shows, in words to the participant; each holds those before it."""
    return [
        {"value": str(scope), "label": scope.label, "words": words, "is_chosen": scope == chosen}
        for scope, words in SCOPE_WORDS.items()
    ]


def standing_choices(scope: str | None) -> list[dict[str, Any]]:
    """The scopes and none, with the one that stands."""
    words = _("They stay in the cohort as one of its coaches, and see nothing of yours.")
    nothing = {
        "value": NOTHING,
        "label": _("Nothing"),
        "words": words,
        "is_chosen": scope is None,
    }
    return [*scope_choices(scope), nothing]


class ScopeField(forms.ChoiceField):
    """Nothing is chosen beforehand: what is shown is a decision of its own."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=Scope, widget=forms.RadioSelect, **kwargs)
        self.error_messages["required"] = _("Choose what is seen. You can change it any day.")


def nudges_field() -> forms.BooleanField:
    return forms.BooleanField(
        label=_("They may send me a short word when it has been quiet"),
        required=False,
    )


class ConsentForm(OurWords, forms.Form):
    """What one coach sees from now on."""

    coach = forms.IntegerField(min_value=1, max_value=2**63 - 1)
    scope = forms.ChoiceField(
        label=_("What is seen"),
        choices=[*Scope.choices, (NOTHING, _("Nothing"))],
        error_messages={"required": _("Choose what is seen. You can change it any day.")},
    )


class NudgesForm(forms.Form):
    allows_nudges = nudges_field()


class PrivateForm(OurWords, forms.Form):
    """What of a day no coach reads, among what the page showed."""

    private = forms.ModelMultipleChoiceField(
        label=_("Only for you"),
        queryset=DailyEntry.objects.none(),
        to_field_name="client_id",
        required=False,
        error_messages=dict.fromkeys(
            ("invalid_choice", "invalid_pk_value", "invalid_list"),
            _("One of the ticks is on nothing that is yours. Look at them once more."),
        ),
    )
    shown = forms.ModelMultipleChoiceField(
        label=_("This page"),
        queryset=DailyEntry.objects.none(),
        to_field_name="client_id",
        required=False,
        error_messages=dict.fromkeys(
            ("invalid_choice", "invalid_pk_value", "invalid_list"),
            _("This page is old. Open it anew and tick once more."),
        ),
    )
    reflection = forms.BooleanField(required=False)
    reflection_shown = forms.BooleanField(required=False)

    def __init__(self, *args: Any, entries: DailyEntryQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("private", "shown"):
            self.fields[name].queryset = entries  # type: ignore[attr-defined]
