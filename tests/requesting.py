"""Requests of the ledger: how they come about, what their form posts, and what a page shows."""

import re
from datetime import date
from typing import Any

from django.test import Client

from program.models import DailyEntry, Enrollment
from tests.factories import NOON, make_entry
from tests.posting import HTMX, Response, text_of


def make_request(enrollment: Enrollment, place: int = 1, **fields: Any) -> DailyEntry:
    """A request of day 9 with any field of the ledger; placed unless said otherwise."""
    names = {"day", "line", "placed", "outcome"}
    entry = make_entry(
        enrollment=enrollment,
        practice="request",
        place=place,
        **{name: value for name, value in fields.items() if name in names},
    )
    wanted = {name: value for name, value in fields.items() if name not in names}
    ledger = DailyEntry.objects.in_ledger(enrollment)
    return ledger.revise(entry, wanted, user=enrollment.participant, now=NOON)


def make_carried(enrollment: Enrollment, **fields: Any) -> DailyEntry:
    """A request of two weeks that were ended before, carried into the enrollment."""
    earlier = Enrollment.objects.create(
        participant=enrollment.participant,
        starts_on=date(2027, 2, 1),
        created_at=NOON,
        ended_at=NOON,
    )
    entry = make_request(earlier, day=date(2027, 2, 3), **fields)
    entry.carried_into = enrollment
    entry.save(update_fields=["carried_into"])
    return entry


def url_of(entry: DailyEntry) -> str:
    return f"/requests/{entry.client_id}/"


def shown(entry: DailyEntry) -> dict[str, str]:
    """What the form of a request posts when nothing was touched: every field, and what it was."""
    fields = {
        "outcome": entry.outcome,
        "answer": entry.answer,
        "follow_up_on": str(entry.follow_up_on or ""),
        "line": entry.line,
        "of_whom": entry.person.name if entry.person else "",
        "size": entry.size,
    }
    return fields | {f"initial-{name}": value for name, value in fields.items()}


def save(
    client: Client,
    entry: DailyEntry,
    *,
    htmx: bool = False,
    like: DailyEntry | None = None,
    **to: Any,
) -> Response:
    """Post the form as it was when the page showed `like`, with some fields changed."""
    headers = HTMX if htmx else None
    return client.post(url_of(entry), shown(like or entry) | to, headers=headers)


def rows_of(response: Response) -> list[str]:
    return re.findall(r'class="request-row" role="row" id="request-([\w-]+)"', text_of(response))


def counts_of(response: Response) -> dict[str, int]:
    found = re.findall(r'id="count-(\w+)"[^>]*>\((\d+)\)', text_of(response))
    return {name: int(count) for name, count in found}
