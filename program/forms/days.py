"""What the page of a day posts."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.wording import OurWords
from program.forms.fields import LineField, LinesField
from program.forms.versions import VersionedTextForm
from program.models import DailyEntry, Reflection


class DayForm(OurWords, forms.Form):
    """A form of one day, which takes nothing while that day is still ahead."""

    def __init__(self, *args: Any, day: date, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.day, self.today = day, today

    def clean(self) -> dict[str, Any]:
        if self.day > self.today:
            raise forms.ValidationError(_("That day is still ahead. It opens when it comes."))
        return super().clean() or self.cleaned_data


class EntryForm(DayForm):
    """What a stone, a line or an outcome posts; what is absent stays as it is stored."""

    practice = forms.ChoiceField(choices=DailyEntry.Practice)
    done = forms.TypedChoiceField(
        choices=[("1", _("Done")), ("0", _("Open"))],
        coerce=lambda value: value == "1",
        empty_value=None,
        required=False,
    )
    line = LineField(required=False)
    answer = LineField(required=False)
    outcome = forms.ChoiceField(choices=DailyEntry.Outcome, required=False)
    # Where on the page the entry stands (1, 2, …), for its label in the answer.
    place = forms.IntegerField(min_value=1, max_value=99, required=False)
    # Posted by "One more": the answer is a whole new entry.
    more = forms.BooleanField(required=False)

    def wanted(self) -> dict[str, Any]:
        """`placed`, `line`, `outcome` and `answer` for save_entry; None leaves what is stored."""
        data = self.cleaned_data
        placed = data["done"]
        line = data["line"] if "line" in self.data else None
        answer = data["answer"] if "answer" in self.data else None
        outcome = data["outcome"] or None
        if placed is not None:
            # A stone's post comes from a page that may be old: it never empties words, and the
            # outcome is not what was tapped.
            line, answer, outcome = line or None, answer or None, None
        return {"placed": placed, "line": line, "outcome": outcome, "answer": answer}


class TurnForm(DayForm):
    """The answer to a share, to be made an action or a request."""

    answer = LineField(
        error_messages={"required": _("Write what they said first, then make it a step.")}
    )
    # Without a script the whole form is posted, and what stands in its line is not to be lost.
    line = LineField(required=False)
    into = forms.ChoiceField(
        choices=[(DailyEntry.Practice.ACT, _("Act")), (DailyEntry.Practice.REQUEST, _("Request"))]
    )

    def wanted(self) -> dict[str, Any]:
        """`placed`, `line` and `answer` for save_entry; None leaves what is stored."""
        data = self.cleaned_data
        return {"placed": None, "line": data["line"] or None, "answer": data["answer"]}


class ReflectionForm(DayForm, VersionedTextForm):
    text = LinesField(max_length=Reflection.TEXT_MAX_LENGTH, required=False, strip=False)
    other_text = LinesField(max_length=Reflection.TEXT_MAX_LENGTH, required=False, strip=False)
