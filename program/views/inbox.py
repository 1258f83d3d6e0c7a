"""What visitors left, for the owner of the page alone: read, put on the page, used, removed."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from breakthrough.http import HttpRequest
from program.forms.replies import AnswerForm, BatchForm, KindForm, RoleForm, StateForm, TurnForm
from program.models import Enrollment, Follower, Need, PublicPage, Reply, ReplyBlock
from program.models.refusals import EntryRefusedError
from program.models.replies import ReplyQuerySet
from program.views.current import current_enrollment, current_enrollment_or_404

Context = dict[str, Any]

PER_PAGE = 25
TABS = {
    Reply.State.WAITING: gettext_lazy("Waiting"),
    Reply.State.SHOWN: gettext_lazy("On your page"),
    Reply.State.KEPT: gettext_lazy("Kept to yourself"),
    "removed": gettext_lazy("Removed"),
}
DONE = {
    Reply.State.SHOWN: gettext_lazy("It stands on your page now."),
    Reply.State.KEPT: gettext_lazy("Kept, for you alone."),
}


@require_safe
def reply_list(request: HttpRequest) -> HttpResponse:
    return _page(request)


@require_POST
def reply_settle(request: HttpRequest, pk: int) -> HttpResponse:
    """On the page or not, by what is posted; it leaves those that wait."""
    reply = _reply(request, pk)
    form = StateForm(request.POST)
    if not form.is_valid():
        return _page(request, status=422, error=form.complaints())
    state = Reply.State(form.cleaned_data["state"])
    reply.settle(state)
    return _back(request, str(DONE[state]))


@require_POST
def reply_turn(request: HttpRequest, pk: int) -> HttpResponse:
    """The words become a request or an action of today; its stone waits until it is done."""
    enrollment = current_enrollment_or_404(request)
    reply = _reply(request, pk)
    form = TurnForm(request.POST)
    today = enrollment.today(request.now)
    if not form.is_valid():
        return _page(request, status=422, error=form.complaints())
    if today not in enrollment.dates:
        error = _("Today is none of your fourteen days, so there is nothing to start.")
        return _page(request, status=422, error=error)
    practice = form.cleaned_data["practice"]
    try:
        entry = reply.turn_into(practice, enrollment=enrollment, day=today, now=request.now)
    except EntryRefusedError as refusal:
        return _page(request, status=422, error=refusal.words)
    messages.success(request, _("It stands on today's list, as words. Place its stone when done."))
    return redirect(f"{reverse('day_detail', args=[entry.day])}#entry-{entry.client_id}")


@require_POST
def reply_person(request: HttpRequest, pk: int) -> HttpResponse:
    reply = _reply(request, pk)
    form = RoleForm(request.POST)
    if not form.is_valid():
        return _page(request, status=422, error=form.complaints())
    person = reply.add_person(form.cleaned_data["role"], user=request.user, now=request.now)
    return redirect(f"{reverse('person_list')}#person-{person.pk}")


@require_POST
def reply_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """The words answer one of the questions of step 7."""
    reply = _reply(request, pk)
    form = AnswerForm(request.POST, needs=_needs(request, current_enrollment_or_404(request)))
    if not form.is_valid():
        return _page(request, status=422, error=form.complaints())
    need = form.cleaned_data["need"]
    reply.answer(need, request.now)
    return redirect(f"{reverse('person_list')}#need-{need.pk}")


@require_POST
def reply_remove(request: HttpRequest, pk: int) -> HttpResponse:
    reply = _reply(request, pk)
    reply.remove(request.now)
    # A page and no redirect, because the page offers the way back.
    undo = {"words": _("Removed: %(name)s") % {"name": reply.name}}
    return _page(request, undo={**undo, "url": reverse("reply_restore", args=[pk])})


@require_POST
def reply_restore(request: HttpRequest, pk: int) -> HttpResponse:
    replies = Reply.objects.owned_by(request.user).numbered(pk)
    get_object_or_404(replies)
    replies.restore()
    return _back(request)


@require_http_methods(["GET", "HEAD", "POST"])
def reply_clear(request: HttpRequest) -> HttpResponse:
    """All that wait, or those of one kind: asked first, gone in one statement, and back in one."""
    waiting = Reply.objects.owned_by(request.user).waiting()
    form = KindForm(request.POST if request.method == "POST" else request.GET)
    if not form.is_valid():
        return _page(request, status=422, error=form.complaints())
    chosen = waiting.of_kind(form.cleaned_data["kind"])
    if request.method != "POST":
        context = {"section": "", "count": chosen.count(), "kind": form.cleaned_data["kind"]}
        return render(request, "program/replies/clear.html", context)
    count = chosen.remove(request.now)
    words = ngettext("%(count)d removed.", "%(count)d removed.", count) % {"count": count}
    undo = {"words": words, "url": reverse("reply_unclear"), "removed_at": request.now.isoformat()}
    return _page(request, undo=undo)


@require_POST
def reply_unclear(request: HttpRequest) -> HttpResponse:
    form = BatchForm(request.POST)
    if not form.is_valid():
        return _page(request, status=422, error=form.complaints())
    Reply.objects.owned_by(request.user).removed_in(form.cleaned_data["removed_at"]).restore()
    return _back(request)


@require_POST
def reply_report(request: HttpRequest, pk: int) -> HttpResponse:
    """To whoever runs the site, who reads it then; nobody else does."""
    _reply(request, pk).report(request.now)
    messages.success(request, _("Reported to those who run this site, and out of your sight."))
    return _back(request)


@require_POST
def reply_block(request: HttpRequest, pk: int) -> HttpResponse:
    _reply(request, pk).block_sender(request.now)
    messages.success(request, _("Nothing more comes from there. What waited is removed."))
    return _back(request)


@require_POST
def reply_unblock(request: HttpRequest, pk: int) -> HttpResponse:
    get_object_or_404(ReplyBlock.objects.owned_by(request.user), pk=pk).delete()
    messages.success(request, _("Words come in from there again."))
    return _back(request)


def _reply(request: HttpRequest, pk: int) -> Reply:
    replies = Reply.objects.owned_by(request.user).select_related("page")
    return get_object_or_404(replies, pk=pk)


def _needs(request: HttpRequest, enrollment: Enrollment) -> Any:
    return Need.objects.owned_by(request.user).of(enrollment).kept().open_first()


def _back(request: HttpRequest, done: str = "") -> HttpResponse:
    """To where one was, with what was done; htmx gets the list as it is now."""
    if request.htmx:
        return _page(request, done=done)
    if done:
        messages.success(request, done)
    return redirect(f"{reverse('reply_list')}{_query(request)}")


def _query(request: HttpRequest) -> str:
    """The state and kind that are looked at, for what comes after a tap."""
    known = {"state": set(TABS), "kind": set(Reply.Kind.values)}
    kept = {n: request.GET[n] for n, values in known.items() if request.GET.get(n) in values}
    return f"?{urlencode(kept)}" if kept else ""


def _page(request: HttpRequest, *, status: int = 200, **extra: Any) -> HttpResponse:
    replies = Reply.objects.owned_by(request.user)
    counts = replies.counts()
    state, kind = request.GET.get("state", ""), request.GET.get("kind", "")
    state = state if state in TABS else Reply.State.WAITING
    kind = kind if kind in Reply.Kind.values else ""
    enrollment = current_enrollment(request)
    paginator = Paginator(_in_tab(replies, state).of_kind(kind).newest_first(), PER_PAGE)
    context = {
        "section": "",
        "state": state,
        "kind": kind,
        "counts": counts,
        "tabs": [{"state": s, "label": label, "count": counts[s]} for s, label in TABS.items()],
        "kinds": [
            {"kind": k, "label": label, "count": counts[k]} for k, label in Reply.Kind.choices
        ],
        "page_of": paginator.get_page(request.GET.get("page")),
        "query": _query(request),
        "needs": _needs(request, enrollment) if enrollment else [],
        "can_turn": enrollment and enrollment.today(request.now) in enrollment.dates,
        "blocks": ReplyBlock.objects.owned_by(request.user).newest_first()[:PER_PAGE],
        "followers": Follower.objects.owned_by(request.user).to_be_told().count(),
        "has_page": PublicPage.objects.owned_by(request.user).exists(),
        **extra,
    }
    template = "program/replies/list.html"
    return render(
        request, f"{template}#inbox" if request.htmx else template, context, status=status
    )


def _in_tab(replies: ReplyQuerySet, state: str) -> ReplyQuerySet:
    if state == "removed":
        return replies.removed().with_uses()
    return replies.in_state(state).with_uses()
