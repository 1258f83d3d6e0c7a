"""What was reported to those who run the site; what they do about it is kept, and goes back."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.staff import staff_required
from breakthrough.http import HttpRequest
from program.models import Reply, ReplyBlock, ReplyTakedown

PER_PAGE = 25


@require_safe
@staff_required
def staff_reply_list(request: HttpRequest) -> HttpResponse:
    reported = Reply.objects.reported().with_takedown().newest_first()
    context = {
        "section": "",
        "page_of": Paginator(reported, PER_PAGE).get_page(request.GET.get("page")),
        "blocks": ReplyBlock.objects.everywhere().newest_first()[:PER_PAGE],
    }
    return render(request, "program/staff/replies.html", context)


@require_POST
@staff_required
def staff_reply_take_down(request: HttpRequest, pk: int) -> HttpResponse:
    """It stands on no page from here on, whatever its reader does."""
    ReplyTakedown.objects.put(_reported(pk), by=request.user, now=request.now)
    messages.success(request, _("It stands on no page. You can put it back."))
    return redirect("staff_reply_list")


@require_POST
@staff_required
def staff_reply_restore(request: HttpRequest, pk: int) -> HttpResponse:
    ReplyTakedown.objects.standing().of(_reported(pk)).restore(by=request.user, now=request.now)
    messages.success(request, _("It is again where its reader has it."))
    return redirect("staff_reply_list")


@require_POST
@staff_required
def staff_reply_settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Looked at, and nothing to do: off the list, unless it is taken down."""
    _reported(pk).settle_report()
    return redirect("staff_reply_list")


@require_POST
@staff_required
def staff_reply_block(request: HttpRequest, pk: int) -> HttpResponse:
    """No page takes anything from there."""
    _reported(pk).block_everywhere(request.now)
    messages.success(request, _("No page takes anything from there any more."))
    return redirect("staff_reply_list")


@require_POST
@staff_required
def staff_reply_unblock(request: HttpRequest, pk: int) -> HttpResponse:
    get_object_or_404(ReplyBlock.objects.everywhere(), pk=pk).delete()
    messages.success(request, _("Pages take words from there again."))
    return redirect("staff_reply_list")


def _reported(pk: int) -> Reply:
    return get_object_or_404(Reply.objects.reported(), pk=pk)
