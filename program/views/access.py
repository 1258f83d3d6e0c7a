from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import AccessEvent
from breakthrough.http import HttpRequest
from program.models import Scope
from program.models.access import Change, access_history

PER_PAGE = 50


@require_safe
def access_list(request: HttpRequest) -> HttpResponse:
    """What was done to the account, from where, and which coach looked when."""
    page = Paginator(access_history(request.user), PER_PAGE).get_page(request.GET.get("page"))
    rows = [
        {
            "at": timezone.make_naive(row["when"], request.user.zone),
            "what": _what(row),
            "device": row["from_device"],
            "ip": row["from_ip"],
            "is_warning": row["what"] in AccessEvent.FAILURES,
        }
        for row in page.object_list
    ]
    context = {"section": "", "page": page, "rows": rows}
    return render(request, "program/access/list.html", context)


def _what(row: dict[str, Any]) -> str:
    coach = row["who"] or _("A coach whose account is gone")
    match row["what"]:
        case Change.LOOKED:
            return _("%(coach)s looked at your two weeks") % {"coach": coach}
        case Change.GRANTED:
            seen = {"coach": coach, "scope": Scope(row["shown"]).label}
            return _("%(coach)s may see: %(scope)s") % seen
        case Change.REVOKED:
            return _("%(coach)s may see nothing more") % {"coach": coach}
        case kind:
            return str(AccessEvent.Kind(kind).label)
