"""What the frame of a coach's pages shows."""

from typing import Any

from breakthrough.http import HttpRequest
from program.models import Cohort, Enrollment


def coach_nav(request: HttpRequest, place: str, cohort: Cohort | None = None) -> dict[str, Any]:
    """`place`: which item of templates/program/cohorts/base.html the page is; "" for none."""
    return {
        "place": place,
        "cohort": cohort,
        "walks_too": Enrollment.objects.owned_by(request.user).current().exists(),
    }
