"""For those who run the site: how much there is, and whether the mail goes out."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.emails import TEST
from accounts.models import Lamp, MailHold, OutgoingMail
from accounts.staff import staff_required
from breakthrough.http import HttpRequest
from program.models.totals import totals


@require_safe
@staff_required
def staff_home(request: HttpRequest) -> HttpResponse:
    lamp = OutgoingMail.objects.lamp(request.now)
    context = {
        "totals": totals(request.now),
        "lamp": lamp,
        "mail_state": _state(lamp, request.now),
        "now": request.now,
    }
    return render(request, "program/staff/home.html", context)


def _state(lamp: Lamp, now: datetime) -> str:
    """What keeps the mail, or "well"."""
    if MailHold.standing():
        return "held"
    if lamp.last_scan_at is None:
        return "no worker"
    if now - lamp.last_scan_at >= lamp.LATE:
        return "worker gone"
    if lamp.trouble:
        return "refused"
    return "well" if lamp.is_lit(now) else "behind"


@require_POST
@staff_required
def staff_test_mail(request: HttpRequest) -> HttpResponse:
    user = request.user
    # One a minute: a second tap finds the first.
    key = f"{TEST}:{user.pk}:{request.now:%Y-%m-%dT%H:%M}"
    OutgoingMail.objects.put(TEST, key=key, to=user, now=request.now)
    messages.success(request, _("A test email is on its way to %(email)s.") % {"email": user.email})
    return redirect("staff_home")
