"""Errors to Sentry and traces to OpenTelemetry, each only where a host has set its variable.

What leaves the machine is what may stand in our own log (logs.py): kinds, places, routes and
times. An event is put together again from what is known to be harmless, so that a field which a
later version of a library adds is not sent before somebody has looked at it.
"""

import sys
from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse

from breakthrough import environment, logs

OURS = ("accounts", "breakthrough", "program")
OF_AN_EVENT = {"event_id", "timestamp", "level", "platform", "release", "transaction", "logger"}
OF_A_FRAME = {"filename", "abs_path", "module", "function", "lineno", "in_app"}
GetResponse = Callable[[HttpRequest], HttpResponse]
Event = dict[str, Any]


def start() -> None:
    """In each process: AppConfig.ready() calls it."""
    if settings.SENTRY_DSN:
        _start_sentry()
    # A command is over before a batch is full, and would wait to send it.
    if settings.OTEL_EXPORTER_OTLP_ENDPOINT and (
        environment.is_web() or sys.argv[1:2] == ["procrastinate"]
    ):
        _start_tracing()


# --- Sentry --------------------------------------------------------------------------------------


def _start_sentry(**changes: Any) -> None:
    import sentry_sdk
    from sentry_sdk.integrations.django import DjangoIntegration

    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        # Nothing of a person is what it collects by itself; whatever comes all the same goes here.
        before_send=scrubbed,  # type: ignore[arg-type]
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_session_tracking=False,
        server_name="",
        # None of the integrations that it would find and switch on by itself.
        auto_enabling_integrations=False,
        integrations=[
            DjangoIntegration(
                transaction_style="function_name", middleware_spans=False, signals_spans=False
            )
        ],
        **changes,
    )


def scrubbed(event: Event, hint: Event) -> Event:
    """The event without words, values, paths, cookies, people and machines."""
    sent = {name: event[name] for name in OF_AN_EVENT & event.keys()}
    sent["tags"] = {"id": logs.current_id.get()}
    if "exception" in event:
        values = event["exception"].get("values", [])
        sent["exception"] = {"values": [_error(value) for value in values]}
    message = (event.get("logentry") or {}).get("message", "")
    # As it stands in our code, before anything is put in; what a library says may be whole already.
    if str(event.get("logger", "")).startswith(OURS) and message:
        sent["logentry"] = {"message": message}
    return sent


def _error(value: Event) -> Event:
    frames = (value.get("stacktrace") or {}).get("frames") or []
    kept = [{name: frame[name] for name in OF_A_FRAME & frame.keys()} for frame in frames]
    of_error = {"type": value.get("type"), "module": value.get("module"), "value": ""}
    return of_error | {"stacktrace": {"frames": kept}}


# --- OpenTelemetry -------------------------------------------------------------------------------

tracer: Any = None


def _start_tracing(exporter: Any = None) -> Any:
    global tracer
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import OTELResourceDetector, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    # Where no name is given, ours; nothing is detected about the machine.
    resource = Resource({"service.name": "two-weeks"}).merge(OTELResourceDetector().detect())
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(exporter or OTLPSpanExporter()))
    tracer = provider.get_tracer("two-weeks")
    return provider


class TraceMiddleware:
    """A span a request, named by its route; in it one a query, named by its first word."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if tracer is None:
            return self.get_response(request)
        with tracer.start_as_current_span("request", record_exception=False) as span:
            with connection.execute_wrapper(_trace_query):
                response = self.get_response(request)
            route = logs.route_of(request) or logs.NO_PAGE
            span.update_name(f"{request.method} {route}")
            span.set_attribute("http.request.method", request.method or "")
            span.set_attribute("http.route", route)
            span.set_attribute("http.response.status_code", response.status_code)
            span.set_attribute("two_weeks.id", logs.current_id.get())
            return response


def _trace_query(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    with tracer.start_as_current_span(
        str(sql).partition(" ")[0].upper(), record_exception=False, set_status_on_exception=False
    ):
        return execute(sql, params, many, context)


async def trace_job(process: Callable[[], Awaitable[Any]], context: Any, worker: Any) -> Any:
    if tracer is None:
        return await process()
    with tracer.start_as_current_span(
        context.task.name, record_exception=False, set_status_on_exception=False
    ) as span:
        span.set_attribute("two_weeks.id", logs.current_id.get())
        return await process()
