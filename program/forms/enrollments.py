"""When two weeks begin, on what goal and by whose clock."""

import json
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import time_zones
from accounts.forms import DayEndHourField, TimeZoneField
from accounts.models import User
from program import calendar
from program.forms.goals import GoalForm
from program.forms.reminders import ReminderFields
from program.models import MailChoice


class EnrollmentForm(ReminderFields, GoalForm):
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
        posted = self.data.get("time_zone", "")
        self.fields["time_zone"].choices = time_zones.choices(  # type: ignore[attr-defined]
            now, posted if time_zones.is_known(posted) else user.time_zone
        )
        if user.time_zone == time_zones.UTC and not self.is_bound:
            # Nothing chosen yet: the browser's zone is offered, by a script.
            aliases = json.dumps(time_zones.aliases())
            self.fields["time_zone"].widget.attrs["data-detect-time-zone"] = aliases
        if not self.is_bound:
            self.remember(MailChoice.objects.owned_by(user).by_kind())
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
