"""Error pages in our layout and words; for htmx the same words in the toast, so the page stays."""

import sys
from functools import lru_cache

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _error(request, 400, _("That request did not make sense to us. Nothing was changed."))


def login_needed(request: HttpRequest, next_path: str) -> HttpResponse:
    """401 for htmx only; a plain request is redirected to the login page instead."""
    login = redirect_to_login(next_path, resolve_url(settings.LOGIN_URL)).url
    context = {
        "message": _("You have been logged out. Your words are still here."),
        "link": login,
        "link_label": _("Log in in a new tab"),
    }
    return render(request, "toast_error.html", context, status=401)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _error(request, 403, _("That is not open to you."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    message = _("This page has been open too long to save from. Reload it and try again.")
    return _error(request, 403, message, template="403_csrf.html")


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _error(request, 404, _("That is not here any more. Reload the page."))


def method_not_allowed(request: HttpRequest, allow: str) -> HttpResponse:
    response = _error(request, 405, _("That address does not take this kind of request."))
    response.headers["Allow"] = allow
    return response


def content_too_large(request: HttpRequest) -> HttpResponse:
    return _error(request, 413, _("That is too long to save. Make it shorter and try again."))


def too_many_requests(request: HttpRequest) -> HttpResponse:
    message = _("That was a lot of tries. Wait a few minutes, then go on as before.")
    response = _error(request, 429, message)
    response.headers["Retry-After"] = "300"
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    # No database, or none in time, is a pause and not a fault: 503 says "try again".
    if isinstance(sys.exception(), OperationalError):
        message = _("Too busy just now, so that was not saved. Try again.")
        response = _error(request, 503, message)
        response.headers["Retry-After"] = "5"
        return response
    return _error(request, 500, _("Something broke on our side. Nothing was saved. Try again."))


def _error(
    request: HttpRequest, status: int, message: str, template: str | None = None
) -> HttpResponse:
    is_htmx = request.headers.get("HX-Request") == "true"
    name = "toast_error.html" if is_htmx else template or f"{status}.html"
    return HttpResponse(_page(name, message, settings.SITE_NAME, get_language()), status=status)


# Without the request: an error page asks neither the session nor the database for anything. It is
# the same for everybody then, and a flood of what is refused costs no rendering.
@lru_cache(maxsize=100)
def _page(template: str, message: str, site_name: str, language: str | None) -> str:
    return render_to_string(template, {"message": message, "SITE_NAME": site_name})
