"""What the links in a mail lead to: stopping it, without logging in.

A link is opened by scanners and previews too, so that asking for it changes nothing.
"""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from breakthrough.http import HttpRequest
from program.models import MailChoice
from program.models.mail import all_kinds_token


@csrf_exempt  # The program that reads the mail posts here by itself (RFC 8058), with no cookie.
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def mail_unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    choices = MailChoice.objects.of_one_kind(token)
    if request.method == "POST":
        choices.stop(request.now)
    choice = get_object_or_404(choices.select_related("user"))
    context = {"choice": choice, "all_kinds": all_kinds_token(choice.user)}
    return kept_apart(render(request, "program/mail/unsubscribe.html", context))


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def mail_choices(request: HttpRequest, token: str) -> HttpResponse:
    """All that somebody gets; from here it can only become less."""
    choices = MailChoice.objects.of_all_kinds(token)
    found = choices.in_order_of_kinds()
    if not found:
        raise Http404
    if request.method == "POST":
        # What was chosen since the page was opened stays as it is.
        ended = set(request.POST.getlist("shown")) - set(request.POST.getlist("wanted"))
        choices.of_kinds(*ended).stop(request.now)
        return kept_apart(redirect(f"{request.path}?saved"))
    context = {
        "wanted": [choice for choice in found if choice.is_wanted],
        "is_saved": "saved" in request.GET,
    }
    return kept_apart(render(request, "program/mail/choices.html", context))


def kept_apart(response: HttpResponse) -> HttpResponse:
    """The address is a key: no index, cache or other site gets it."""
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Robots-Tag"] = "noindex"
    patch_cache_control(response, no_store=True, private=True)
    return response
