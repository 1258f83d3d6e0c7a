"""Telling people with ready words: copied or handed to the device, and logged when the person says
that somebody heard them.
"""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from breakthrough.http import HttpRequest
from program.curriculum import SHARE
from program.forms.public_pages import ToldForm
from program.models import DailyEntry, Enrollment, Goal, PublicPage
from program.models.refusals import EntryRefusedError
from program.views.current import current_enrollment
from program.views.public_pages import link_to


@require_http_methods(["GET", "HEAD", "POST"])
def share_create(request: HttpRequest) -> HttpResponse:
    enrollment = current_enrollment(request)
    if enrollment is None:
        return redirect("enrollment_create")
    is_program_day = enrollment.today(request.now) in enrollment.dates
    form = ToldForm(request.POST or None, initial={"client_id": _next_place(request, enrollment)})
    if form.is_valid() and is_program_day and _is_logged(request, enrollment, form):
        messages.success(request, _("Told, and a stone for it. What did they say or offer?"))
        return redirect("today")
    goal = Goal.objects.of(enrollment).newest_first()[0]
    page = PublicPage.objects.owned_by(request.user).open().first()
    context = {
        "form": form,
        "is_program_day": is_program_day,
        "page": page,
        "words": _words(goal, link_to(page) if page else ""),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "program/shares/form.html", context, status=status)


def _is_logged(request: HttpRequest, enrollment: Enrollment, form: ToldForm) -> bool:
    """Put the stone down; a form sent twice is one share."""
    try:
        DailyEntry.objects.save_entry(
            enrollment=enrollment,
            day=enrollment.today(request.now),
            practice=SHARE.key,
            placed=True,
            now=request.now,
            **form.cleaned_data,
        )
    except EntryRefusedError as refusal:
        form.add_error(None, refusal.words)
        return False
    return True


def _next_place(request: HttpRequest, enrollment: Enrollment) -> uuid.UUID:
    """The id of today's first open stone, as other pages know it, or one for a further share."""
    places = DailyEntry.objects.places(enrollment, enrollment.today(request.now))[SHARE.key]
    open_places = [entry.client_id for entry in places if entry.pk is None]
    return open_places[0] if open_places else uuid.uuid4()


def _words(goal: Goal, link: str) -> str:
    """To begin with; the person makes them their own before anybody reads them."""
    lines = [
        _("For two weeks I am working on one thing:"),
        goal.statement,
        _("If you know somebody I should meet, or have an idea, tell me."),
    ]
    if link:
        lines.append(_("Here is how far I am: %(link)s") % {"link": link})
    return "\n\n".join(lines)
