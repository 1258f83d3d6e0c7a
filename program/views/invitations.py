"""Links into a cohort: made and revoked by its coaches."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from breakthrough.http import HttpRequest
from program import calendar
from program.forms.consents import scope_choices
from program.forms.invitations import InviteForm
from program.models import Cohort, Invitation

# Where the session keeps a token until it has been shown once: {"cohort": pk, "token": …}.
NEW_LINK = "invitation_new_link"


@require_http_methods(["GET", "HEAD", "POST"])
def cohort_invite(request: HttpRequest, pk: int) -> HttpResponse:
    cohort = get_object_or_404(Cohort.objects.coached_by(request.user).open(), pk=pk)
    form = InviteForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        _invitation, token = Invitation.make(
            cohort=cohort, by=request.user, now=request.now, **form.cleaned_data
        )
        return _show_once(request, cohort.pk, token)
    invitations = Invitation.objects.of(cohort).standing(request.now).newest_first()
    zone = request.user.zone
    context = {
        "section": "coaching",
        "cohort": cohort,
        "form": form,
        "new_link": _new_link(request, cohort.pk),
        "invitations": [
            {
                "invitation": invitation,
                "made_on": calendar.local_date(invitation.created_at, zone),
                "last_day": calendar.local_date(invitation.expires_at, zone),
            }
            for invitation in invitations.select_related("created_by")
        ],
        "scopes": scope_choices(),
    }
    template = "program/invitations/invite.html"
    return render(request, template, context, status=422 if form.errors else 200)


@require_POST
def invitation_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    invitation = get_object_or_404(Invitation.objects.coached_by(request.user), pk=pk)
    invitation.revoke(request.now)
    messages.success(request, _("Nobody joins by that link any more."))
    return redirect("cohort_invite", invitation.cohort_id)


@require_POST
def invitation_replace(request: HttpRequest, pk: int) -> HttpResponse:
    invitation = get_object_or_404(Invitation.objects.coached_by(request.user), pk=pk)
    token = invitation.replace(by=request.user, now=request.now)
    if token is None:
        return redirect("cohort_invite", invitation.cohort_id)
    return _show_once(request, invitation.cohort_id, token)


def _show_once(request: HttpRequest, cohort_pk: int, token: str) -> HttpResponse:
    """The page with the new link, whose token stands in no address of ours but its own."""
    request.session[NEW_LINK] = {"cohort": cohort_pk, "token": token}
    return redirect("cohort_invite", cohort_pk)


def _new_link(request: HttpRequest, cohort_pk: int) -> str:
    """The link that has just been made, for this one page; empty without one."""
    if request.method != "GET" or request.session.get(NEW_LINK, {}).get("cohort") != cohort_pk:
        return ""
    token = request.session.pop(NEW_LINK)["token"]
    return f"{settings.SITE_URL}{reverse('invitation_join', args=[token])}"


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def invitation_join(request: HttpRequest, token: str) -> HttpResponse:
    raise Http404
