from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.mailbox import StoredMail, stored_mails


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
