from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import time_zones
from accounts.forms import DayEndHourField, TimeZoneField
from accounts.models import User
from accounts.wording import OurWords
from program import calendar
from program.models import DailyEntry, Goal, Reflection


class LineField(forms.CharField):
    """One line of an entry."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=DailyEntry.LINE_MAX_LENGTH, **kwargs)
        self.error_messages["max_length"] = _(
            "A line holds %(limit_value)d characters. Make it a little shorter."
        )


class LinesField(forms.CharField):
    """Several lines. Browsers count each end of a line as one character, and send two."""

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")


class DayForm(OurWords, forms.Form):
    """A form of one day, which takes nothing while that day is still ahead."""

    def __init__(self, *args: Any, day: date, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.day, self.today = day, today

    def clean(self) -> dict[str, Any] | None:
        if self.day > self.today:
            raise forms.ValidationError(_("That day is still ahead. It opens when it comes."))
        return super().clean()

    def words(self) -> str:
        """Every error as one line, for a toast or the head of the page."""
        return " ".join(str(error) for errors in self.errors.values() for error in errors)


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


class ReflectionForm(DayForm):
    MINE, BOTH = "mine", "both"

    text = LinesField(max_length=Reflection.TEXT_MAX_LENGTH, required=False, strip=False)
    # The version that the text was written on; 0 before the first.
    version = forms.IntegerField(min_value=0, max_value=2**31 - 2)
    # The answer to a conflict, and the other tab's version and text that were shown beside it.
    keep = forms.ChoiceField(
        choices=[(MINE, _("Keep mine")), (BOTH, _("Keep both"))], required=False
    )
    other_version = forms.IntegerField(min_value=0, max_value=2**31 - 2, required=False)
    other_text = LinesField(max_length=Reflection.TEXT_MAX_LENGTH, required=False, strip=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if len(self._text()) > Reflection.TEXT_MAX_LENGTH:
            raise forms.ValidationError(_("Both together are too long. Make one of them shorter."))
        return data

    def wanted(self) -> dict[str, Any]:
        """`text` and `based_on` for save_text."""
        data = self.cleaned_data
        based_on = data["other_version"] or 0 if data["keep"] else data["version"]
        return {"text": self._text(), "based_on": based_on}

    def _text(self) -> str:
        text: str = self.cleaned_data.get("text", "")
        if self.cleaned_data.get("keep") == self.BOTH:
            return f"{self.cleaned_data.get('other_text', '')}\n\n{text}"
        return text


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


class EnrollmentForm(GoalForm):
    """The goal, when the two weeks start, and the clock they run by."""

    TODAY, MONDAY, OTHER = "today", "monday", "other"

    start = forms.ChoiceField(
        label=_("When do you start?"),
        error_messages={"required": _("Choose the day you start.")},
        choices=[(TODAY, _("Today")), (MONDAY, _("Next Monday")), (OTHER, _("Another day"))],
        widget=forms.RadioSelect,
        initial=TODAY,
    )
    starts_on = forms.DateField(
        label=_("Your first day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("That is no date. Pick one, or write it as 2027-03-16.")},
    )
    time_zone = TimeZoneField(label=_("Your time zone"))
    day_end_hour = DayEndHourField(
        label=_("Your day ends at"), help_text=_("Later, if you are often up past midnight.")
    )

    # Of the two weeks before these; the field is there when some wait for an answer.
    carries_requests = forms.BooleanField(required=False, initial=True)

    def __init__(
        self, *args: Any, user: User, now: datetime, waiting: int = 0, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.now = user, now
        self.fields["carries_requests"].label = ngettext(
            "Take the request along that still waits for an answer",
            "Take the %(count)d requests along that still wait for an answer",
            waiting,
        ) % {"count": waiting}
        if not waiting:
            del self.fields["carries_requests"]
        self.fields["time_zone"].choices = time_zones.choices(  # type: ignore[attr-defined]
            now, user.time_zone
        )
        if user.time_zone == time_zones.UTC:
            # Nothing chosen yet: the browser's zone is offered, by a script.
            self.fields["time_zone"].widget.attrs["data-detect-time-zone"] = ""
        self.initial.setdefault("time_zone", user.time_zone)
        self.initial.setdefault("day_end_hour", user.day_end_hour)

    def start_options(self) -> list[dict[str, Any]]:
        """The three radios, each with its first and last day where they are known.

        Nobody's today is guessed: without a chosen zone there are no dates.
        """
        spans: dict[str, tuple[date, date]] = {}
        labels = dict(self.fields["start"].choices)  # type: ignore[attr-defined]
        zone = self["time_zone"].value()
        if zone and zone != time_zones.UTC:
            hour = str(self["day_end_hour"].value())
            day_end = int(hour) if hour in {"1", "2", "3", "4", "5"} else 0
            today = calendar.local_date(self.now, time_zones.zone_or_utc(zone), day_end)
            monday = calendar.next_monday(today)
            spans[self.TODAY] = today, calendar.last_date(today)
            spans[self.MONDAY] = monday, calendar.last_date(monday)
            if (monday - today).days == 1:
                labels[self.MONDAY] = _("Tomorrow, Monday")
        chosen = self["start"].value()
        return [
            {"value": value, "label": label, "span": spans.get(value), "checked": value == chosen}
            for value, label in labels.items()
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if {"start", "time_zone", "day_end_hour"} <= data.keys():
            self._clean_start(data)
        return data

    def _clean_start(self, data: dict[str, Any]) -> None:
        zone = time_zones.zone_or_utc(data["time_zone"])
        today = calendar.local_date(self.now, zone, data["day_end_hour"])
        if data["start"] == self.TODAY:
            data["starts_on"] = today
        elif data["start"] == self.MONDAY:
            data["starts_on"] = calendar.next_monday(today)
        elif "starts_on" not in self.errors:
            self._check_starts_on(data.get("starts_on"), today)

    def _check_starts_on(self, starts_on: date | None, today: date) -> None:
        if starts_on is None:
            self.add_error("starts_on", _("Pick the day you want to start."))
        elif starts_on < today:
            self.add_error("starts_on", _("That day has passed. Pick today or a later one."))
        elif starts_on > calendar.latest_start(today):
            self.add_error("starts_on", _("That is more than a year away. Pick a nearer day."))
