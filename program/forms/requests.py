from datetime import date
from typing import Any
from urllib.parse import quote

from django import forms
from django.http import QueryDict
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.wording import OurWords
from program import calendar
from program.forms.fields import LineField, LinesField
from program.models import DailyEntry, Person

# In the order in which they are offered.
OUTCOME_ICONS = {
    DailyEntry.Outcome.WAITING: "wait",
    DailyEntry.Outcome.GRANTED: "check",
    DailyEntry.Outcome.COUNTERED: "swap",
    DailyEntry.Outcome.DECLINED: "x",
    DailyEntry.Outcome.UNANSWERED: "dots",
}
# The id of the page's <datalist> of the people there are.
PEOPLE_LIST = "people-names"
# Longer links are cut or refused by some mail programs.
MAIL_LINK_MAX_LENGTH = 1900


def mail_link(subject: str, words: str) -> str:
    """A mailto address without a recipient; empty when programs would not take one so long."""
    body = quote(words.replace("\n", "\r\n"), safe="")
    link = f"mailto:?subject={quote(subject, safe='')}&body={body}"
    return link if len(link) <= MAIL_LINK_MAX_LENGTH else ""


class NameField(forms.CharField):
    """Of whom: the name of a person, known or new."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=Person.NAME_MAX_LENGTH, **kwargs)
        self.error_messages["max_length"] = gettext_lazy(
            "A name holds %(limit_value)d characters. Make it a little shorter."
        )


class RequestForm(OurWords, forms.Form):
    """One request of the ledger.

    Beside each field the page posts what it showed, so that an old page changes only what was
    changed there.
    """

    outcome = forms.ChoiceField(
        label=gettext_lazy("What came back?"), choices=DailyEntry.Outcome, required=False
    )
    answer = LineField(
        label=gettext_lazy("In their words"),
        help_text=gettext_lazy("Said, offered or suggested."),
        required=False,
    )
    follow_up_on = forms.DateField(
        label=gettext_lazy("Ask again on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    line = LineField(label=gettext_lazy("What you asked for"), required=False)
    of_whom = NameField(
        label=gettext_lazy("Of whom"),
        help_text=gettext_lazy("A new name joins your people."),
        required=False,
    )
    size = forms.ChoiceField(
        label=gettext_lazy("How big an ask?"),
        choices=[("", gettext_lazy("Not said")), *DailyEntry.Size.choices],
        required=False,
    )

    def __init__(self, data: QueryDict | None, *, entry: DailyEntry, today: date) -> None:
        initial = {
            "outcome": entry.outcome,
            "answer": entry.answer,
            "follow_up_on": entry.follow_up_on,
            "line": entry.line,
            "of_whom": entry.person.name if entry.person else "",
            "size": entry.size,
        }
        # Several rows may be open at once.
        super().__init__(data, initial=initial, auto_id=f"%s-{entry.client_id}")
        self.entry, self.today = entry, today
        self.fields["of_whom"].widget.attrs |= {"list": PEOPLE_LIST, "autocomplete": "off"}
        for field in self.fields.values():
            field.show_hidden_initial = True

    def clean_outcome(self) -> str:
        return self.cleaned_data["outcome"] or self.entry.outcome

    def clean_follow_up_on(self) -> date | None:
        day: date | None = self.cleaned_data["follow_up_on"]
        if day and day < self.today and day != self.entry.follow_up_on:
            raise forms.ValidationError(_("That day has passed. Pick today or a later one."))
        return day

    def wanted(self) -> dict[str, Any]:
        """The fields that were changed on the page, for revise()."""
        return {name: self.cleaned_data[name] for name in self.changed_data}

    def shown(self) -> list[str]:
        """The hidden fields of what the page showed, for the fields that it draws by hand."""
        return [self[name].as_hidden(only_initial=True) for name in ("outcome", "size")]

    def outcome_choices(self) -> list[dict[str, Any]]:
        chosen = self["outcome"].value()
        return [
            {"value": value, "label": value.label, "icon": icon, "is_chosen": value == chosen}
            for value, icon in OUTCOME_ICONS.items()
        ]

    def ask_again_days(self) -> list[tuple[date, str]]:
        days = {1: _("Tomorrow"), 3: _("In three days"), calendar.DAYS_PER_WEEK: _("In a week")}
        return [(calendar.in_days(self.today, count), label) for count, label in days.items()]


class DraftForm(OurWords, forms.Form):
    """Four short answers that make an ask in plain sentences."""

    MAIL_LINK_MAX_LENGTH = MAIL_LINK_MAX_LENGTH

    to_whom = NameField(label=gettext_lazy("To whom?"))
    what = forms.CharField(
        label=gettext_lazy("What exactly?"),
        help_text=gettext_lazy("One thing that they can say yes or no to."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    by_when = forms.CharField(
        label=gettext_lazy("By when?"),
        help_text=gettext_lazy("“Friday noon”, say. Leave it open if it can wait."),
        max_length=100,
        required=False,
    )
    gain = forms.CharField(
        label=gettext_lazy("What is in it for them?"),
        help_text=gettext_lazy("A favor back, a good story, an evening with cake."),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    # The finished words, which may have been changed by hand.
    draft = LinesField(
        max_length=2000,
        required=False,
        widget=forms.Textarea(
            attrs={
                "rows": 12,
                "class": "input draft__words",
                "aria-labelledby": "draft-label",
                "aria-describedby": "draft-hint",
            }
        ),
    )
    # Made with the page, so that a double tap puts one request on the list.
    client_id = forms.UUIDField(widget=forms.HiddenInput)
    # It was opened from a request, which stands on a list already.
    is_listed = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def ask_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("to_whom", "what", "by_when", "gain")]

    def clean_what(self) -> str:
        return " ".join(self.cleaned_data["what"].split())

    def line(self) -> str:
        return f"{self.cleaned_data['to_whom']}: {self.cleaned_data['what']}"

    def show(self, **values: str) -> None:
        """Have the page show these in place of what was posted."""
        self.data = {**{name: self.data[name] for name in self.data}, **values}

    def compose(self, *, goal: str, sender: str) -> str:
        data = self.cleaned_data
        sentences = [
            _("For two weeks I am giving my time to one thing: %s") % _ended(goal),
            _("May I ask you for something? %s") % _ended(data["what"]),
        ]
        if data["by_when"]:
            sentences.append(_("By when: %s") % _ended(data["by_when"]))
        if data["gain"]:
            sentences.append(_("In return: %s") % _ended(data["gain"]))
        sentences.append(_("A yes, a no or a different idea: any of them helps me."))
        # Of "Jonas, electrician" it is Jonas who reads it.
        greeting = _("Hello %s,") % data["to_whom"].partition(",")[0]
        thanks = _("Thank you,")
        return f"{greeting}\n\n{'\n'.join(sentences)}\n\n{thanks}\n{sender}".strip()

    def subject(self) -> str:
        return _("A request: %s") % Truncator(self.cleaned_data["what"]).chars(60)

    def mail_link(self, draft: str) -> str:
        """A mailto address without a recipient; empty when it would be too long."""
        return mail_link(self.subject(), draft)


def _ended(words: str) -> str:
    """As the end of a sentence."""
    words = " ".join(words.split())
    return words if words.endswith((".", "!", "?", "…")) else f"{words}."
