from allauth.account.utils import passthrough_next_redirect_url
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.mailbox import StoredMail, stored_mails
from breakthrough import errors


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """What allauth answers past one of its limits.

    One code in ten seconds is what an address gets: a second tap on "Send a new code" comes back
    to the page where the first one is typed.
    """
    if request.POST.get("action") != "resend":
        return errors.too_many_requests(request)
    messages.info(request, _("A code was sent a moment ago. Give it a minute, then ask again."))
    return redirect(passthrough_next_redirect_url(request, request.path, "next"))


@require_safe
@login_not_required
def mailbox_list(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/mailbox_list.html", {"messages_list": _mails()})


@require_safe
@login_not_required
def mailbox_detail(request: HttpRequest, key: str) -> HttpResponse:
    for mail in _mails():
        if mail.key == key:
            return render(request, "accounts/mailbox_detail.html", {"mail": mail})
    raise Http404


def _mails() -> list[StoredMail]:
    # Mail that everybody can read is for a developer's machine; anywhere else it is not here.
    if settings.MAILBOX_DIR is None:
        raise Http404
    return stored_mails(settings.MAILBOX_DIR)
