"""Links into a cohort: made and revoked by its coaches, and the page on which people join."""

import uuid
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import registration
from breakthrough.http import HttpRequest
from program import calendar
from program.calendar import Phase
from program.forms.consents import scope_choices
from program.forms.invitations import EmailInviteForm, InviteForm, JoinForm, JoinRunningForm
from program.forms.memberships import others_see
from program.models import (
    Cohort,
    CohortCoach,
    Consent,
    DailyEntry,
    EmailInvitation,
    Enrollment,
    Invitation,
)
from program.models.invitations import InvitationQuerySet, NoPlaceError
from program.views.coach_nav import coach_nav
from program.views.current import current_enrollment
from program.views.new_link import make_link, replace_link, take_new_link

PLACES = {Invitation.Role.MEMBER: "cohort_invite", Invitation.Role.COACH: "coach_list"}


@require_http_methods(["GET", "HEAD", "POST"])
def cohort_invite(request: HttpRequest, pk: int) -> HttpResponse:
    cohort = get_object_or_404(Cohort.objects.coached_by(request.user), pk=pk)
    form = InviteForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        make_link(request, cohort, role=Invitation.Role.MEMBER, **form.cleaned_data)
        return redirect("cohort_invite", cohort.pk)
    return invite_page(request, cohort, form=form)


def invite_page(
    request: HttpRequest,
    cohort: Cohort,
    *,
    form: InviteForm | None = None,
    email_form: EmailInviteForm | None = None,
) -> HttpResponse:
    links = Invitation.objects.of(cohort, Invitation.Role.MEMBER).links().standing(request.now)
    room = EmailInvitation.objects.room_of(request.user, request.now)
    context = {
        **coach_nav(request, "invite", cohort),
        "form": form or InviteForm(),
        "email_form": email_form or EmailInviteForm(room=room),
        "client_id": uuid.uuid4(),
        "new_link": take_new_link(request, cohort, Invitation.Role.MEMBER),
        "invitations": with_days(request, links.newest_first()),
        "invited": EmailInvitation.objects.of(cohort).newest_first().with_state(request.now),
        "scopes": scope_choices(),
    }
    has_errors = (form and form.errors) or (email_form and email_form.errors)
    template = "program/invitations/invite.html"
    return render(request, template, context, status=422 if has_errors else 200)


def with_days(request: HttpRequest, invitations: InvitationQuerySet) -> list[dict[str, Any]]:
    """Each with the dates that it was made on and is good until, by the clock of the reader."""
    zone = request.user.zone
    return [
        {
            "invitation": invitation,
            "made_on": calendar.local_date(invitation.created_at, zone),
            "last_day": calendar.local_date(invitation.expires_at, zone),
        }
        for invitation in invitations.select_related("created_by")
    ]


@require_POST
def invitation_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    invitation = get_object_or_404(Invitation.objects.coached_by(request.user), pk=pk)
    invitation.revoke(request.now)
    messages.success(request, _("Nobody joins by that link any more."))
    return redirect(PLACES[Invitation.Role(invitation.role)], invitation.cohort_id)


@require_POST
def invitation_replace(request: HttpRequest, pk: int) -> HttpResponse:
    invitation = get_object_or_404(Invitation.objects.coached_by(request.user), pk=pk)
    replace_link(request, invitation)
    return redirect(PLACES[Invitation.Role(invitation.role)], invitation.cohort_id)


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def invitation_join(request: HttpRequest, token: str) -> HttpResponse:
    is_known = bool(request.user.is_authenticated)
    response = _answer(request, token) if is_known else _answer_visitor(request, token)
    return guard_address(response, is_known=is_known)


def guard_address(response: HttpResponse, *, is_known: bool) -> HttpResponse:
    # The address is the key: no index, cache or other site gets it. A form without any referrer
    # would come from the origin "null", which is refused, so a page with forms names its origin.
    response.headers["Referrer-Policy"] = "strict-origin" if is_known else "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    patch_cache_control(response, no_store=True, private=True)
    return response


def _answer_visitor(request: HttpRequest, token: str) -> HttpResponse:
    invitation = _usable(request, token)
    if invitation is None:
        return no_longer(request)
    if request.method == "POST":
        return redirect_to_login(request.path)
    registration.let_in(request, invitation.pk)
    return _render_join(request, invitation)


def _answer(request: HttpRequest, token: str) -> HttpResponse:
    running = _running(request)
    links = Invitation.objects.of_token(token, Invitation.Role.MEMBER)
    if running and links.led_in(running).exists():
        # Also the second of two taps, which may have taken the last place.
        return redirect("today")
    invitation = _usable(request, token)
    if invitation is None or not _is_for(request, token):
        return no_longer(request)
    form = _join_form(request, invitation.cohort, running)
    if form.is_valid():
        return _let_in(request, invitation, running, form)
    return _render_join(request, invitation, form)


def _usable(request: HttpRequest, token: str) -> Invitation | None:
    usable = Invitation.objects.of_token(token, Invitation.Role.MEMBER).usable(request.now)
    return usable.select_related("cohort", "created_by").first()


def _is_for(request: HttpRequest, token: str) -> bool:
    """A link that came by mail is for the address that it went to."""
    mailed = EmailInvitation.objects.of_token(token).first()
    if mailed is None:
        return True
    if not mailed.is_for(request.user):
        return False
    mailed.note_opened(request.now)
    return True


def _running(request: HttpRequest) -> Enrollment | None:
    """Two weeks that are over make room for others, as when they begin without a cohort."""
    enrollment = current_enrollment(request)
    is_over = enrollment and enrollment.program_day(request.now) == Phase.AFTER
    return None if is_over else enrollment


def _join_form(
    request: HttpRequest, cohort: Cohort, running: Enrollment | None
) -> JoinForm | JoinRunningForm:
    data = request.POST if request.method == "POST" else None
    if running:
        return JoinRunningForm(data, cohort=cohort, running=running)
    over = current_enrollment(request)
    waiting = DailyEntry.objects.of(over).waiting().count() if over else 0
    return JoinForm(data, cohort=cohort, user=request.user, now=request.now, waiting=waiting)


def _let_in(
    request: HttpRequest,
    invitation: Invitation,
    running: Enrollment | None,
    form: JoinForm | JoinRunningForm,
) -> HttpResponse:
    data, cohort = form.cleaned_data, invitation.cohort
    try:
        with transaction.atomic():
            invitation.admit(
                _enrollment(request, cohort, running, data),
                named=data["named"],
                scope=data["scope"],
                allows_nudges=data["allows_nudges"],
                members_see=data["members_see"],
                now=request.now,
            )
            if isinstance(form, JoinForm):
                form.save_reminders(request.user, request.now)
    except NoPlaceError:
        return no_longer(request)
    except IntegrityError:
        return _already_running(request, invitation, form)
    messages.success(request, _("You are in %(cohort)s.") % {"cohort": cohort.name})
    return redirect("today")


def _enrollment(
    request: HttpRequest, cohort: Cohort, running: Enrollment | None, data: dict[str, Any]
) -> Enrollment:
    """The two weeks that join: those that run, or new ones on the days of the cohort."""
    user = request.user
    if running and data["way"] == JoinRunningForm.BRING:
        return running
    if running:
        return running.restart(
            now=request.now, starts_on=cohort.first_day_for(running.today(request.now))
        )
    user.set_clock(time_zone=data["time_zone"], day_end_hour=user.day_end_hour)
    today = calendar.local_date(request.now, user.zone, user.day_end_hour)
    return Enrollment.begin(
        participant=user,
        starts_on=cohort.first_day_for(today),
        now=request.now,
        carries_requests=data.get("carries_requests", False),
        statement=data["statement"],
    )


def _seen_already(leads: list[CohortCoach], form: JoinForm | JoinRunningForm | None) -> list[str]:
    """Those of the coaches who see something of the two weeks that would be brought along."""
    if not isinstance(form, JoinRunningForm):
        return []
    coaches = Consent.objects.of(form.running).standing().values_list("coach", flat=True)
    seeing = set(coaches)
    return [lead.coach.known_as for lead in leads if lead.coach_id in seeing]


def _already_running(
    request: HttpRequest, invitation: Invitation, form: JoinForm | JoinRunningForm
) -> HttpResponse:
    """Another tab was first: with this page, or with two weeks of its own."""
    running = current_enrollment(request)
    links = Invitation.objects.of(invitation.cohort, Invitation.Role.MEMBER)
    if running and links.led_in(running).exists():
        return redirect("today")
    form.add_error(
        None, _("Two weeks began for you meanwhile. Open the link anew to bring them along.")
    )
    return _render_join(request, invitation, form)


def no_longer(request: HttpRequest) -> HttpResponse:
    """The same for every link that lets nobody in, so that it tells nothing about any."""
    return render(request, "program/invitations/no_longer.html", status=404)


def _render_join(
    request: HttpRequest,
    invitation: Invitation,
    form: JoinForm | JoinRunningForm | None = None,
) -> HttpResponse:
    cohort = invitation.cohort
    leads = list(cohort.standing_coaches().select_related("coach"))
    # By the clock of whoever reads; a visitor has none yet.
    today = calendar.local_date(request.now, request.user.zone if form else ZoneInfo("UTC"))
    last_day = cohort.starts_on and calendar.last_date(cohort.starts_on)
    context = {
        "cohort": cohort,
        "host": invitation.created_by.known_as,
        "coaches": [lead.coach.known_as for lead in leads],
        "named": [lead.pk for lead in leads],
        "seen_already": _seen_already(leads, form),
        "last_day": last_day,
        "has_begun": cohort.starts_on and cohort.starts_on < today,
        "is_over": last_day and last_day < today,
        "form": form,
        "others_see": others_see(cohort.members_see),
        "running": form.running if isinstance(form, JoinRunningForm) else None,
        "scopes": form.scope_choices() if form else scope_choices(),
        "next": urlencode({"next": request.path}),
    }
    status = 422 if form and form.errors else 200
    return render(request, "program/invitations/join.html", context, status=status)
