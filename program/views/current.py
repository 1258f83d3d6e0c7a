"""The two weeks that the pages of a participant speak of."""

import uuid

from django.http import Http404

from breakthrough.http import HttpRequest
from program.models import Enrollment


def current_enrollment(request: HttpRequest) -> Enrollment | None:
    """The user's current two weeks with their pauses; None when they have none."""
    enrollment = Enrollment.objects.owned_by(request.user).current().with_pauses().first()
    if enrollment:
        # Their clock is the one already at hand: no query for it.
        enrollment.participant = request.user
    return enrollment


def current_enrollment_or_404(request: HttpRequest) -> Enrollment:
    enrollment = current_enrollment(request)
    if enrollment is None:
        raise Http404
    return enrollment


def posted_uuid(request: HttpRequest, name: str) -> uuid.UUID:
    """404 when it is none: such an id names nothing."""
    try:
        return uuid.UUID(request.POST.get(name, ""))
    except ValueError:
        raise Http404 from None


def enrollment_of_form(request: HttpRequest) -> Enrollment:
    """The current two weeks, if the form was made for them: an old page writes into no others."""
    enrollment = current_enrollment_or_404(request)
    if posted_uuid(request, "enrollment") != enrollment.public_id:
        raise Http404
    return enrollment
