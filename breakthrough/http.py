from collections.abc import Callable
from datetime import datetime

import django.http
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
