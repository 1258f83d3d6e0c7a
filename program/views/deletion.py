"""The end of an account: what goes and what stays is said before, and then it is done at once."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.reauthentication import confirm_first, is_confirmed
from breakthrough.http import HttpRequest
from program.forms.deletion import DeletionForm
from program.models.deletion import StillLeadingError, delete_account, left_behind


@require_http_methods(["GET", "HEAD", "POST"])
def account_delete(request: HttpRequest) -> HttpResponse:
    is_post = request.method == "POST"
    form = DeletionForm(request.POST if is_post else None, user=request.user)
    if is_post and not is_confirmed(request):
        return confirm_first(request, "account_delete")
    if not form.is_valid():
        return _page(request, form, status=422 if form.errors else 200)
    try:
        delete_account(request.user, request.now)
    except StillLeadingError:
        return _page(request, form, status=422)
    request.session.flush()
    request.user = AnonymousUser()  # type: ignore[assignment]
    request.has_logged_out = True  # type: ignore[attr-defined]
    return redirect("goodbye")


@require_safe
@login_not_required
def goodbye(request: HttpRequest) -> HttpResponse:
    return render(request, "program/deletion/goodbye.html", {"backup_days": settings.BACKUP_DAYS})


def _page(request: HttpRequest, form: DeletionForm, *, status: int) -> HttpResponse:
    context = {
        "section": "",
        "form": form,
        "left_behind": left_behind(request.user),
        "coaches": request.user.coaching.exists(),
        "backup_days": settings.BACKUP_DAYS,
    }
    return render(request, "program/deletion/form.html", context, status=status)
