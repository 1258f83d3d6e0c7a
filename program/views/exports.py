"""Everything that a person entered, as one file for them alone."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts import limits
from accounts.models import AccessEvent
from accounts.reauthentication import confirm_first, is_confirmed
from breakthrough.http import HttpRequest
from program import calendar
from program.archive.writing import build, is_large
from program.models import Export

TEMPLATE = "program/exports/detail.html"


@require_safe
def export_detail(request: HttpRequest) -> HttpResponse:
    """The button, or how far the archive is that is put together in the background."""
    export = Export.objects.owned_by(request.user).standing(request.now).first()
    name = f"{TEMPLATE}#export-state" if request.htmx else TEMPLATE
    # Without its zone, or the template would tell it by the server's.
    expires_at = export and export.expires_at.astimezone(request.user.zone).replace(tzinfo=None)
    return render(request, name, {"export": export, "expires_at": expires_at})


@require_POST
def export_create(request: HttpRequest) -> HttpResponse:
    """The archive itself; a large one is asked for, and fetched from the page."""
    if not is_confirmed(request):
        return confirm_first(request, back_to="export_detail")
    if refused := limits.too_often(request, "export"):
        return refused
    if is_large(request.user):
        Export.objects.ask_for(request.user, request.now)
        return redirect("export_detail")
    return _file(request, build(request.user, request.now))


@require_safe
def export_download(request: HttpRequest) -> HttpResponse:
    exports = Export.objects.owned_by(request.user).standing(request.now).ready()
    export = get_object_or_404(exports.with_content())
    if not is_confirmed(request):
        return confirm_first(request, back_to="export_detail")
    return _file(request, bytes(export.content or b""))


def _file(request: HttpRequest, content: bytes) -> HttpResponse:
    AccessEvent.objects.log(request.user, AccessEvent.Kind.EXPORTED, request, request.now)
    today = calendar.local_date(request.now, request.user.zone, request.user.day_end_hour)
    response = HttpResponse(content, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="two-weeks-{today.isoformat()}.zip"'
    return response
