from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from breakthrough.http import HttpRequest
from program import calendar
from program.forms.goals import GoalRewriteForm
from program.models import Enrollment, Goal
from program.models.goals import GoalConflictError


@require_http_methods(["GET", "HEAD", "POST"])
def goal_update(request: HttpRequest) -> HttpResponse:
    """The goal as it is, to be rewritten on any day, and the words it had before."""
    enrollment = get_object_or_404(Enrollment.objects.owned_by(request.user).current())
    versions = list(Goal.objects.owned_by(request.user).current().newest_first())
    form = GoalRewriteForm(
        request.POST or None,
        instance=Goal(**{name: getattr(versions[0], name) for name in Goal.WORDS}),
        initial={"based_on": versions[0].pk},
    )
    if form.is_valid():
        return _rewrite(request, enrollment, form, versions)
    return _page(request, form, versions, status=422 if form.errors else 200)


def _rewrite(
    request: HttpRequest, enrollment: Enrollment, form: GoalRewriteForm, versions: list[Goal]
) -> HttpResponse:
    try:
        enrollment.rewrite_goal(
            form.instance, based_on=form.cleaned_data["based_on"], now=request.now
        )
    except GoalConflictError:
        # Both texts are shown; saving once more is meant.
        form.data = {**request.POST.dict(), "based_on": str(versions[0].pk)}
        return _page(request, form, versions, status=409)
    messages.success(request, _("Your goal is rewritten. The words before are kept."))
    return redirect("today")


def _page(
    request: HttpRequest, form: GoalRewriteForm, versions: list[Goal], *, status: int
) -> HttpResponse:
    context = {
        "form": form,
        "versions": [{"goal": goal, "day": _day(request, goal)} for goal in versions],
        "other": versions[0] if status == 409 else None,
    }
    return render(request, "program/goals/form.html", context, status=status)


def _day(request: HttpRequest, goal: Goal) -> date:
    return calendar.local_date(goal.created_at, request.user.zone, request.user.day_end_hour)
