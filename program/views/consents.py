"""Who can see what: what a participant lets their coaches see, and who looked."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from breakthrough.http import HttpRequest
from program import calendar
from program.forms.consents import (
    NOTHING,
    ConsentForm,
    NudgesForm,
    PrivateForm,
    standing_choices,
)
from program.models import (
    CoachVisit,
    CohortCoach,
    CohortMembership,
    Consent,
    DailyEntry,
    Enrollment,
    Reflection,
    Scope,
)
from program.views.current import (
    current_enrollment,
    current_enrollment_or_404,
    enrollment_of_form,
)
from program.views.participants import seen_by_coach

Context = dict[str, Any]

VISITS = 30


@require_safe
def consent_list(request: HttpRequest) -> HttpResponse:
    return _render_list(request)


@require_POST
def consent_update(request: HttpRequest, pk: int) -> HttpResponse:
    """What one coach of a cohort sees from now on; `nothing` removes them."""
    membership = _membership(request, pk)
    form = ConsentForm(request.POST)
    if not form.is_valid():
        if "coach" in form.errors:
            raise Http404
        return _render_list(request, form=form)
    coach = get_object_or_404(
        membership.cohort.standing_coaches().select_related("coach"),
        coach_id=form.cleaned_data["coach"],
    ).coach
    words = _let_see(request, membership, coach, form.cleaned_data["scope"])
    messages.success(request, words)
    return redirect(_url(membership))


def _let_see(request: HttpRequest, membership: CohortMembership, coach: User, scope: str) -> str:
    """Puts it in force and returns what to say about it."""
    enrollment, cohort = membership.enrollment, membership.cohort
    consents = Consent.objects.owned_by(request.user)
    if scope == NOTHING:
        consents.revoke_from(coach, enrollment=enrollment, now=request.now)
        return _("%(coach)s sees nothing of yours any more.") % {"coach": coach.known_as}
    consents.grant(enrollment=enrollment, coach=coach, cohort=cohort, scope=scope, now=request.now)
    granted = {"coach": coach.known_as, "scope": Scope(scope).label}
    return _("What %(coach)s sees from now on: %(scope)s.") % granted


@require_safe
def consent_seen(request: HttpRequest, pk: int, coach_pk: int) -> HttpResponse:
    """The page of the coach, asked for as the coach asks for it; 404 when they see nothing."""
    membership = _membership(request, pk)
    leads = membership.cohort.standing_coaches().select_related("coach")
    coach = get_object_or_404(leads, coach_id=coach_pk).coach
    context = {
        **seen_by_coach(request, coach, membership.cohort, membership.enrollment_id),
        "section": "",
        "membership": membership,
        "is_preview": True,
    }
    context["scope"] = Scope(context["enrollment"].scope).label
    return render(request, "program/consents/seen.html", context)


@require_POST
def consent_nudges(request: HttpRequest, pk: int) -> HttpResponse:
    membership = _membership(request, pk)
    form = NudgesForm(request.POST)
    membership.allow_nudges(form.is_valid() and form.cleaned_data["allows_nudges"])
    messages.success(request, _("Saved."))
    return redirect(_url(membership))


@require_POST
def consent_leave(request: HttpRequest, pk: int) -> HttpResponse:
    membership = _membership(request, pk)
    membership.leave(request.now)
    words = _("You have left %(cohort)s. Its coaches see nothing of yours any more.")
    messages.success(request, words % {"cohort": membership.cohort.name})
    return redirect("consent_list")


@require_http_methods(["GET", "HEAD", "POST"])
def day_private(request: HttpRequest, day: date) -> HttpResponse:
    """What of a day no coach reads, whatever was granted."""
    is_post = request.method == "POST"
    enrollment = enrollment_of_form(request) if is_post else current_enrollment_or_404(request)
    lived = _lived(request, enrollment)
    if day not in lived:
        raise Http404
    entries = DailyEntry.objects.of(enrollment).on(day)
    reflections = Reflection.objects.of(enrollment).on(day)
    form = PrivateForm(request.POST if is_post else None, entries=entries)
    if form.is_valid():
        data = form.cleaned_data
        entries.keep_private(data["private"], among=data["shown"])
        if data["reflection_shown"]:
            reflections.keep_private(data["reflection"])
        messages.success(request, _("Kept. What is ticked is only for you."))
        return redirect("day_private", day)
    context = {
        "section": "",
        "form": form,
        "enrollment": enrollment,
        "day": day,
        "lived": lived,
        "entries": entries.kept().in_order(),
        "reflection": reflections.with_words().first(),
    }
    status = 422 if form.errors else 200
    return render(request, "program/consents/day.html", context, status=status)


def _lived(request: HttpRequest, enrollment: Enrollment) -> list[date]:
    today = enrollment.today(request.now)
    return [day for day in enrollment.dates if day <= today]


def _membership(request: HttpRequest, pk: int) -> CohortMembership:
    memberships = CohortMembership.objects.owned_by(request.user).standing()
    return get_object_or_404(memberships.select_related("cohort", "enrollment"), pk=pk)


def _url(membership: CohortMembership) -> str:
    return f"{reverse('consent_list')}#cohort-{membership.pk}"


def _render_list(request: HttpRequest, form: ConsentForm | None = None) -> HttpResponse:
    memberships = CohortMembership.objects.owned_by(request.user).standing().newest_first()
    closed = CohortMembership.objects.owned_by(request.user).closed()
    visits = CoachVisit.objects.owned_by(request.user).newest_first().select_related("coach")
    granted = Consent.objects.owned_by(request.user).standing()
    scopes = {(consent.enrollment_id, consent.coach_id): consent.scope for consent in granted}
    enrollment = current_enrollment(request)
    lived = _lived(request, enrollment) if enrollment else []
    standing = list(memberships.with_coaches())
    context = {
        "section": "",
        "form": form,
        "memberships": [
            {
                **_membership_context(request, membership, scopes),
                "lead_others": _lead_others(membership, standing),
            }
            for membership in standing
        ],
        "visits": [
            {
                "coach": visit.coach,
                "at": timezone.make_naive(visit.first_at, request.user.zone),
            }
            for visit in visits[:VISITS]
        ],
        "closed": [
            {
                "name": membership.cohort.name,
                "on": calendar.local_date(membership.left_at, request.user.zone),
            }
            for membership in closed.newest_first().select_related("cohort")
            if membership.left_at
        ],
        "last_day": lived[-1] if lived else None,
    }
    status = 422 if form else 200
    return render(request, "program/consents/list.html", context, status=status)


def _membership_context(
    request: HttpRequest, membership: CohortMembership, scopes: dict[tuple[int, int], str]
) -> Context:
    zone = request.user.zone
    return {
        "membership": membership,
        "joined_on": calendar.local_date(membership.joined_at, zone),
        "coaches": [
            {
                "coach": lead.coach,
                "scopes": standing_choices(scopes.get((membership.enrollment_id, lead.coach_id))),
                "sees": (membership.enrollment_id, lead.coach_id) in scopes,
                # Who began later was not there to be chosen for.
                "since": lead.joined_at > membership.joined_at
                and calendar.local_date(lead.joined_at, zone),
                "offer": _offer(membership, lead, scopes),
            }
            for lead in membership.cohort.leads
        ],
    }


def _offer(
    membership: CohortMembership, lead: CohortCoach, scopes: dict[tuple[int, int], str]
) -> Context | None:
    """The least that another coach of the cohort sees, for one who sees nothing."""
    seen = [
        (list(Scope).index(Scope(scope)), Scope(scope), other.coach)
        for other in membership.cohort.leads
        if (scope := scopes.get((membership.enrollment_id, other.coach_id)))
    ]
    if not seen or (membership.enrollment_id, lead.coach_id) in scopes:
        return None
    _rank, scope, other = min(seen, key=lambda found: found[0])
    return {"scope": scope, "like": other.known_as}


def _lead_others(membership: CohortMembership, standing: list[CohortMembership]) -> list[str]:
    """Its coaches who lead another cohort in which the same two weeks are walked."""
    elsewhere = {
        lead.coach_id
        for other in standing
        if other.enrollment_id == membership.enrollment_id and other.pk != membership.pk
        for lead in other.cohort.leads
    }
    return [lead.coach.known_as for lead in membership.cohort.leads if lead.coach_id in elsewhere]
