"""A member's page of their cohort: its posts so far, who walks in it, and what they see."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from breakthrough.http import HttpRequest
from program.forms.memberships import MembersSeeForm, to_members
from program.forms.posts import CommentForm
from program.models import CohortMembership, DayComment, DayPost, MembersSee
from program.models.comments import with_own
from program.models.companions import as_companions, companions, shared_lines, sharing
from program.progress_words import strip_words

Context = dict[str, Any]

PER_PAGE = 50


@require_safe
def membership_list(request: HttpRequest) -> HttpResponse:
    """The way in: to the cohort of who is in one, and a choice for who is in more."""
    memberships = CohortMembership.objects.owned_by(request.user).standing().newest_first()
    cohorts = {row.cohort_id: row.cohort for row in memberships.select_related("cohort")}
    if len(cohorts) == 1:
        return redirect("membership_detail", *cohorts)
    context = {"section": "", "cohorts": list(cohorts.values())}
    return render(request, "program/memberships/list.html", context)


@require_safe
def membership_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return render_cohort(request, find_membership(request, pk))


@require_POST
def membership_update(request: HttpRequest, pk: int) -> HttpResponse:
    """What the others see of them from now on."""
    membership = find_membership(request, pk)
    form = MembersSeeForm(request.POST, at_most=membership.cohort.members_see)
    if not form.is_valid():
        return render_cohort(request, membership, see_form=form, status=422)
    membership.agree_to(form.cleaned_data["members_see"])
    messages.success(request, _("Kept. It holds from now on."))
    return redirect(f"{reverse('membership_detail', args=[pk])}#seen")


@require_safe
def companion_detail(request: HttpRequest, pk: int, membership_pk: int) -> HttpResponse:
    """The lines of another member, as far as they share them."""
    membership = find_membership(request, pk)
    found = companions(request.user, membership.cohort)
    row: Any = get_object_or_404(found, pk=membership_pk, shares_lines=True)
    other = get_object_or_404(sharing(request.user).select_related("enrollment"), pk=membership_pk)
    companion = as_companions([row], user=request.user, now=request.now)[0]
    lines = shared_lines(request.user, other)
    context = {
        "section": "",
        "cohort": membership.cohort,
        "companion": companion,
        "strip": strip_words(companion.days) if companion.days else "",
        "days": [
            {"number": other.enrollment.number_of(day), "lines": of_day}
            for day, of_day in lines.items()
        ],
    }
    return render(request, "program/memberships/companion.html", context)


def find_membership(request: HttpRequest, pk: int) -> CohortMembership:
    """The user's standing membership of the cohort `pk`, the latest; else a 404."""
    memberships = CohortMembership.objects.owned_by(request.user).standing().newest_first()
    membership = memberships.with_coaches().of(pk).first()
    if membership is None:
        raise Http404
    # Their clock is the one already at hand: no query for it.
    membership.enrollment.participant = request.user
    return membership


def posts_so_far(request: HttpRequest, membership: CohortMembership) -> Any:
    posts = DayPost.objects.of(membership.cohort).kept()
    come = posts.up_to(membership.enrollment.days_come(request.now))
    return with_own(come, membership).with_coach().latest_day_first()


def render_cohort(
    request: HttpRequest,
    membership: CohortMembership,
    *,
    see_form: MembersSeeForm | None = None,
    status: int = 200,
) -> HttpResponse:
    posts = list(posts_so_far(request, membership))
    cohort, level = membership.cohort, membership.level
    context = {
        "section": "",
        "cohort": cohort,
        "membership": membership,
        "posts": posts[1:],
        "form": see_form,
        "levels": to_members(level, cohort.members_see),
        "has_more": cohort.members_see > level,
        **(post_context(request, membership, posts[0]) if posts else {}),
        **_companions(request, membership),
    }
    return render(request, "program/memberships/detail.html", context, status=status)


def _companions(request: HttpRequest, membership: CohortMembership) -> Context:
    if membership.level < MembersSee.NAMES:
        return {}
    found = companions(request.user, membership.cohort)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    rows = as_companions(list(page.object_list), user=request.user, now=request.now)
    return {
        "page": page,
        "companions": [
            {"companion": row, "strip": strip_words(row.days) if row.days else ""} for row in rows
        ],
    }


def post_context(
    request: HttpRequest,
    membership: CohortMembership,
    post: DayPost,
    form: CommentForm | None = None,
    new_id: uuid.UUID | None = None,
) -> Context:
    """One post with what is written under it: all of it is on the page of the post."""
    comments = DayComment.objects.walked_beside(request.user).of(post).as_shown()
    pages = Paginator(comments, PER_PAGE)
    # Those of today are what somebody comes for, and their own words among them.
    page = pages.get_page(request.GET.get("comments", pages.num_pages))
    posted_id = form.cleaned_data.get("client_id") if form else None
    return {
        "post": post,
        "comments": page.object_list,
        "comment_page": page,
        "comment_form": form or CommentForm(),
        "client_id": new_id or posted_id or uuid.uuid4(),
        "for_members": membership.level >= MembersSee.NAMES,
    }
