from http import HTTPStatus

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.email_verification_by_code import EmailVerificationProcess
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import resolve, reverse
from django.utils.translation import gettext as _

from accounts import factors, reauthentication, sessions
from breakthrough import errors
from breakthrough.http import HttpRequest
from breakthrough.middleware import GetResponse

STAFF_PAGES, COACH_PAGES = ("/admin/", "/staff/"), ("/coaching/", "/coach/")
# By what REQUIRE_SECOND_FACTOR says.
SECOND_FACTOR_PAGES: dict[str, tuple[str, ...]] = {
    "staff": STAFF_PAGES,
    "coaches": (*STAFF_PAGES, *COACH_PAGES),
    "nobody": (),
}


class LastSeenMiddleware:
    """Keep up when a session was last used, for the list of them: a write every ten minutes."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # A page that asked nothing of the session is not made to depend on it; and where the
        # database did not answer, nobody is kept waiting for it once more.
        if request.session.accessed and response.status_code < 500:
            sessions.refresh(request)
        return response


class ConfirmMiddleware:
    """Ask once more who it is where allauth would not: see reauthentication.GUARDED."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponse | None:
        name = request.resolver_match.url_name if request.resolver_match else None
        if name not in reauthentication.GUARDED or not request.user.is_authenticated:
            return None
        # With a password, allauth asks where it should, and has no page to set a first one.
        if request.user.has_usable_password() or reauthentication.is_confirmed(request):
            return None
        return reauthentication.ask(request)


class ConfirmedAddressMiddleware:
    """Back to the page of a code that is used up leads on, not to the page of one's address."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponse | None:
        match = request.resolver_match
        if match is None or match.url_name != "account_email_verification_sent":
            return None
        if request.method != "GET" or not request.user.is_authenticated:
            return None
        return None if EmailVerificationProcess.resume(request) else redirect("today")


class SecondFactorMiddleware:
    """Before any page of staff, or of coaches, who must have a second factor sets one up.

    By the beginning of the path, so that no page of theirs can be left out. Whoever has a factor
    was asked for it at the login.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        pages = SECOND_FACTOR_PAGES[settings.REQUIRE_SECOND_FACTOR]
        if not request.path.startswith(pages) or not request.user.is_authenticated:
            return self.get_response(request)
        if factors.is_protected(request.user):
            return self.get_response(request)
        # Nobody else learns that there are such pages.
        if request.path.startswith(STAFF_PAGES) and not request.user.is_staff:
            return self.get_response(request)
        messages.info(
            request,
            _(
                "What you open there shows other people's matters, so a password alone is not"
                " enough. Add a passkey or set up an app, then go there again."
            ),
        )
        return redirect("mfa_index")


class StillTooOftenMiddleware:
    """Tell whoever was told a moment ago to wait so again, from memory.

    To count a try is work for the database; behind a flood of logins that are refused anyway,
    everybody's check-offs would stand in line. The limit itself is where it was: no try is refused
    that it let through but those of the next two seconds.
    """

    # Whose limits go by the address alone, and whose tries cost a password hash.
    DOORS = ("account_login", "account_signup")
    SECONDS = 2
    MOST = 10_000  # addresses that are remembered

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.paths = {reverse(door) for door in self.DOORS}
        self.refused: dict[tuple[str, str], float] = {}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST" or request.path_info not in self.paths:
            return self.get_response(request)
        now = request.now.timestamp()
        who = (request.path_info, get_adapter().get_client_ip(request))
        # A clock that was set back forgets.
        if 0 <= now - self.refused.get(who, 0) < self.SECONDS:
            request.resolver_match = resolve(request.path_info)  # for the log
            return errors.too_many_requests(request)
        response = self.get_response(request)
        if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            if len(self.refused) >= self.MOST:
                self.refused.clear()
            self.refused[who] = now
        return response
