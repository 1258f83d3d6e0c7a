"""Who coaches a cohort: in by a link of its own, out by leaving, by the others or all at once."""

import uuid
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import registration
from breakthrough.http import HttpRequest
from program import calendar
from program.forms.coaches import RemoveForm
from program.forms.invitations import LinkForm
from program.models import Cohort, CohortCoach, Invitation
from program.models.coaches import LastCoachError
from program.models.invitations import NoPlaceError
from program.views.coach_nav import coach_nav
from program.views.invitations import guard_address, no_longer, with_days
from program.views.new_link import make_link, take_new_link

PAGE = "program/coaches/list.html"


@require_http_methods(["GET", "HEAD", "POST"])
def coach_list(request: HttpRequest, pk: int) -> HttpResponse:
    cohort = get_object_or_404(Cohort.objects.coached_by(request.user), pk=pk)
    form = LinkForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        make_link(request, cohort, role=Invitation.Role.COACH, **form.cleaned_data)
        return redirect("coach_list", cohort.pk)
    return _render_list(request, cohort, form, status=422 if form.errors else 200)


def _render_list(
    request: HttpRequest,
    cohort: Cohort,
    form: LinkForm,
    *,
    status: int = 200,
    is_last: bool = False,
) -> HttpResponse:
    zone = request.user.zone
    invitations = Invitation.objects.of(cohort, Invitation.Role.COACH).usable(request.now)
    leads = [
        {"pk": lead.pk, "coach": lead.coach, "since": calendar.local_date(lead.joined_at, zone)}
        for lead in cohort.standing_coaches().select_related("coach")
    ]
    context = {
        **coach_nav(request, "coaches", cohort),
        "form": form,
        "client_id": uuid.uuid4(),
        "leads": leads,
        "is_alone": len(leads) == 1,
        "is_last": is_last,
        "size": cohort.members().count(),
        "new_link": take_new_link(request, cohort, Invitation.Role.COACH),
        "invitations": with_days(request, invitations.newest_first()),
    }
    return render(request, PAGE, context, status=status)


@require_POST
def coach_remove(request: HttpRequest, pk: int) -> HttpResponse:
    cohort = get_object_or_404(Cohort.objects.coached_by(request.user), pk=pk)
    form = RemoveForm(request.POST, cohort=cohort)
    if not form.is_valid():
        raise Http404
    coach = form.cleaned_data["lead"].coach
    if coach == request.user:
        raise Http404
    cohort.part_with(coach, request.now)
    words = _("%(coach)s does not coach here any more, and sees nobody in this cohort.")
    messages.success(request, words % {"coach": coach.known_as})
    return redirect("coach_list", cohort.pk)


@require_POST
def coach_leave(request: HttpRequest, pk: int) -> HttpResponse:
    """The last one hands the cohort on first, or closes it."""
    cohort = _led_by(request, pk)
    if cohort.closed_at:
        return redirect("cohort_list")
    try:
        cohort.part_with(request.user, request.now)
    except LastCoachError:
        return _render_list(request, cohort, LinkForm(), status=409, is_last=True)
    words = _("You do not coach %(cohort)s any more.") % {"cohort": cohort.name}
    messages.success(request, words)
    return redirect("cohort_list")


@require_POST
def cohort_close(request: HttpRequest, pk: int) -> HttpResponse:
    cohort = _led_by(request, pk)
    if cohort.closed_at is None:
        get_object_or_404(Cohort.objects.coached_by(request.user), pk=pk).close(request.now)
    words = _("%(cohort)s is closed. Nothing of anybody is seen there any more.")
    messages.success(request, words % {"cohort": cohort.name})
    return redirect("cohort_list")


def _led_by(request: HttpRequest, pk: int) -> Cohort:
    """Also one that they have left, or that was closed: of two taps the second says the same."""
    leads = CohortCoach.objects.owned_by(request.user).in_cohort(pk).newest_first()
    lead = leads.select_related("cohort").first()
    if lead is None:
        raise Http404
    return lead.cohort


# --- The link ------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def coach_join(request: HttpRequest, token: str) -> HttpResponse:
    """One button; reading the page uses nothing up."""
    is_known = bool(request.user.is_authenticated)
    return guard_address(_answer(request, token, is_known), is_known=is_known)


def _answer(request: HttpRequest, token: str, is_known: bool) -> HttpResponse:
    links = Invitation.objects.of_token(token, Invitation.Role.COACH)
    led = Cohort.objects.coached_by(request.user).invited_by(links).first() if is_known else None
    if led:
        # Also the second of two taps, whose first has used it up.
        return redirect("cohort_detail", led.pk)
    invitation = links.usable(request.now).select_related("cohort", "created_by").first()
    if invitation is None:
        return no_longer(request)
    if is_known and request.method == "POST" and request.user.may_coach:
        return _entrust(request, invitation)
    if not is_known and request.method == "POST":
        return redirect_to_login(request.path)
    if not is_known:
        registration.let_in(request, invitation.pk)
    return _render_join(request, invitation, status=403 if request.method == "POST" else 200)


def _entrust(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    try:
        invitation.entrust(request.user, request.now)
    except NoPlaceError:
        return no_longer(request)
    words = _("You coach %(cohort)s now.") % {"cohort": invitation.cohort.name}
    messages.success(request, words)
    return redirect("cohort_detail", invitation.cohort_id)


def _render_join(request: HttpRequest, invitation: Invitation, status: int) -> HttpResponse:
    cohort = invitation.cohort
    leads = cohort.standing_coaches().select_related("coach")
    context = {
        "cohort": cohort,
        "host": invitation.created_by.known_as,
        "coaches": [lead.coach.known_as for lead in leads],
        "needs_approval": request.user.is_authenticated and not request.user.may_coach,
        "good_until": calendar.local_date(invitation.expires_at, ZoneInfo("UTC")),
        "last_day": cohort.starts_on and calendar.last_date(cohort.starts_on),
        "next": urlencode({"next": request.path}),
    }
    return render(request, "program/coaches/join.html", context, status=status)
