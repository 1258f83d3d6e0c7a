"""The words of a goal, and the versions that they make."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.wording import OurWords
from program.forms.fields import LinesField
from program.models import Goal


class GoalForm(OurWords, forms.ModelForm):
    class Meta:
        model = Goal
        fields = Goal.WORDS
        field_classes = dict.fromkeys(Goal.WORDS, LinesField)
        labels = {
            "statement": _("The breakthrough"),
            "why": _("Why it matters to you"),
            "measure": _("How will you know?"),
        }
        help_texts = {
            "statement": _("One thing, and finished: “Open…”, “Publish…”, “Ask…”."),
            "why": _("The reason you would give a friend."),
            "measure": _("Something you could point at."),
        }
        widgets = {
            "statement": forms.Textarea(attrs={"rows": 2, "class": "input input--goal"}),
            "why": forms.Textarea(attrs={"rows": 3}),
            "measure": forms.Textarea(attrs={"rows": 2}),
        }
        error_messages = {
            "statement": {"required": _("Write your goal here, however roughly.")},
        }

    def has_words(self) -> bool:
        """Whether anything of a goal was typed and posted."""
        return self.is_bound and any(self[name].value() for name in Goal.WORDS)

    def goal_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in Goal.WORDS]


class GoalRewriteForm(GoalForm):
    # The pk of the version that was on the page; 0 asks to be shown the newest first.
    based_on = forms.IntegerField(min_value=0, widget=forms.HiddenInput, required=False)

    def clean_based_on(self) -> int:
        return self.cleaned_data["based_on"] or 0
