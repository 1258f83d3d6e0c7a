"""An archive back into an account that has begun nothing."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import limits
from accounts.models import AccessEvent
from breakthrough.http import HttpRequest, takes_up_to
from program.archive.reading import MAX_ZIP_BYTES, ArchiveRefusedError
from program.archive.restoring import Archive, NotFreshError, is_fresh, restore_kept
from program.forms.imports import ImportForm
from program.models import Import

TEMPLATE = "program/imports/form.html"


# What stands around the file in the body is well under a tenth of a megabyte.
@takes_up_to(MAX_ZIP_BYTES + 100_000)
@require_http_methods(["GET", "HEAD", "POST"])
def import_create(request: HttpRequest) -> HttpResponse:
    """Take a zip in, tell what is wrong with it, or show what it would bring back."""
    if not is_fresh(request.user):
        status = 409 if request.method == "POST" else 200
        return render(request, TEMPLATE, {"is_fresh": False}, status=status)
    if request.method == "POST" and (refused := limits.too_often(request, "import")):
        return refused
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    if form.is_valid() and _is_kept(request, form):
        return redirect("import_detail")
    status = 422 if form.errors else 200
    return render(request, TEMPLATE, {"form": form, "is_fresh": True}, status=status)


def _is_kept(request: HttpRequest, form: ImportForm) -> bool:
    """What the database would not take is a fault of the form, too."""
    try:
        form.cleaned_data["archive"].rehearse(request.user)
    except ArchiveRefusedError as refusal:
        form.refuse(refusal)
        return False
    except NotFreshError:
        # Begun in another tab a moment ago: the preview sends back to where that is said.
        return True
    Import.objects.keep(user=request.user, content=form.cleaned_data["file"], now=request.now)
    return True


@require_safe
def import_detail(request: HttpRequest) -> HttpResponse:
    """What the archive that was handed in would bring back."""
    stored = Import.objects.owned_by(request.user).standing(request.now).first()
    if stored is None or not is_fresh(request.user):
        return redirect("import_create")
    archive = Archive.of(bytes(stored.content))
    context = {
        "profile": archive.profile,
        "counts": archive.counts(),
        "two_weeks": [
            {"goal": weeks["goals"][-1]["statement"], "starts_on": weeks["starts_on"]}
            for weeks in archive.two_weeks
        ],
        # Without its zone, or the template would tell it by the server's.
        "expires_at": stored.expires_at.astimezone(request.user.zone).replace(tzinfo=None),
    }
    return render(request, "program/imports/preview.html", context)


@require_POST
def import_restore(request: HttpRequest) -> HttpResponse:
    stored = Import.objects.owned_by(request.user).standing(request.now).first()
    if stored is None:
        return redirect("import_create" if is_fresh(request.user) else "today")
    try:
        restore_kept(stored)
    except NotFreshError:
        # Of two taps the second: what the first restored is there.
        return redirect("today")
    except ArchiveRefusedError as refusal:
        messages.error(request, " ".join(refusal.problems))
        return redirect("import_create")
    AccessEvent.objects.log(request.user, AccessEvent.Kind.IMPORTED, request, request.now)
    messages.success(request, _("It is all back. Who sees what is yours to say anew."))
    return redirect("today")
