"""The owner's side of a public page: what shows, publishing, its link, and taking it down."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from breakthrough.http import HttpRequest
from program import qr
from program.forms.public_pages import PublicPageForm
from program.models import Breakthrough, Enrollment, Goal, PublicPage
from program.views.current import current_enrollment
from program.views.public_goals import as_visitors_see


@require_http_methods(["GET", "HEAD", "POST"])
def public_page_update(request: HttpRequest) -> HttpResponse:
    """What shows, and everything that can be done with the page."""
    enrollment = current_enrollment(request)
    if enrollment is None:
        return redirect("enrollment_create")
    page = PublicPage.objects.owned_by(request.user).current().first()
    form = _form(request, enrollment, page)
    if form.is_valid():
        PublicPage.choose(enrollment, now=request.now, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("public_page_update")
    context = {
        "form": form,
        "page": page,
        "is_on": settings.PUBLIC_PAGES,
        "takedown": page and page.standing_takedown(),
        "link": page and link_to(page),
        "parts": _parts(form, Goal.objects.of(enrollment).newest_first()[0]),
        "moments": _offered(form, enrollment),
    }
    status = 422 if form.errors else 200
    return render(request, "program/public_pages/form.html", context, status=status)


@require_POST
def public_page_publish(request: HttpRequest) -> HttpResponse:
    _page(request).publish(request.now)
    messages.success(request, _("Your page is open to whoever has the link."))
    return redirect("public_page_update")


@require_POST
def public_page_remove(request: HttpRequest) -> HttpResponse:
    """Taken down; what was chosen stays, for another day."""
    _page(request).take_down(request.now)
    messages.success(request, _("Your page is down. The link finds nothing."))
    return redirect("public_page_update")


@require_POST
def public_page_replace(request: HttpRequest) -> HttpResponse:
    _page(request).replace_link()
    messages.success(request, _("There is a new link. The old one finds nothing any more."))
    return redirect("public_page_update")


@require_safe
def public_page_preview(request: HttpRequest) -> HttpResponse:
    """The very bytes that a visitor gets, of a draft as well."""
    page = _page(request)
    return as_visitors_see(request, page.shown(request.now), page.token)


@require_safe
def public_page_card(request: HttpRequest) -> HttpResponse:
    """To print and to lay on a table, a few on a sheet."""
    page = _page(request)
    context = {
        "shown": page.shown(request.now),
        "link": link_to(page),
        "code": qr.svg(link_to(page)),
        "cards": range(4),
    }
    return render(request, "program/public_pages/card.html", context)


@require_safe
def public_page_code(request: HttpRequest) -> HttpResponse:
    """The link as a code, as a file to put into something else."""
    response = HttpResponse(qr.png(link_to(_page(request))), content_type="image/png")
    response.headers["Content-Disposition"] = 'attachment; filename="two-weeks-code.png"'
    return response


def link_to(page: PublicPage) -> str:
    return f"{settings.SITE_URL}{reverse('public_goal_detail', args=[page.token])}"


def _page(request: HttpRequest) -> PublicPage:
    return get_object_or_404(PublicPage.objects.owned_by(request.user).current())


def _form(request: HttpRequest, enrollment: Enrollment, page: PublicPage | None) -> PublicPageForm:
    moments = _moments(enrollment)
    if page:
        names = ("shown_as", *PublicPage.PARTS, "listed")
        initial: dict[str, Any] = {name: getattr(page, name) for name in names}
        initial["moments"] = list(page.moments.values_list("client_id", flat=True))
    else:
        # A suggestion, which shows nothing to anybody before it is saved and published.
        initial = {"shown_as": request.user.display_name, "show_goal": True}
    data = request.POST if request.method == "POST" else None
    return PublicPageForm(data, initial=initial, moments=moments)


def _moments(enrollment: Enrollment) -> QuerySet[Breakthrough]:
    return Breakthrough.objects.of(enrollment).kept().newest_first()


def _offered(form: PublicPageForm, enrollment: Enrollment) -> list[Breakthrough]:
    """The moments, each with whether it is chosen as `is_chosen`."""
    chosen, moments = form.chosen_moments(), list(_moments(enrollment))
    for moment in moments:
        moment.is_chosen = str(moment.client_id) in chosen
    return moments


def _parts(form: PublicPageForm, goal: Goal) -> list[dict[str, Any]]:
    """Each part of the page with the words that would stand there; an empty one is not offered."""
    words = {
        "show_goal": goal.statement,
        "show_why": goal.why,
        "show_map": _("Your fourteen days as a ridge, the stones of each, and which day it is."),
        "show_totals": _("How many people you told, actions you took and requests you made."),
    }
    return [{"field": form[name], "words": text} for name, text in words.items() if text]
