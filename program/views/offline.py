"""Without a connection: what makes the site installable, its service worker, and the page that
stands in for the others. None of it says anything of anybody, but for who is logged in here.
"""

import hashlib
import json
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from breakthrough.http import HttpRequest
from breakthrough.static import parts_of
from program import calendar
from program.curriculum import PRACTICES
from program.models import Enrollment

PAPER, SPRUCE = "#f2f4ef", "#1e5a4c"
ICONS = [("icon-192.png", 192, "any"), ("icon-512.png", 512, "any")]
ICONS += [("icon-maskable-192.png", 192, "maskable"), ("icon-maskable-512.png", 512, "maskable")]
# What the page without a connection needs, and what shows on the others what is not sent.
SHELL = ["css/program.css", "js/offline-page.js", "js/not-sent.js", "icons/app.svg", "img/icon.svg"]
# It may fetch from us and import its own script; the page's policy is none of a worker's.
WORKER_CSP = "default-src 'none'; script-src 'self'; connect-src 'self'"


@require_safe
@login_not_required
@cache_control(max_age=3600)
def offline_manifest(request: HttpRequest) -> HttpResponse:
    manifest = {
        "id": "/",
        "name": settings.SITE_NAME,
        "short_name": settings.SITE_NAME,
        "description": _("Six small things a day for fourteen days, toward one goal."),
        "lang": "en",
        "start_url": reverse("today"),
        "scope": "/",
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": PAPER,
        "icons": [_icon(*icon) for icon in ICONS],
        "shortcuts": [
            {"name": _("Today"), "url": reverse("today"), "icons": [_icon(*ICONS[0])]},
            {"name": _("Requests"), "url": reverse("request_list"), "icons": [_icon(*ICONS[0])]},
        ],
    }
    return JsonResponse(manifest, content_type="application/manifest+json")


def _icon(name: str, size: int, purpose: str) -> dict[str, str]:
    return {
        "src": static(f"img/{name}"),
        "sizes": f"{size}x{size}",
        "type": "image/png",
        "purpose": purpose,
    }


@require_safe
@login_not_required
def offline_icon(request: HttpRequest) -> HttpResponse:
    """Where phones of one make look for the icon of a home screen."""
    return redirect(static("img/apple-touch-icon.png"))


@require_safe
@login_not_required
@cache_control(no_cache=True)
def offline_worker(request: HttpRequest) -> HttpResponse:
    """The worker's settings, and the import of its script, whose name changes when it does.

    Any other byte makes browsers fetch and keep the shell anew, so all of it is in the version.
    """
    setup = {
        "offline": reverse("offline_page"),
        "account": reverse("offline_account"),
        "page": static("js/not-sent.js"),
        "sheet": static("css/program.css"),
        "shell": [
            reverse("offline_page"),
            *(static(part) for name in SHELL for part in parts_of(name)),
        ],
        "words": _words(),
        "version": hashlib.sha256(_offline_page().encode()).hexdigest()[:12],
    }
    scripts = json.dumps([static("js/worker-store.js"), static("js/worker.js")])
    script = f"self.SETUP = {json.dumps(setup)};\nimportScripts(...{scripts});\n"
    response = HttpResponse(script, content_type="text/javascript")
    response.headers["Content-Security-Policy"] = WORKER_CSP
    return response


def _words() -> dict[str, str]:
    """What a script says on the pages, where the words are no part of the page itself."""
    return {
        "unsent": _("Not sent yet ({n})"),
        "refused": _("Not taken ({n})"),
        "reflection": _("Not sent yet."),
        "saved": _("Saved."),
        "leave": _("What you wrote here is not sent yet ({n}). Logging out deletes it."),
        "stay": _("Stay logged in"),
        "delete": _("Delete it and log out"),
    }


@require_safe
@login_not_required
def offline_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(_offline_page())


def _offline_page() -> str:
    """The same for everybody, so without the request: it asks nobody who they are."""
    context = {"practices": PRACTICES, "SITE_NAME": settings.SITE_NAME}
    return render_to_string("program/offline/page.html", context)


@require_safe
def offline_account(request: HttpRequest) -> HttpResponse:
    """Whose browser this is at the moment, for the worker, before it sends anything."""
    found = Enrollment.objects.owned_by(request.user).current().with_pauses().first()
    answer: dict[str, Any] = {
        "account": str(request.user.offline_key),
        "token": get_token(request),
        "enrollment": found and str(found.public_id),
        "days": [_span(request, day) for day in found.dates] if found else [],
    }
    return JsonResponse(answer)


def _span(request: HttpRequest, day: date) -> tuple[str, int, int]:
    """A day, and when it begins and ends for them, in milliseconds since 1970."""
    zone, hour = request.user.zone, request.user.day_end_hour
    begins, ends = (
        _milliseconds(calendar.day_end(each, zone, hour))
        for each in (calendar.day_before(day), day)
    )
    return day.isoformat(), begins, ends


def _milliseconds(instant: datetime) -> int:
    return round(instant.timestamp() * 1000)
