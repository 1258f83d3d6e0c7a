"""What is reported to Sentry and OpenTelemetry, caught before it leaves: no word of anybody's."""

import asyncio
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import sentry_sdk
from django.test import Client
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pytest_django import Settings
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from breakthrough import telemetry
from breakthrough.development import ROOT
from program.models import Enrollment
from tests.test_production import GOOD

SECRET = "hush-hush-4711"


class Caught(Transport):
    def __init__(self) -> None:
        super().__init__({})
        self.sent: list[Any] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        self.sent += [json.loads(item.get_bytes()) for item in envelope.items]


@pytest.fixture
def sentry(settings: Settings) -> Iterator[Caught]:
    settings.SENTRY_DSN = "https://key@sentry.test/1"
    caught = Caught()
    telemetry._start_sentry(transport=caught)
    yield caught
    sentry_sdk.init()  # off again


def test_an_error_is_reported_without_anybodys_words(
    alice_client: Client, enrollment: Enrollment, noon: object, sentry: Caught,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    def fails(*arguments: object, **named: object) -> None:
        words = SECRET
        raise ValueError(f"Key (line)=({words}) is too long")

    monkeypatch.setattr("program.views.days.render_day", fails)
    alice_client.raise_request_exception = False
    alice_client.cookies["other"] = SECRET

    answer = alice_client.get(f"/today/?q={SECRET}", headers={"User-Agent": SECRET})

    (event,) = sentry.sent
    assert event["tags"] == {"id": answer["X-Request-ID"]}
    (error,) = event["exception"]["values"]
    assert error["type"] == "ValueError"
    assert error["stacktrace"]["frames"][-1]["function"] == "fails"
    assert not {"request", "user", "breadcrumbs", "extra", "server_name"} & event.keys()
    said = json.dumps(event)
    for secret in (SECRET, "alice", "4711", str(enrollment.public_id)):
        assert secret not in said


def test_a_message_is_reported_as_it_stands_in_our_code_alone(sentry: Caught) -> None:
    logging.getLogger("accounts.delivery").error("%s could not be composed", SECRET)
    logging.getLogger("a.library").error(f"It holds {SECRET}")

    ours, other = sentry.sent
    assert ours["logentry"] == {"message": "%s could not be composed"}
    assert "logentry" not in other
    assert SECRET not in json.dumps([ours, other])


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    exporter = InMemorySpanExporter()
    monkeypatch.setattr(telemetry, "tracer", None)
    provider = telemetry._start_tracing(exporter)

    def finished() -> list[Any]:
        provider.force_flush()
        return list(exporter.get_finished_spans())

    yield finished
    provider.shutdown()


def test_a_request_is_a_span_with_its_queries_in_it_and_no_words(
    alice_client: Client, enrollment: Enrollment, noon: object, spans: Any, settings: Settings
) -> None:
    settings.MIDDLEWARE = [
        settings.MIDDLEWARE[0], "breakthrough.telemetry.TraceMiddleware", *settings.MIDDLEWARE[1:]
    ]  # fmt: skip

    answer = alice_client.get(f"/today/?q={SECRET}")

    *queries, request = spans()
    assert request.name == "GET /today/"
    assert dict(request.attributes) == {
        "http.request.method": "GET",
        "http.route": "/today/",
        "http.response.status_code": 200,
        "two_weeks.id": answer["X-Request-ID"],
    }
    assert {query.name for query in queries} == {"SELECT"}
    assert len(queries) == 5  # as many as tests/test_queries.py lets Today have
    assert not any(query.attributes for query in queries)
    assert all(query.parent.span_id == request.context.span_id for query in queries)


def test_a_job_is_a_span_by_the_name_of_its_task(spans: Any) -> None:
    async def process() -> None:
        raise ValueError(SECRET)

    context = SimpleNamespace(task=SimpleNamespace(name="accounts.tasks.deliver"))
    with pytest.raises(ValueError, match=SECRET):
        asyncio.run(telemetry.trace_job(process, context, None))

    (span,) = spans()
    assert span.name == "accounts.tasks.deliver"
    assert SECRET not in span.to_json()


def test_without_its_variable_nothing_of_it_is_imported() -> None:
    packages = ("sentry_sdk", "opentelemetry", "prometheus_client")
    code = (
        "import django, sys; django.setup(); import breakthrough.urls;"
        f"print([name for name in {packages} if name in sys.modules])"
    )
    django = {"DJANGO_SETTINGS_MODULE": "breakthrough.settings", "PATH": os.environ["PATH"]}
    said = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT, env=GOOD | django, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip

    assert said == "[]\n"
