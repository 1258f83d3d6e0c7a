from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.wording import OurWords
from program.forms.fields import LinesField
from program.models import Finish, MailChoice, MailKind

WORDS = (*Finish.WORDS, *Finish.LATER_WORDS)


class FinishForm(OurWords, forms.ModelForm):
    # The version that was on the page; 0 before the first.
    version = forms.IntegerField(min_value=0, max_value=2**31 - 2, widget=forms.HiddenInput)

    later_questions = forms.BooleanField(label=_("Ask me later, by mail"), required=False)

    class Meta:
        model = Finish
        fields = ("whereabouts", *WORDS)
        field_classes = dict.fromkeys(WORDS, LinesField)
        labels = {
            "whereabouts": _("Where are you now?"),
            "gave_way": _("What gave way, and what came just before?"),
            "glad_of": _("Which request are you glad you made?"),
            "keep_doing": _("What will you keep doing?"),
            "came_of_requests": _("What came of your requests?"),
            "late_breakthrough": _("Did anything give way late?"),
        }
        error_messages = {"whereabouts": {"invalid_choice": _("Choose one of the three.")}}
        # By the placeholder the printed page knows what is empty, and leaves it out.
        attrs = {"rows": 3, "placeholder": " "}
        widgets = dict.fromkeys(WORDS, forms.Textarea(attrs=attrs))

    def __init__(self, *args: Any, asks_later: bool, offers_mail: bool, **kwargs: Any) -> None:
        """`asks_later`: enough time has passed; `offers_mail`: there is mail yet to come, or to
        stop."""
        super().__init__(*args, **kwargs)
        hidden = [] if asks_later else [*Finish.LATER_WORDS]
        for name in hidden if offers_mail else [*hidden, MailKind.LATER_QUESTIONS.value]:
            del self.fields[name]

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

    def later_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in Finish.LATER_WORDS if name in self.fields]

    def save_choice(self, user: User, now: datetime) -> None:
        kind = MailKind.LATER_QUESTIONS
        if kind not in self.changed_data:
            return
        if self.cleaned_data[kind]:
            MailChoice.objects.choose(user, kind, now=now)
        else:
            MailChoice.objects.owned_by(user).of_kinds(kind).stop(now)
