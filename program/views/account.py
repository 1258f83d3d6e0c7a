from copy import copy
from datetime import datetime

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import factors
from accounts.forms import SettingsForm
from accounts.models import User
from breakthrough.http import HttpRequest
from program.calendar import Phase
from program.models import Enrollment
from program.models.consents import newcomers
from program.views.mail_settings import mail_context
from program.views.reminders import reminder_context


@require_http_methods(["GET", "HEAD", "POST"])
def settings_update(request: HttpRequest) -> HttpResponse:
    enrollment = Enrollment.objects.owned_by(request.user).current().first()
    before = enrollment.program_day(request.now) if enrollment else None
    # A copy, so that a refused form does not speak for the user on the page it is shown on.
    user = copy(request.user)
    form = SettingsForm(request.POST or None, instance=user, now=request.now)
    if form.is_valid():
        _keep(user, form, request.now)
        words = _("Saved.")
        if enrollment and {"time_zone", "day_end_hour"} & set(form.changed_data):
            enrollment.participant = user
            words = f"{words} {_what_moved(before, enrollment.program_day(request.now))}"
        messages.success(request, words)
        return redirect("settings_update")
    context = {
        "form": form,
        "newcomers": newcomers(request.user),
        "authenticators": factors.held_by(request.user),
        **reminder_context(request),
        **mail_context(request),
    }
    status = 422 if form.errors else 200
    return render(request, "program/account/settings.html", context, status=status)


def _keep(user: User, form: SettingsForm, now: datetime) -> None:
    with transaction.atomic():
        # Only what was changed: a password set meanwhile stays set.
        user.save(update_fields=form.changed_data)
        user.mail_choices.reschedule(now)


def _what_moved(before: int | Phase | None, after: int | Phase) -> str:
    """What a new zone or day-end hour changed for the two weeks, in plain words."""
    if before == after and isinstance(after, int):
        return _("It is day %(number)d for you, as before. No entry has moved.") % {"number": after}
    if isinstance(after, int):
        return _(
            "By this clock it is day %(number)d for you. No entry has moved, and every earlier day"
            " stays open."
        ) % {"number": after}
    return _("No entry has moved. Your fourteen days keep their dates.")
