"""What a visitor sees of somebody's public page. StrangersMiddleware takes away who it is: there is
no user, session or cookie here, and the answer is the same for everybody.
"""

import gzip
import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from breakthrough.http import HttpRequest
from breakthrough.unchanged import remembered_while_unchanged
from program import calendar
from program.curriculum import DAYS
from program.forms.replies import ReplyForm
from program.models import PublicPage
from program.models.public_goal import Climb, PublicGoal
from program.ridge import TALL, WIDE, Ridge, picture, ridge
from program.views.map import climb_words

# Nobody's: all of it is still ahead.
OPEN_CLIMB = Climb((None,) * DAYS, None)


@dataclass(frozen=True)
class Body:
    """A page as it goes over the wire."""

    plain: bytes
    zipped: bytes
    headers: dict[str, str]


@require_safe
@login_not_required
def public_goal_detail(request: HttpRequest, token: str) -> HttpResponse:
    body = _current_body(token, calendar.quarter_hour(request.now))
    if body is None:
        raise Http404
    return _answer(request, body)


@require_safe
@login_not_required
def public_goal_picture(request: HttpRequest, token: str) -> HttpResponse:
    """What a chat shows beside the link: the climb where it was chosen, else one that is open."""
    shown = PublicPage.objects.find(token, request.now)
    if shown is None:
        raise Http404
    content, etag = _picture(shown.climb or OPEN_CLIMB)
    headers = _headers(etag, is_listed=shown.is_listed)
    response = HttpResponse(content, content_type="image/png", headers=headers)
    return get_conditional_response(request, etag=etag, response=response) or response


def as_visitors_see(request: HttpRequest, shown: PublicGoal, token: str) -> HttpResponse:
    """The page: its owner's preview is this very answer."""
    return _answer(request, _body(shown, token))


def _answer(request: HttpRequest, body: Body) -> HttpResponse:
    response = HttpResponse(body.plain, headers=body.headers)
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        response.content = body.zipped
        response.headers["Content-Encoding"] = "gzip"
    etag = body.headers["ETag"]
    return get_conditional_response(request, etag=etag, response=response) or response


def _headers(etag: str, *, is_listed: bool) -> dict[str, str]:
    """Any cache may keep it, and has to ask each time whether it still stands: what is taken down
    is gone at once.
    """
    headers = {
        "Cache-Control": "public, no-cache",
        "ETag": etag,
        # No other site hears of the address. Without any referrer the form of visitors would come
        # from the origin "null", as one of another site does.
        "Referrer-Policy": "same-origin",
    }
    return headers if is_listed else headers | {"X-Robots-Tag": "noindex, nofollow, noarchive"}


@remembered_while_unchanged(at_most=128)
def _current_body(token: str, now: datetime) -> Body | None:
    shown = PublicPage.objects.find(token, now)
    return _body(shown, token) if shown else None


# By what it shows, so that nothing in it can be out of date.
@lru_cache(maxsize=128)
def _body(shown: PublicGoal, token: str) -> Body:
    address = f"{settings.SITE_URL}{reverse('public_goal_detail', args=[token])}"
    climb = shown.climb or OPEN_CLIMB
    context = {
        "SITE_NAME": settings.SITE_NAME,
        "shown": shown,
        "title": _title(shown),
        "description": Truncator(shown.why).chars(200) or _("A goal for two weeks, out loud."),
        "ridges": shown.climb and _ridges(shown.climb),
        "totals": shown.totals and list(zip(_total_words(), shown.totals, strict=True)),
        "address": address,
        "token": token,
        "reply_form": ReplyForm(),
        "picture": {
            # Changes with the picture: a chat that keeps one asks for the new one.
            "address": f"{address}picture.png?{_digest(repr(climb).encode())}",
            "words": _picture_words(climb),
        },
    }
    plain = render_to_string("program/public_goals/detail.html", context).encode()
    headers = _headers(f'W/"{_digest(plain)}"', is_listed=shown.is_listed)
    zipped = gzip.compress(plain, 9, mtime=0)
    return Body(plain, zipped, headers | {"Vary": "Accept-Encoding"})


def _title(shown: PublicGoal) -> str:
    if shown.statement:
        return shown.statement
    if shown.name:
        return _("Two weeks of %(name)s") % {"name": shown.name}
    return _("Two weeks on one goal")


# Of values like the page; twenty kilobytes each.
@lru_cache(maxsize=64)
def _picture(climb: Climb) -> tuple[bytes, str]:
    content = picture.png(ridge(climb.totals, climb.today, WIDE))
    return content, f'"{_digest(content)}"'


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=12).hexdigest()


def _picture_words(climb: Climb) -> str:
    return climb_words([str(total) for total in climb.totals if total is not None])


def _ridges(climb: Climb) -> list[Ridge]:
    return [
        ridge(climb.totals, climb.today, frame, summary=_picture_words(climb))
        for frame in (WIDE, TALL)
    ]


def _total_words() -> list[str]:
    """In the order of PRACTICES."""
    return [_("People told"), _("Actions taken"), _("Requests made")]
