"""What a visitor agrees to and what is stored of them: our words, or a file of the host's."""

from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from program.legal import blocks_of
from program.models.retention import ACCESS, REMOVED


@require_safe
@login_not_required
def terms(request: HttpRequest) -> HttpResponse:
    return _page(request, "program/legal/terms.html", settings.TERMS_FILE)


@require_safe
@login_not_required
def privacy(request: HttpRequest) -> HttpResponse:
    return _page(request, "program/legal/privacy.html", settings.PRIVACY_FILE)


def _page(request: HttpRequest, template: str, file: Path | None) -> HttpResponse:
    context = {
        "blocks": blocks_of(file) if file else None,
        "host_name": settings.HOST_NAME,
        "host_contact": settings.HOST_CONTACT,
        "media_hosts": settings.MEDIA_HOSTS,
        "backup_days": settings.BACKUP_DAYS,
        "retention_days": settings.RETENTION_DAYS,
        "access_days": ACCESS.days,
        "removed_days": REMOVED.days,
        "session_days": settings.SESSION_COOKIE_AGE // (24 * 60 * 60),
    }
    return render(request, template, context)
