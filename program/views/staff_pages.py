"""Closing one public page, by whoever runs the site: logged with its reason, and reversible."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.staff import staff_required
from breakthrough.http import HttpRequest
from program.forms.public_pages import TakedownForm
from program.models import HostTakedown, PublicPage

PER_PAGE = 25


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required
def staff_page_list(request: HttpRequest) -> HttpResponse:
    """The log of what was closed, and the form that closes one; no word of a page stands here."""
    form = TakedownForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        page = PublicPage.objects.of_token(form.cleaned_data["link"]).first()
        if page:
            reason = form.cleaned_data["reason"]
            HostTakedown.close(page, by=request.user, reason=reason, now=request.now)
            messages.success(request, _("The page is closed. Its owner reads why."))
            return redirect("staff_page_list")
        form.add_error("link", _("No page has that link. It may have been replaced."))
    log = HostTakedown.objects.of_everybody().newest_first()
    page_of = Paginator(log, PER_PAGE).get_page(request.GET.get("page"))
    context = {"section": "", "form": form, "page_of": page_of}
    status = 422 if form.errors else 200
    return render(request, "program/staff/pages.html", context, status=status)


@require_POST
@staff_required
def staff_page_restore(request: HttpRequest, pk: int) -> HttpResponse:
    takedown = get_object_or_404(HostTakedown.objects.of_everybody(), pk=pk)
    takedown.restore(by=request.user, now=request.now)
    messages.success(request, _("The page is again as its owner has it."))
    return redirect("staff_page_list")
