from django.http import HttpResponse

from accounts import sessions
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
