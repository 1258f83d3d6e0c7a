"""A link that was just made: its coach sees it on one page, and it stands in no other address."""

import uuid

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from breakthrough.http import HttpRequest
from program.models import Cohort, Invitation

# Where the session keeps it: {"cohort": pk, "role", "token", "form": which was posted, "shown"}.
SESSION_KEY = "invitation_new_link"
URL_NAMES = {Invitation.Role.MEMBER: "invitation_join", Invitation.Role.COACH: "coach_join"}


def make_link(
    request: HttpRequest,
    cohort: Cohort,
    *,
    role: str,
    client_id: uuid.UUID,
    max_uses: int | None = None,
) -> None:
    # In one transaction, so that the second of two taps waits until the link can be shown.
    with transaction.atomic():
        _invitation, token = Invitation.make(
            cohort=cohort,
            by=request.user,
            now=request.now,
            role=role,
            max_uses=max_uses,
            client_id=client_id,
        )
        _keep(request, cohort.pk, role, token, f"make {client_id}")


def replace_link(request: HttpRequest, invitation: Invitation) -> None:
    with transaction.atomic():
        token = invitation.replace(by=request.user, now=request.now)
        form = f"replace {invitation.pk}"
        _keep(request, invitation.cohort_id, invitation.role, token or "", form)


def take_new_link(request: HttpRequest, cohort: Cohort, role: str) -> str:
    """The link that the next page shows; empty without one.

    Once shown it stays for the second of two taps, whose page follows at once, and goes with the
    page after.
    """
    kept = request.session.get(SESSION_KEY, {})
    if request.method != "GET" or (kept.get("cohort"), kept.get("role")) != (cohort.pk, role):
        return ""
    if kept["shown"]:
        del request.session[SESSION_KEY]
        return ""
    request.session[SESSION_KEY] = {**kept, "shown": True}
    return f"{settings.SITE_URL}{reverse(URL_NAMES[Invitation.Role(role)], args=[kept['token']])}"


def _keep(request: HttpRequest, cohort_pk: int, role: str, token: str, form: str) -> None:
    """Without a token the form was sent twice: its link is shown once more, if it is still here."""
    if not token:
        # Not as it was read when the request began: the first tap may have been on its way.
        request.session = type(request.session)(request.session.session_key)
        kept = request.session.get(SESSION_KEY, {})
        if kept.get("form") != form:
            return
        token = kept["token"]
    request.session[SESSION_KEY] = {
        "cohort": cohort_pk,
        "role": role,
        "token": token,
        "form": form,
        "shown": False,
    }
    request.session.save()
