from collections.abc import Callable
from http import HTTPStatus
from typing import cast
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware as DjangoLoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import resolve_url
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from breakthrough import errors

GetResponse = Callable[[HttpRequest], HttpResponse]
NO_PAGE_CSP = "default-src 'none'; frame-ancestors 'none'"
SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}


class BrowserHeadersMiddleware:
    """The headers of every response that Django has no setting for."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_html = response.get("Content-Type", "").startswith("text/html")
        if is_html and request.headers.get("HX-Request") != "true":
            response.headers["Permissions-Policy"] = settings.PERMISSIONS_POLICY
        elif response.status_code != HTTPStatus.NOT_MODIFIED:
            # No page, or a part of one: opened by itself it may load and run nothing, which is
            # shorter to say, too.
            # What has not changed is a page or none: a browser puts these headers in place of those
            # it kept, and the policy of pages holds on.
            # A worker goes by the policy that it came with, and has said its own.
            response.headers.setdefault("Content-Security-Policy", NO_PAGE_CSP)
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        if getattr(request, "has_logged_out", False):  # said by our AccountAdapter
            # What somebody else has not sent yet stays on a device of several people; the page has
            # emptied what is this person's then (docs/offline.md).
            spares = request.method == "POST" and request.POST.get("spare") == "others"
            response.headers["Clear-Site-Data"] = '"cache"' if spares else '"cache", "storage"'
        return response


class NoStoreMiddleware:
    """Keep every page of somebody with a session out of every cache, the browser's Back included.

    A page that may be cached is one that neither reads a session cookie nor sets a cookie.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if settings.SESSION_COOKIE_NAME in request.COOKIES or response.cookies:
            patch_cache_control(response, no_store=True, private=True)
        return response


class ClockMiddleware:
    """Give the request its instant, `request.now`: all that it says and stores is of one time."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.now = timezone.now()  # type: ignore[attr-defined]
        return self.get_response(request)


class ErrorPagesMiddleware:
    """Give the errors that Django answers without a page one of ours.

    413 for a body past the limit (refused by its stated length, before it is read), 400 for a form
    in another encoding than ours and 405 for a method that a view does not take.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        # As a float, because int() refuses thousands of digits.
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if length.isdecimal() and float(length) > most and float(length) > _room_for(request):
            return errors.content_too_large(request)
        # Django decodes a form by any codec that it names: "hex" is an error then, and
        # "unicode_escape" makes text that no database takes.
        charset = (request.content_params or {}).get("charset", "utf-8")
        if charset.lower() not in {"utf-8", "utf8"}:
            return errors.bad_request(request)
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            return errors.method_not_allowed(request, response["Allow"])
        return response


def _room_for(request: HttpRequest) -> int:
    """What the view itself says, by @takes_up_to()."""
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return 0
    return int(getattr(view, "max_body_bytes", 0))


class StrangersMiddleware:
    """Pages for whoever has a link: what they answer is the same for everybody.

    No cookie reaches them, and nothing of a session, a login or a language stands between: who asks
    cannot be known there, so no cache can keep what is somebody's own. A form on them carries no
    authority, for there is none to carry.
    """

    PAGES = "/goal/"

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        # Errors become pages here, for these get the same headers.
        self.answer = convert_exception_to_response(_answer_of_match)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(self.PAGES):
            return self.get_response(request)
        request.COOKIES = {}
        request.META.pop("HTTP_COOKIE", None)
        request.get_host()  # refuses a false one
        try:
            request.resolver_match = resolve(request.path_info)
        except Resolver404:
            return self.get_response(request)
        with translation.override(settings.LANGUAGE_CODE):
            response = cast(HttpResponse, self.answer(request))
        if "Cache-Control" not in response.headers:
            # Also of a 404, which a cache may keep where it is told nothing.
            patch_cache_control(response, no_store=True)
        if not response.streaming and "Content-Length" not in response.headers:
            response.headers["Content-Length"] = str(len(response.content))
        return response


def _answer_of_match(request: HttpRequest) -> HttpResponse:
    assert request.resolver_match
    view, args, kwargs = request.resolver_match
    return cast(HttpResponse, view(request, *args, **kwargs))


class HtmxRedirectMiddleware:
    """Turn a redirect into HX-Redirect: htmx would follow it and swap a page into a fragment."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.htmx and response.status_code in {301, 302, 303, 307, 308}:  # type: ignore[attr-defined]
            response.headers["HX-Redirect"] = response.headers["Location"]
            del response.headers["Location"]
            response.status_code = 204
        return response


class LoginRequiredMiddleware(DjangoLoginRequiredMiddleware):
    """Every view needs a login unless it says `@login_not_required`.

    Somebody whose session has ended under an open page loses no words: htmx gets a 401 that is
    said in a toast while the page stays; a plain form is sent to log in and back to its page.
    """

    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view_func: Callable[..., HttpResponse]
    ) -> HttpResponse:
        if request.htmx:  # type: ignore[attr-defined]
            return errors.login_needed(request, _page_behind(request))
        if request.method in SAFE_METHODS:
            return super().handle_no_permission(request, view_func)
        messages.info(
            request,
            _("You had been logged out, so that was not saved. Log in and do it once more."),
        )
        return redirect_to_login(_page_behind(request), resolve_url(settings.LOGIN_URL))


def _page_behind(request: HttpRequest) -> str:
    """The path of the page that a form stood on, safe to GET; Today when it cannot be told."""
    current = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(current, allowed_hosts={request.get_host()}):
        path = urlsplit(current).path
        try:
            match = resolve(path)
        except Resolver404:
            pass
        else:
            # A refused entry is answered at its own address, which takes no GET; its day does.
            day = match.kwargs.get("day")
            return reverse("day_detail", args=[day]) if day else path
    return reverse("today")
