"""/metrics for Prometheus, there only where METRICS_TOKEN is set (urls.py), for who has the token.

Each web process counts into files that they share, and whichever is asked answers for all of them.
"""

import os
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import OutgoingMail
from breakthrough import http, logs

# The processes of one web server have one parent; a folder for each start, so that no old count is
# added. prometheus_client reads the variable while it is imported.
_folder = Path(tempfile.gettempdir()) / f"two-weeks-metrics-{os.getppid()}"
if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    _folder.mkdir(mode=0o700, exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_folder)

from prometheus_client import CollectorRegistry, Histogram, generate_latest  # noqa: E402
from prometheus_client.core import GaugeMetricFamily  # noqa: E402
from prometheus_client.exposition import CONTENT_TYPE_LATEST  # noqa: E402
from prometheus_client.multiprocess import MultiProcessCollector  # noqa: E402
from prometheus_client.registry import Collector  # noqa: E402

METHODS = {"GET", "HEAD", "POST"}
GetResponse = Callable[[HttpRequest], HttpResponse]

requests = Histogram(
    "two_weeks_request_seconds",
    "How long requests took, by page",
    ["method", "route", "status"],
    buckets=(0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)


class MetricsMiddleware:
    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        # Anybody may ask for any path by any method: only what is ours has a row of its own.
        method = request.method if request.method in METHODS else "other"
        route = logs.route_of(request) or logs.NO_PAGE
        series = requests.labels(method, route, str(response.status_code))
        series.observe(time.perf_counter() - began)
        return response


class OutboxCollector(Collector):
    """How the mail does, asked when somebody wants to know it."""

    def __init__(self, request: http.HttpRequest) -> None:
        self.now = request.now

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            lamp = OutgoingMail.objects.lamp(self.now)
        except DatabaseError:
            return  # what the processes counted is worth most just then
        yield _gauge("two_weeks_mails_waiting", "Mails that are due and not sent", lamp.waiting)
        yield _gauge("two_weeks_mails_dead", "Mails of 30 days that were given up", lamp.dead)
        if lamp.last_scan_at:
            age = (self.now - lamp.last_scan_at).total_seconds()
            yield _gauge("two_weeks_scan_age_seconds", "Since a worker last looked for mail", age)


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, words, value)


@require_safe
@never_cache
@login_not_required
def page(request: http.HttpRequest) -> HttpResponse:
    wanted = f"Bearer {settings.METRICS_TOKEN}"
    given = request.headers.get("Authorization", "")
    if not secrets.compare_digest(given.encode(), wanted.encode()):
        raise Http404
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    registry.register(OutboxCollector(request))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
