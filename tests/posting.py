"""What the pages post, and what an answer of ours looks like."""

import uuid
from datetime import date
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.test import Client

from program.models import CohortCoach, DailyEntry, Enrollment
from program.models.invitations import hashed

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse

    Response = _MonkeyPatchedWSGIResponse
else:
    Response = HttpResponse

TODAY = date(2027, 3, 16)
HTMX = {"HX-Request": "true"}


def entry_url(day: date, client_id: uuid.UUID, verb: str = "") -> str:
    return f"/days/{day}/entries/{client_id}/{verb}"


def post_entry(
    client: Client,
    enrollment: Enrollment,
    *,
    client_id: uuid.UUID | None = None,
    day: date = TODAY,
    practice: str = "share",
    place: int = 1,
    htmx: bool = False,
    **fields: str,
) -> Response:
    """What a stone, a line or an outcome posts: `done`, `line` and `outcome` as they are given."""
    client_id = client_id or enrollment.stone_id(day, practice, place)
    data = {"enrollment": enrollment.public_id, "practice": practice, "place": place, **fields}
    return _post(client, entry_url(day, client_id), data, htmx=htmx)


def post_remove(client: Client, entry: DailyEntry, *, htmx: bool = False) -> Response:
    url = entry_url(entry.day, entry.client_id, "remove/")
    return _post(client, url, {"enrollment": entry.enrollment.public_id}, htmx=htmx)


def post_restore(client: Client, entry: DailyEntry, *, htmx: bool = False) -> Response:
    url = entry_url(entry.day, entry.client_id, "restore/")
    return _post(client, url, {"enrollment": entry.enrollment.public_id}, htmx=htmx)


def post_reflection(
    client: Client, enrollment: Enrollment, *, day: date = TODAY, htmx: bool = False, **fields: Any
) -> Response:
    data = {"enrollment": enrollment.public_id, "version": 0, **fields}
    return _post(client, f"/days/{day}/reflection/", data, htmx=htmx)


def _post(client: Client, url: str, data: dict[str, Any], *, htmx: bool) -> Response:
    return client.post(url, data, headers=HTMX if htmx else None)


def named_on(link: str) -> list[int]:
    """The coaches whom the page of this link into a cohort names now, as its form posts them."""
    leads = CohortCoach.objects.filter(
        left_at=None, cohort__invitations__token_hash=hashed(link.split("/")[-2])
    )
    return [lead.pk for lead in leads]


def text_of(response: Response) -> str:
    return response.content.decode()


def is_our_page(response: Response) -> bool:
    return 'class="brand"' in text_of(response)


def is_toast(response: Response) -> bool:
    """A line for the toast, with no page around it."""
    return "<span>" in text_of(response) and "<html" not in text_of(response)
