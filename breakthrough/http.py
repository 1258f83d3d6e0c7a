from collections.abc import Callable
from datetime import datetime

import django.http
from django.conf import settings
from django_htmx.middleware import HtmxDetails

from accounts.models import User


class HttpRequest(django.http.HttpRequest):
    """A request as our views see it: logged in, with htmx details and one instant for all of it."""

    user: User
    htmx: HtmxDetails
    now: datetime


def takes_up_to[View: Callable[..., django.http.HttpResponse]](
    size: int,
) -> Callable[[View], View]:
    """The outermost decorator of a view that takes a larger body than forms have, in bytes."""

    def mark(view: View) -> View:
        view.max_body_bytes = size  # type: ignore[attr-defined]
        return view

    return mark


def is_from_our_page(request: django.http.HttpRequest) -> bool:
    """Whether a browser says that a page of ours posted this: for a form without a token.

    Every browser names the Origin of what is posted, with or without scripts; those of the last
    years say Sec-Fetch-Site as well, which no page can put on.
    """
    ours = {settings.SITE_URL, f"{request.scheme}://{request.get_host()}"}
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    return request.headers.get("Origin") in ours and site == "same-origin"
