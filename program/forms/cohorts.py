"""A cohort as its coaches describe it."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.wording import OurWords
from program import calendar
from program.forms.fields import LinesField
from program.forms.memberships import TO_COACHES, members_see_field
from program.models import Cohort, MembersSee


class CohortForm(OurWords, forms.ModelForm):
    TOGETHER, EACH = "together", "each"
    COHORTS_DAY, OWN_DAY_1 = "cohort", "own"

    welcome = LinesField(
        label=gettext_lazy("A few words of welcome"),
        help_text=gettext_lazy("They stand on the page on which people join."),
        max_length=Cohort.WELCOME_MAX_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    start = forms.ChoiceField(
        label=gettext_lazy("When do they start?"),
        choices=[
            (TOGETHER, gettext_lazy("Together, on one day")),
            (EACH, gettext_lazy("Each starts when they like")),
        ],
        error_messages={"required": gettext_lazy("Choose how they start.")},
        widget=forms.RadioSelect,
        initial=TOGETHER,
    )
    starts_on = forms.DateField(
        label=gettext_lazy("The first day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "invalid": gettext_lazy("That is no date. Pick one, or write it as 2027-03-16.")
        },
    )
    late_joiners = forms.ChoiceField(
        label=gettext_lazy("Who joins after that day"),
        help_text=gettext_lazy("On the day of the others, the days before it stay open to them."),
        choices=[
            (COHORTS_DAY, gettext_lazy("Starts on the day the others are on")),
            (OWN_DAY_1, gettext_lazy("Starts at a day 1 of their own")),
        ],
        required=False,
        widget=forms.RadioSelect,
        initial=COHORTS_DAY,
    )
    members_see = members_see_field(
        label=gettext_lazy("What do the members see of each other?"),
        help_text=gettext_lazy(
            "Everybody reads it before they join. Less holds for all at once; more only for those "
            "who agree to it, and for those who join from then on."
        ),
        choices=TO_COACHES.items(),
        widget=forms.RadioSelect,
        initial=MembersSee.NOTHING,
    )

    class Meta:
        model = Cohort
        fields = ("name", "welcome", "starts_on")
        labels = {"name": gettext_lazy("What is it called?")}
        error_messages = {"name": {"required": gettext_lazy("Give the cohort a name.")}}

    def __init__(self, *args: Any, user: User, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = calendar.local_date(now, user.zone, user.day_end_hour)
        self.fields["name"].widget.attrs["autocomplete"] = "off"
        # What was stored; validation writes into the instance.
        self.stands_on = self.instance.starts_on
        if self.instance.pk:
            self.initial["start"] = self.TOGETHER if self.stands_on else self.EACH
            own = self.instance.late_joiners_start_at_day_1
            self.initial["late_joiners"] = self.OWN_DAY_1 if own else self.COHORTS_DAY
            self.initial["members_see"] = self.instance.members_see
            # Of two coaches with old pages each changes only what they changed there.
            for field in self.fields.values():
                field.show_hidden_initial = True

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("start") == self.EACH:
            data["starts_on"] = None
            self.errors.pop("starts_on", None)
        elif data.get("start") and "starts_on" not in self.errors:
            self._check_starts_on(data.get("starts_on"))
        return data

    def _check_starts_on(self, starts_on: date | None) -> None:
        if starts_on is None:
            self.add_error("starts_on", _("Pick the day on which they start."))
        elif starts_on == self.stands_on:
            return
        elif calendar.last_date(starts_on) < self.today:
            self.add_error("starts_on", _("Those two weeks are over. Pick a later day."))
        elif starts_on > calendar.latest_start(self.today):
            self.add_error("starts_on", _("That is more than a year away. Pick a nearer day."))

    def wanted(self) -> dict[str, Any]:
        """The columns of a cohort that the page asks to be changed, and what to."""
        data, changed = self.cleaned_data, set(self.changed_data)
        wanted: dict[str, Any] = {
            name: data[name] for name in ("name", "welcome") if name in changed
        }
        if changed & {"start", "starts_on"}:
            wanted["starts_on"] = data["starts_on"]
        if "late_joiners" in changed:
            wanted["late_joiners_start_at_day_1"] = data["late_joiners"] == self.OWN_DAY_1
        if "members_see" in changed and self.data.get(self.add_prefix("members_see")):
            wanted["members_see"] = data["members_see"]
        return wanted


class NewCohortForm(CohortForm):
    # Made with the page, so that a double tap opens one cohort.
    client_id = forms.UUIDField(
        label=gettext_lazy("This form"),
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(
            ("required", "invalid"), gettext_lazy("Your words are still here. Send them once more.")
        ),
    )
