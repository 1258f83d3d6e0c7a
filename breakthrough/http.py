from datetime import datetime

import django.http
from django_htmx.middleware import HtmxDetails

from accounts.models import User


class HttpRequest(django.http.HttpRequest):
    """A request as our views see it: logged in, with htmx details and one instant for all of it."""

    user: User
    htmx: HtmxDetails
    now: datetime
