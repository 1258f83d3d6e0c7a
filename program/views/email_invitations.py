"""Invitations by mail: sent, sent again and withdrawn by coaches; declined by who gets them."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from breakthrough.http import HttpRequest
from program.forms.invitations import EmailInviteForm
from program.models import Cohort, EmailInvitation
from program.models.email_invitations import NoRoomError
from program.views.invitations import guard_address, invite_page, no_longer


@require_POST
def email_invitation_create(request: HttpRequest, pk: int) -> HttpResponse:
    cohort = get_object_or_404(Cohort.objects.coached_by(request.user), pk=pk)
    room = EmailInvitation.objects.room_of(request.user, request.now)
    form = EmailInviteForm(request.POST, room=room)
    if not form.is_valid():
        return invite_page(request, cohort, email_form=form)
    try:
        sent = EmailInvitation.objects.invite(
            cohort=cohort, by=request.user, now=request.now, **form.cleaned_data
        )
    except NoRoomError:
        form.refuse()
        return invite_page(request, cohort, email_form=form)
    if sent:
        words = ngettext(
            "%(count)d invitation is on its way.", "%(count)d invitations are on their way.", sent
        )
        messages.success(request, words % {"count": sent})
    else:
        messages.info(request, _("All of them are invited already."))
    return redirect("cohort_invite", cohort.pk)


@require_POST
def email_invitation_send_again(request: HttpRequest, pk: int) -> HttpResponse:
    invited = get_object_or_404(EmailInvitation.objects.coached_by(request.user), pk=pk)
    if not EmailInvitation.objects.room_of(request.user, request.now):
        messages.error(request, _("That is a lot of mail for one day. Go on tomorrow."))
    elif invited.send_again(by=request.user, now=request.now):
        messages.success(request, _("Sent again, with a new link. The old one is closed."))
    return redirect("cohort_invite", invited.cohort_id)


@require_POST
def email_invitation_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    invited = get_object_or_404(
        EmailInvitation.objects.coached_by(request.user).select_related("invitation"), pk=pk
    )
    invited.invitation.revoke(request.now)
    messages.success(request, _("Withdrawn. The link in that mail lets nobody in any more."))
    return redirect("cohort_invite", invited.cohort_id)


@csrf_exempt  # The program that reads the mail posts here by itself (RFC 8058), with no cookie.
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def invitation_decline(request: HttpRequest, token: str) -> HttpResponse:
    """Of a mail that nobody asked for: it is the last one from this cohort."""
    invited = EmailInvitation.objects.of_token(token).select_related("cohort", "invitation").first()
    if invited is None:
        response = no_longer(request)
    else:
        if request.method == "POST":
            invited.decline(request.now)
        is_declined = request.method == "POST" or invited.declined_at is not None
        context = {"cohort": invited.cohort, "is_declined": is_declined}
        response = render(request, "program/invitations/decline.html", context)
    return guard_address(response, is_known=True)
