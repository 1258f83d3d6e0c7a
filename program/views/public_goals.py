"""What a visitor sees of somebody's public page; nothing here knows who asks."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from breakthrough.http import HttpRequest
from program.models import PublicPage


@require_safe
@login_not_required
def public_goal_detail(request: HttpRequest, token: str) -> HttpResponse:
    page = get_object_or_404(PublicPage.objects.open_at(token).with_shown())
    return render(request, "program/public_goals/detail.html", {"shown": page.shown(request.now)})
