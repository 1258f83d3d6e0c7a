from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.wording import OurWords
from program.forms.fields import LinesField
from program.models import Finish


class FinishForm(OurWords, forms.ModelForm):
    # The version that was on the page; 0 before the first.
    version = forms.IntegerField(min_value=0, max_value=2**31 - 2, widget=forms.HiddenInput)

    class Meta:
        model = Finish
        fields = ("whereabouts", *Finish.WORDS)
        field_classes = dict.fromkeys(Finish.WORDS, LinesField)
        labels = {
            "whereabouts": _("Where are you now?"),
            "gave_way": _("What gave way, and what came just before?"),
            "glad_of": _("Which request are you glad you made?"),
            "keep_doing": _("What will you keep doing?"),
        }
        error_messages = {"whereabouts": {"invalid_choice": _("Choose one of the three.")}}
        # By the placeholder the printed page knows what is empty, and leaves it out.
        attrs = {"rows": 3, "placeholder": " "}
        widgets = dict.fromkeys(Finish.WORDS, forms.Textarea(attrs=attrs))

    def places(self) -> list[dict[str, Any]]:
        """The three choices of where one is, each with what it means."""
        meanings = {
            Finish.Whereabouts.THERE: _("It has happened"),
            Finish.Whereabouts.IN_SIGHT: _("It is going to happen, and I can see how"),
            Finish.Whereabouts.ELSEWHERE: _("The goal changed on the way"),
        }
        chosen = self["whereabouts"].value()
        return [
            {"value": place.value, "label": place.label, "meaning": meanings[place]}
            | {"is_chosen": place.value == chosen}
            for place in Finish.Whereabouts
        ]

    def word_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in Finish.WORDS]
