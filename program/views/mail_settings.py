"""Which mail comes beside the reminders; a part of the settings, and a page of its own."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from breakthrough.http import HttpRequest
from program.forms.mail import MailForm
from program.models import Cohort, MailChoice, MailKind


@require_http_methods(["GET", "HEAD", "POST"])
def mail_update(request: HttpRequest) -> HttpResponse:
    context = mail_context(request, request.POST if request.method == "POST" else None)
    form = context["mail_form"]
    if form.is_valid():
        form.save_choices(request.user, request.now)
        messages.success(request, _("Saved."))
        return redirect(f"{reverse('settings_update')}#mail")
    status = 422 if form.errors else 200
    return render(request, "program/mail/form.html", {"section": "", **context}, status=status)


def mail_context(request: HttpRequest, data: Any = None) -> dict[str, Any]:
    """For program/account/_mail.html: the form, and when the next digest comes."""
    choices = MailChoice.objects.owned_by(request.user).by_kind()
    digest = choices.get(MailKind.COACH_DIGEST)
    # Who coaches nobody any more can still stop it.
    is_wanted = digest is not None and digest.is_wanted
    coaches = is_wanted or Cohort.objects.coached_by(request.user).exists()
    due = digest.next_due_at if digest else None
    return {
        "mail_form": MailForm(data, choices=choices, coaches=coaches),
        "next_digest": timezone.make_naive(due, request.user.zone) if due else None,
    }
