"""The calendar feed: its address, made and taken away, and what a calendar program reads there."""

from datetime import time

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    conditional_page,
    require_http_methods,
    require_POST,
    require_safe,
)

from breakthrough.http import HttpRequest
from program.forms.feeds import CalendarFeedForm
from program.models import CalendarFeed, Enrollment

# Where the session keeps a token until it has been shown once.
NEW_FEED = "calendar_feed_new"


@require_http_methods(["GET", "HEAD", "POST"])
def feed_update(request: HttpRequest) -> HttpResponse:
    """Make the feed, or change what it shows at the same address."""
    feed = CalendarFeed.objects.owned_by(request.user).first()
    data = request.POST if request.method == "POST" else None
    shown = {"at": feed.at, "shows_words": feed.shows_words} if feed else {}
    form = CalendarFeedForm(data, initial=shown)
    if form.is_valid():
        if feed:
            feed.change(**form.cleaned_data)
            messages.success(request, _("Saved."))
        else:
            _open(request, **form.cleaned_data)
        return redirect("feed_update")
    context = {"section": "", "form": form, "feed": feed, "new_link": _new_link(request)}
    status = 422 if form.errors else 200
    return render(request, "program/feeds/form.html", context, status=status)


@require_POST
def feed_replace(request: HttpRequest) -> HttpResponse:
    feed = get_object_or_404(CalendarFeed.objects.owned_by(request.user))
    _open(request, at=feed.at, shows_words=feed.shows_words)
    return redirect("feed_update")


@require_POST
def feed_remove(request: HttpRequest) -> HttpResponse:
    CalendarFeed.objects.owned_by(request.user).delete()
    messages.success(request, _("The calendar address finds nothing any more."))
    return redirect("feed_update")


def _open(request: HttpRequest, *, at: time, shows_words: bool) -> None:
    feeds_of_user = CalendarFeed.objects.owned_by(request.user)
    token = feeds_of_user.open(request.user, at=at, shows_words=shows_words, now=request.now)
    request.session[NEW_FEED] = {"token": token}


def _new_link(request: HttpRequest) -> str:
    """The address that has just been made, for this one page."""
    if request.method != "GET" or NEW_FEED not in request.session:
        return ""
    path = reverse("feed_detail", args=[request.session.pop(NEW_FEED)["token"]])
    return f"{settings.SITE_URL}{path}"


@conditional_page
@login_not_required
@require_safe
def feed_detail(request: HttpRequest, token: str) -> HttpResponse:
    """For calendar programs: the address is the key, and no session or cookie is looked at."""
    feed = get_object_or_404(CalendarFeed.objects.of_token(token).select_related("user"))
    current = Enrollment.objects.owned_by(feed.user).current().with_goal().with_pauses()
    enrollment = current.first()
    if enrollment:
        enrollment.participant = feed.user
    # Only here: it brings a library that most workers never need.
    from program import feeds

    ics = feeds.as_ics(feed, enrollment)
    response = HttpResponse(ics, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'inline; filename="two-weeks.ics"'
    response.headers["X-Robots-Tag"] = "noindex"
    patch_cache_control(response, private=True, no_cache=True)
    return response
