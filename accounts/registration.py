"""Who may open an account here: everybody, or only whom an invitation leads in (REGISTRATION).

What an invitation is, another app knows: it says who comes from one (`let_in`), and the function
that INVITATION_STANDS names says whether that one still lets anybody in.
"""

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string

OPEN, INVITATION, CLOSED = MODES = ("open", "invitation", "closed")
# In the session, which stands in our database: nobody can write it into a request.
INVITED_BY = "registration_invited_by"


def is_open_to(request: HttpRequest) -> bool:
    """Whether whoever asks may sign up at this moment.

    An invitation is looked up each time, so that one revoked meanwhile opens nothing.
    """
    if settings.REGISTRATION == OPEN:
        return True
    invitation = request.session.get(INVITED_BY)
    if invitation is None:
        return False
    stands = import_string(settings.INVITATION_STANDS)
    return bool(stands(invitation, request.now))  # type: ignore[attr-defined]


def let_in(request: HttpRequest, invitation: int) -> None:
    """Remember that this visitor holds a link; `invitation` is its primary key, no secret.

    Where everybody may sign up it is not asked for, and a visitor gets no cookie for reading.
    """
    if settings.REGISTRATION != OPEN:
        request.session[INVITED_BY] = invitation


def words(request: HttpRequest) -> dict[str, Any]:
    """For every template: the mode, and whether to show a way to sign up."""

    @cache  # for this page
    def can_sign_up() -> bool:
        return is_open_to(request)

    return {"REGISTRATION": settings.REGISTRATION, "can_sign_up": can_sign_up}
