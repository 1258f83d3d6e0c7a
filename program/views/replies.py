"""What visitors leave on a public page, without an account: nothing here knows who asks.

The form carries no token, for its page lies in caches and has no cookie; it carries no authority
either. Who has the link that is shown once, and nobody else, takes the words back.
"""

from allauth.account.adapter import get_adapter
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from breakthrough.http import HttpRequest, is_from_our_page
from program.forms.replies import ReplyForm
from program.models import PublicPage, Reply
from program.models.followers import AskedTooOftenError
from program.models.reply_guard import (
    PageGoneError,
    SenderBlockedError,
    TooManyRepliesError,
    sender_of,
)
from program.views.mail import kept_apart

AGAIN_AFTER = 15 * 60


@csrf_exempt  # See above: is_from_our_page() stands in for the token.
@login_not_required
@require_POST
def reply_create(request: HttpRequest, token: str) -> HttpResponse:
    if not is_from_our_page(request):
        raise PermissionDenied
    page = get_object_or_404(PublicPage.objects.open_at(token))
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return _refuse(request, page, form, 422)
    sender = sender_of(get_adapter(request).get_client_ip(request))
    try:
        reply = Reply.objects.leave(page=page, sender=sender, now=request.now, **form.wanted())
    except AskedTooOftenError:
        form.add_error("email", _("That address was asked often today. Leave it out for now."))
        return _refuse(request, page, form, 422)
    except PageGoneError:
        raise Http404 from None
    except (TooManyRepliesError, SenderBlockedError) as refusal:
        return _refuse_sender(
            request, page, form, is_blocked=isinstance(refusal, SenderBlockedError)
        )
    # Words that were read by now may stand on the page: who types them anew is not who left them.
    name, key = ("reply_detail", reply.token) if reply.is_waiting else ("public_goal_detail", token)
    return kept_apart(redirect(f"{reverse(name, args=[key])}{'?new' if reply.is_waiting else ''}"))


@require_safe
@login_not_required
def reply_detail(request: HttpRequest, token: str) -> HttpResponse:
    """A visitor's own words, by the link that was shown once."""
    reply = get_object_or_404(Reply.objects.of_token(token).select_related("page", "follower"))
    context = {"reply": reply, "page": reply.page, "is_new": "new" in request.GET}
    return kept_apart(render(request, "program/replies/detail.html", context))


@login_not_required
@require_POST
def reply_withdraw(request: HttpRequest, token: str) -> HttpResponse:
    replies = Reply.objects.of_token(token)
    get_object_or_404(replies)
    replies.withdraw(request.now)
    return kept_apart(redirect("reply_detail", token))


def _refuse_sender(
    request: HttpRequest, page: PublicPage, form: ReplyForm, *, is_blocked: bool
) -> HttpResponse:
    if is_blocked:
        form.add_error(None, _("This page takes nothing from where you are."))
        return _refuse(request, page, form, 403)
    words = _("A lot was left here just now. Your words are below: send them again in a while.")
    form.add_error(None, words)
    response = _refuse(request, page, form, 429)
    response.headers["Retry-After"] = str(AGAIN_AFTER)
    return response


def _refuse(request: HttpRequest, page: PublicPage, form: ReplyForm, status: int) -> HttpResponse:
    """The form with the words in it, on a page of its own."""
    context = {"page": page, "reply_form": form}
    return kept_apart(render(request, "program/replies/form.html", context, status=status))
