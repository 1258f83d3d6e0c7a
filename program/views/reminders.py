"""Reminders by mail: whether, when, and when the next one comes."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from breakthrough.http import HttpRequest
from program.forms.reminders import ReminderForm
from program.models import MailChoice
from program.models.mail import REMINDERS


@require_http_methods(["GET", "HEAD", "POST"])
def reminder_update(request: HttpRequest) -> HttpResponse:
    form = ReminderForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        form.save_reminders(request.user, request.now)
        messages.success(request, _("Saved."))
        return redirect(f"{reverse('settings_update')}#reminders")
    context = {"section": "", **reminder_context(request, form)}
    status = 422 if form.errors else 200
    return render(request, "program/reminders/form.html", context, status=status)


def reminder_context(request: HttpRequest, form: ReminderForm | None = None) -> dict[str, Any]:
    """For program/account/_reminders.html: the form, and when the next one comes."""
    choices = MailChoice.objects.owned_by(request.user).of_kinds(*REMINDERS).by_kind()
    form = form or ReminderForm()
    form.remember(choices)
    due = [choice.next_due_at for choice in choices.values() if choice.next_due_at]
    return {
        "reminder_form": form,
        "has_reminders": any(choice.is_wanted for choice in choices.values()),
        "next_reminder": timezone.make_naive(min(due), request.user.zone) if due else None,
    }
