from django.http import HttpResponse

from accounts import reauthentication, sessions
from breakthrough.http import HttpRequest
from breakthrough.middleware import GetResponse


class LastSeenMiddleware:
    """Keep up when a session was last used, for the list of them: a write every ten minutes."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # A page that asked nothing of the session is not made to depend on it.
        if request.session.accessed:
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
