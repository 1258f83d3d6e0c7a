"""A short word to one person, or to all who are quiet: only to those who allow it, one a day."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from breakthrough.http import HttpRequest
from program.forms.coaching import NudgeAllForm, NudgeForm
from program.models import Cohort, Enrollment, Nudge
from program.models.nudges import NudgedTodayError, NudgeNotAllowedError
from program.models.progress import members
from program.views.coach_nav import coach_nav
from program.views.coaching import coached, participant_url, words_page


@require_POST
def nudge_create(request: HttpRequest, pk: int, enrollment_pk: int) -> HttpResponse:
    cohort, enrollment = coached(request, pk, enrollment_pk)
    form = NudgeForm(request.POST, auto_id="nudge-%s")
    if form.is_valid():
        membership = get_object_or_404(cohort.members(), enrollment=enrollment)
        membership.enrollment = enrollment
        text = form.cleaned_data["text"]
        try:
            Nudge.objects.send(
                coach=request.user, membership=membership, text=text, now=request.now
            )
        except NudgeNotAllowedError:
            form.add_error(None, _("Nothing was sent: they take no nudges today."))
        except NudgedTodayError:
            form.add_error(None, _("They had a nudge today. One a day is what they agreed to."))
        else:
            messages.success(request, _("Sent. It stands on their page of today."))
            return redirect(participant_url(cohort, enrollment))
    return words_page(request, cohort, enrollment, nudge_form=form)


@require_POST
def nudge_quiet(request: HttpRequest, pk: int) -> HttpResponse:
    """Whoever does not allow it, or had one today, is passed over."""
    cohort = get_object_or_404(Cohort.objects.coached_by(request.user), pk=pk)
    form = NudgeAllForm(request.POST, auto_id="nudge-%s")
    if not form.is_valid():
        context = {**coach_nav(request, "cohort", cohort), "nudge_all_form": form}
        return render(request, "program/coaching/nudge_all.html", context, status=422)
    seen = members(Enrollment.objects.coached_by(request.user).in_cohort(cohort), request.now)
    days = {
        member.pk: member.today for member in seen if member.quiet_days >= form.cleaned_data["days"]
    }
    sent = Nudge.objects.send_to_all(
        coach=request.user,
        cohort=cohort,
        days=days,
        text=form.cleaned_data["text"],
        now=request.now,
    )
    messages.success(request, _sent(sent))
    return redirect("cohort_detail", pk)


def _sent(count: int) -> str:
    if count == 0:
        return _("Nobody to send it to: those who are quiet had one today, or take none.")
    words = ngettext("Sent to one person.", "Sent to %(count)d people.", count)
    return words % {"count": count}
