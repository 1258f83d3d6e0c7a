"""A coach's posts for the fourteen days of a cohort, and what is commented under them."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from breakthrough.http import HttpRequest
from program import calendar, prompts
from program.curriculum import DAYS
from program.forms.posts import PostForm
from program.models import Cohort, DayComment, DayPost
from program.models.comments import with_audience
from program.models.posts import DayTakenError, PostConflictError, PostRemovedError
from program.views.coach_nav import coach_nav
from program.views.progress import coachs_today

Context = dict[str, Any]

COMMENTS_PER_PAGE = 50


@require_safe
def post_list(request: HttpRequest, pk: int) -> HttpResponse:
    return _render_list(request, _cohort(request, pk))


@require_http_methods(["GET", "HEAD", "POST"])
def post_update(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    cohort = _cohort(request, pk)
    post = _posts(request, cohort, number).kept().first()
    form = _form(post, request.POST if request.method == "POST" else None)
    if request.GET.get("start") == "prompt" and not post and not form.is_bound:
        form.initial["text"] = prompts.day(number).prompt
    if form.is_valid():
        try:
            DayPost.objects.of(cohort).save_words(
                cohort=cohort, number=number, coach=request.user, now=request.now, **form.wanted()
            )
        except PostConflictError as conflict:
            return _render_conflict(request, cohort, conflict.stored)
        except PostRemovedError:
            return _render_removed_since(request, cohort, number)
        messages.success(request, _("Kept. Each of them reads it from their day %d on.") % number)
        return redirect(_list_url(cohort, number))
    status = 422 if form.errors else 200
    return _render_form(request, cohort, number, form=form, post=post, status=status)


@require_POST
def post_remove(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    cohort = _cohort(request, pk)
    post = get_object_or_404(_posts(request, cohort, number).kept())
    post.remove(request.now)
    # A page and no redirect, because the page offers the way back.
    return _render_list(request, cohort, removed=post)


@require_POST
def post_restore(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Of those that were removed from the day, the last."""
    cohort = _cohort(request, pk)
    posts = _posts(request, cohort, number)
    post = posts.removed_last_first().first()
    if post is None:
        # Of two taps the second finds it where it belongs.
        get_object_or_404(posts.kept())
        return redirect(_list_url(cohort, number))
    try:
        post.restore()
    except DayTakenError:
        messages.error(request, _("Another post stands on that day by now. It stays."))
    return redirect(_list_url(cohort, number))


@require_POST
def comment_hide(request: HttpRequest, pk: int, comment_pk: int) -> HttpResponse:
    comment = _comment(request, pk, comment_pk)
    comment.hide(request.now)
    return redirect(_comment_url(pk, comment))


@require_POST
def comment_show(request: HttpRequest, pk: int, comment_pk: int) -> HttpResponse:
    comment = _comment(request, pk, comment_pk)
    comment.show()
    return redirect(_comment_url(pk, comment))


def _cohort(request: HttpRequest, pk: int) -> Cohort:
    return get_object_or_404(Cohort.objects.coached_by(request.user), pk=pk)


def _posts(request: HttpRequest, cohort: Cohort, number: int) -> Any:
    """404 when it is no day of the fourteen."""
    if not 1 <= number <= DAYS:
        raise Http404
    return DayPost.objects.coached_by(request.user).of(cohort).numbered(number).with_coach()


def _comment(request: HttpRequest, pk: int, comment_pk: int) -> DayComment:
    comments = DayComment.objects.coached_by(request.user).kept().select_related("post")
    return get_object_or_404(comments, pk=comment_pk, post__cohort=_cohort(request, pk))


def _list_url(cohort: Cohort, number: int) -> str:
    return f"{reverse('post_list', args=[cohort.pk])}#day-{number}"


def _comment_url(pk: int, comment: DayComment) -> str:
    return f"{reverse('post_update', args=[pk, comment.post.number])}#comment-{comment.pk}"


def _form(post: DayPost | None, data: Any = None) -> PostForm:
    initial = {"title": post.title, "text": post.text} if post else {}
    return PostForm(data, stored=post, initial={**initial, "version": post.version if post else 0})


def _render_list(request: HttpRequest, cohort: Cohort, **extra: Any) -> HttpResponse:
    posts = DayPost.objects.coached_by(request.user).of(cohort).kept().with_coach()
    written = {post.number: post for post in with_audience(posts)}
    dates = calendar.program_dates(cohort.starts_on) if cohort.starts_on else None
    today = coachs_today(request)
    context = {
        **coach_nav(request, "posts", cohort),
        "days": [
            {
                "number": number,
                "day": dates and dates[number - 1],
                "is_today": bool(dates and dates[number - 1] == today),
                "post": written.get(number),
                "prompt": prompts.day(number),
            }
            for number in range(1, DAYS + 1)
        ],
        **extra,
    }
    return render(request, "program/posts/list.html", context)


def _render_form(
    request: HttpRequest,
    cohort: Cohort,
    number: int,
    *,
    form: PostForm,
    post: DayPost | None,
    status: int,
    **extra: Any,
) -> HttpResponse:
    context = {
        **coach_nav(request, "posts", cohort),
        "number": number,
        "day": cohort.starts_on and calendar.program_dates(cohort.starts_on)[number - 1],
        "prompt": prompts.day(number),
        "form": form,
        "post": post,
        "page": _comments(request, post) if post else None,
        **extra,
    }
    return render(request, "program/posts/form.html", context, status=status)


def _comments(request: HttpRequest, post: DayPost) -> Page[Any]:
    comments = DayComment.objects.coached_by(request.user).of(post).as_shown()
    pages = Paginator(comments, COMMENTS_PER_PAGE)
    return pages.get_page(request.GET.get("comments", pages.num_pages))


def _render_conflict(request: HttpRequest, cohort: Cohort, stored: DayPost) -> HttpResponse:
    """Both texts on one page, 409; saving once more is meant."""
    form = _form(stored, {**request.POST.dict(), "version": str(stored.version), "keep": ""})
    return _render_form(
        request, cohort, stored.number, form=form, post=stored, other=stored, status=409
    )


def _render_removed_since(request: HttpRequest, cohort: Cohort, number: int) -> HttpResponse:
    form = _form(None, {**request.POST.dict(), "version": "0", "keep": ""})
    form.add_error(
        None,
        _("The post of this day was removed meanwhile. Keep these words once more to post it."),
    )
    return _render_form(request, cohort, number, form=form, post=None, status=422)
