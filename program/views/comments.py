"""One post as a member reads it, and what they write under it."""

import uuid
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from breakthrough.http import HttpRequest
from program.forms.posts import CommentForm
from program.models import CohortMembership, DayComment, DayPost
from program.models.comments import CommentIdTakenError, NoMemberError, TooManyCommentsError
from program.views.memberships import find_membership, post_context, posts_so_far


@require_safe
def post_detail(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    membership, post = _found(request, pk, number)
    return _render_post(request, membership, post)


@require_POST
def post_read(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """The member has seen it; a repeat changes nothing."""
    membership, post = _found(request, pk, number)
    post.mark_read(membership, request.now)
    if request.htmx:
        return HttpResponse(status=204)
    return redirect("post_detail", pk, number)


@require_POST
def comment_create(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    membership, post = _found(request, pk, number)
    form = CommentForm(request.POST)
    if form.is_valid():
        try:
            comment = DayComment.objects.leave(
                post=post, membership=membership, now=request.now, **form.cleaned_data
            )
        except CommentIdTakenError:
            form.add_error(None, _("These were other words before. Send them once more."))
        except TooManyCommentsError:
            words = _("%(count)d of yours stand here. That is as many as fit.")
            form.add_error(None, words % {"count": DayComment.MOST_PER_POST})
        except NoMemberError:
            raise Http404 from None
        else:
            return redirect(_url(pk, comment))
    return _render_post(request, membership, post, form=form, status=422)


@require_POST
def comment_remove(request: HttpRequest, pk: int, client_id: uuid.UUID) -> HttpResponse:
    membership, post, comment = _own(request, pk, client_id)
    comment.remove(request.now)
    # A page and no redirect, because the page offers the way back.
    return _render_post(request, membership, post, removed=comment)


@require_POST
def comment_restore(request: HttpRequest, pk: int, client_id: uuid.UUID) -> HttpResponse:
    _membership, _post, comment = _own(request, pk, client_id)
    comment.restore()
    return redirect(_url(pk, comment))


def _found(request: HttpRequest, pk: int, number: int) -> tuple[CohortMembership, DayPost]:
    """404 too for a day that has not come for them."""
    membership = find_membership(request, pk)
    return membership, get_object_or_404(posts_so_far(request, membership), number=number)


def _own(
    request: HttpRequest, pk: int, client_id: uuid.UUID
) -> tuple[CohortMembership, DayPost, DayComment]:
    comments = DayComment.objects.owned_by(request.user).select_related("post")
    comment = get_object_or_404(comments, client_id=client_id, post__cohort=pk)
    membership, post = _found(request, pk, comment.post.number)
    if post != comment.post:
        raise Http404
    return membership, post, comment


def _url(pk: int, comment: DayComment) -> str:
    return f"{reverse('post_detail', args=[pk, comment.post.number])}#comment-{comment.pk}"


def _render_post(
    request: HttpRequest,
    membership: CohortMembership,
    post: DayPost,
    *,
    form: CommentForm | None = None,
    status: int = 200,
    **extra: Any,
) -> HttpResponse:
    # Words that an id cannot be had for get another.
    new_id = uuid.uuid4() if form and form.non_field_errors() else None
    context = {
        "section": "",
        "cohort": membership.cohort,
        "membership": membership,
        **post_context(request, membership, post, form=form, new_id=new_id),
        **extra,
    }
    return render(request, "program/memberships/post.html", context, status=status)
