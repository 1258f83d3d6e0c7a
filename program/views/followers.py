"""Who wants to hear how it ends: the links in their mail, and the mail that tells them."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from breakthrough.http import HttpRequest
from program.forms.replies import UpdateForm
from program.models import Follower, PageUpdate, PublicPage
from program.models.followers import is_ours
from program.views.mail import kept_apart


@require_safe
@login_not_required
def follower_detail(request: HttpRequest, token: str) -> HttpResponse:
    """All that came with an address; opening it changes nothing."""
    follower = get_object_or_404(Follower.objects.of_token(token).select_related("page"))
    context = {
        "follower": follower,
        "page": follower.page,
        "is_open": PublicPage.objects.open_at(follower.page.token).exists(),
        "replies": follower.replies.newest_first(),
    }
    return kept_apart(render(request, "program/followers/detail.html", context))


@login_not_required
@require_POST
def follower_confirm(request: HttpRequest, token: str) -> HttpResponse:
    get_object_or_404(Follower.objects.of_token(token)).confirm(request.now)
    return kept_apart(redirect("follower_detail", token))


@csrf_exempt  # The program that reads the mail posts here by itself (RFC 8058), with no cookie.
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def follower_stop(request: HttpRequest, token: str) -> HttpResponse:
    """No mail. Who is forgotten by now gets none either, and the same answer."""
    if not is_ours(token):
        raise Http404
    follower = Follower.objects.of_token(token).first()
    if follower and request.method == "POST":
        follower.stop(request.now)
    context = {"follower": follower, "is_stopped": follower is None or follower.stopped_at}
    return kept_apart(render(request, "program/followers/stop.html", context))


@login_not_required
@require_POST
def follower_forget(request: HttpRequest, token: str) -> HttpResponse:
    if not is_ours(token):
        raise Http404
    follower = Follower.objects.of_token(token).first()
    if follower:
        follower.forget(request.now)
    return kept_apart(render(request, "program/followers/forgotten.html"))


@require_http_methods(["GET", "HEAD", "POST"])
def page_update_create(request: HttpRequest) -> HttpResponse:
    """The owner's own words to all who asked to hear; they go when this is pressed, and once."""
    page = get_object_or_404(PublicPage.objects.owned_by(request.user).current())
    form = UpdateForm(
        request.POST if request.method == "POST" else None, initial={"client_id": uuid.uuid4()}
    )
    if form.is_valid():
        update = PageUpdate.objects.send(page=page, now=request.now, **form.cleaned_data)
        words = ngettext(
            "On its way to %(count)d person.", "On its way to %(count)d people.", update.count
        )
        messages.success(request, words % {"count": update.count})
        return redirect("page_update_create")
    context = {
        "section": "",
        "form": form,
        "page": page,
        "waiting": Follower.objects.of(page).to_be_told().count(),
        "updates": PageUpdate.objects.of(page).newest_first(),
    }
    status = 422 if form.errors else 200
    return render(request, "program/followers/update.html", context, status=status)
