"""What a server writes down: JSON, a line each, by which a request can be followed into its job.

No line holds what somebody wrote, an address or a link that opens something. A request is told by
the route of its page, never by its path, and an error by its kind and its place, never by its
words, which may quote a row.
"""

import logging
import re
import secrets
import time
import traceback
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from pythonjsonlogger.json import JsonFormatter

# The request that is being answered, or the job that is being done.
current_id: ContextVar[str] = ContextVar("current_id", default="")
WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{8,64}")
NO_PAGE = "(no such page)"
FIELDS = ("status", "ms")

access = logging.getLogger("breakthrough.access")
GetResponse = Callable[[HttpRequest], HttpResponse]


class RequestLogMiddleware:
    """Give each request an id, which the answer says too, and write a line about it.

    The id of a proxy that is trusted is kept: then its log and ours have the same.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        token = current_id.set(_id_of(request))
        try:
            response = self.get_response(request)
            # What whitenoise answers has no route, and is of no interest.
            if (route := route_of(request)) or response.status_code >= 400:
                response.headers["X-Request-ID"] = current_id.get()
                took = round((time.perf_counter() - began) * 1000, 1)
                access.info(
                    "%s %s", request.method, route or NO_PAGE,
                    extra={"status": response.status_code, "ms": took},
                )  # fmt: skip
            return response
        finally:
            current_id.reset(token)


def _id_of(request: HttpRequest) -> str:
    given = request.headers.get("X-Request-ID", "")
    if settings.TRUSTED_PROXY_COUNT and WELL_FORMED.fullmatch(given):
        return given
    return secrets.token_hex(8)


def route_of(request: HttpRequest) -> str:
    """Such as days/<date:day>/, which names nobody; "" for what no page of ours is."""
    match = request.resolver_match
    return f"/{match.route}" if match else ""


async def follow_job(process: Callable[[], Awaitable[Any]], context: Any, worker: Any) -> Any:
    """Lines that are written while the worker does a job say which one it is."""
    token = current_id.set(f"job-{context.job.id}")
    try:
        return await process()
    finally:
        current_id.reset(token)


class Formatter(JsonFormatter):
    """The fields that one filters by. What a library adds of its own is left out: it may be a whole
    request, or a row with everything that it holds.
    """

    def add_fields(
        self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
    ) -> None:
        log_data["time"] = datetime.fromtimestamp(record.created, UTC).isoformat()
        log_data |= {"level": record.levelname, "logger": record.name, "id": current_id.get()}
        log_data["message"] = _without_path(record)
        log_data |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if message_dict.get("exc_info"):
            log_data["error"] = message_dict["exc_info"]

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        """Where it happened, and what kind it was: no line of code, no value, no words."""
        kind, error, place = ei
        if error is None:
            return ""
        frames = [f"{at.filename}:{at.lineno} {at.name}" for at in traceback.extract_tb(place)]
        lines = [*frames, f"{kind.__module__}.{kind.__qualname__}"]
        if (cause := error.__cause__) is not None:
            lines.insert(0, self.formatException((type(cause), cause, cause.__traceback__)))
        return "\n".join(lines)


def _without_path(record: logging.LogRecord) -> str:
    """What Django says of a request ends with its path, in which there may be an invitation."""
    request = getattr(record, "request", None)
    if not isinstance(request, HttpRequest):
        return record.getMessage()
    first = record.args[0] if isinstance(record.args, tuple) and record.args else record.levelname
    return f"{first}: {route_of(request) or NO_PAGE}"
