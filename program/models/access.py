"""What was done to an account and who looked, in one list for its owner to read."""

import enum
from typing import Any

from django.db.models import Exists, F, Func, OuterRef, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce, NullIf

from accounts.models import AccessEvent, User
from program.models.consents import CoachVisit, Consent


class Change(enum.StrEnum):
    """What the rows of a coach's visits and consents tell."""

    LOOKED = "looked"
    GRANTED = "granted"
    REVOKED = "revoked"


_COACH = Coalesce(
    NullIf("coach__display_name", Value("")), "coach__email", Value(""), output_field=TextField()
)


def access_history(user: User) -> QuerySet[Any, dict[str, Any]]:
    """Newest first: {"when", "what", "number", "from_device", "from_ip", "who", "shown"}.

    `what` is one of AccessEvent.Kind, or a Change, which is read off the rows that are in force:
    by `who` of the coaches ("" once that account is gone), and the scope `shown` to them.
    """
    # What is granted anew ends the row before at the same instant.
    granted_anew = Consent.objects.filter(
        enrollment=OuterRef("enrollment"),
        coach=OuterRef("coach"),
        granted_at=OuterRef("revoked_at"),
    )
    events = AccessEvent.objects.owned_by(user)
    visits = CoachVisit.objects.owned_by(user)
    consents = Consent.objects.owned_by(user)
    revoked = consents.filter(~Exists(granted_anew), revoked_at__isnull=False)
    parts = [
        _rows(events, at="at", what="kind", device="device", ip="ip"),
        _rows(visits, at="first_at", change=Change.LOOKED),
        _rows(consents, at="granted_at", change=Change.GRANTED, scope="scope"),
        _rows(revoked, at="revoked_at", change=Change.REVOKED),
    ]
    return parts[0].union(*parts[1:], all=True).order_by("-when", "what", "-number")


def _rows(
    rows: QuerySet[Any], *, at: str, change: Change | None = None, **columns: str
) -> QuerySet[Any, dict[str, Any]]:
    """The columns that the parts of the list share, in the one order that a union takes."""
    nothing = Value("", TextField())
    column: dict[str, Any] = {name: Cast(value, TextField()) for name, value in columns.items()}
    if "ip" in columns:
        # As text it would end with its network, "/128".
        column["ip"] = Func(F(columns["ip"]), function="host", output_field=TextField())
    return rows.order_by().values(
        when=F(at),
        what=Value(change.value, TextField()) if change else column["what"],
        number=F("pk"),
        from_device=column.get("device", nothing),
        from_ip=column.get("ip", nothing),
        who=_COACH if change else nothing,
        shown=column.get("scope", nothing),
    )
