"""The worker as it runs: a process of its own, woken by the database, killed and started again."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinateWorker
from pytest_django import Settings

from accounts.models import OutgoingMail, User
from accounts.models.outbox import wake
from tests.figures import figure
from tests.post import sink
from tests.resilience.launched import ROOT
from tests.sink import ACCEPTED, Sink
from tests.waiting import wait_until

__all__ = ["sink"]  # a fixture

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def worker(sink: Sink) -> Iterator["subprocess.Popen[bytes]"]:
    database = urlsplit(os.environ["DATABASE_URL"])
    name = connection.settings_dict["NAME"]
    known = set(ProcrastinateWorker.objects.values_list("pk", flat=True))
    process = subprocess.Popen(
        [sys.executable, "manage.py", "procrastinate", "worker", "--concurrency", "2"],
        cwd=ROOT,
        env=os.environ
        | {
            "DATABASE_URL": database._replace(path=f"/{name}").geturl(),
            "DJANGO_SETTINGS_MODULE": "breakthrough.settings",
            "EMAIL_URL": f"smtp://127.0.0.1:{sink.port}",
        },
    )
    try:
        # By its number: the first thing a new one does is to forget those that were killed.
        wait_until(lambda: ProcrastinateWorker.objects.exclude(pk__in=known).exists())
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)


def test_a_code_arrives_by_the_worker_that_its_row_wakes(alice: User, sink: Sink) -> None:
    with worker(sink):
        clicked = time.monotonic()
        Client().post("/accounts/login/code/", {"email": "alice@example.org"})
        wait_until(lambda: sink.mails)
        took = time.monotonic() - clicked
        figure("C2/click", "from the click to the mail server, in seconds", took)
        wait_until(lambda: OutgoingMail.objects.get().state == OutgoingMail.State.SENT)

    (mail,) = sink.mails
    assert mail["To"] == "alice@example.org"
    # One job was enough: no scan had to find it.
    assert OutgoingMail.objects.get().attempts == 1


def test_what_a_killed_worker_had_in_hand_is_sent_by_the_next_one(
    alice: User, sink: Sink, settings: Settings
) -> None:
    has_it, may_go_on = threading.Event(), threading.Event()

    def stall(address: str) -> str | None:
        has_it.set()
        may_go_on.wait(timeout=60)
        return None  # hangs up: whoever sent it is gone

    sink.answer = stall
    with worker(sink) as first:
        Client().post("/accounts/login/code/", {"email": "alice@example.org"})
        assert has_it.wait(timeout=60)
        first.kill()
        first.wait(timeout=30)
        may_go_on.set()
    assert OutgoingMail.objects.get().state == OutgoingMail.State.SENDING
    sink.answer = lambda address: ACCEPTED
    # The lease runs out.
    OutgoingMail.objects.update(lease_until=timezone.now())

    with worker(sink):
        wait_until(lambda: OutgoingMail.objects.get().state == OutgoingMail.State.SENT)

    figure("C2", "mails of a killed worker that the next one did not send", 0, bar="0", holds=True)
    assert OutgoingMail.objects.get().attempts == 2
    assert len({mail["Message-ID"] for mail in sink.mails}) == 1


def test_what_the_queue_has_done_is_forgotten_after_a_day(alice: User, sink: Sink) -> None:
    """A month of scans twice a minute would be 86,400 jobs, each with its events."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_events")
        cursor.execute("DELETE FROM procrastinate_jobs")
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status, args)"
            " SELECT 'default', 'accounts.tasks.scan_mail', 'doing', '{}'"
            " FROM generate_series(1, 500)"
        )
        cursor.execute("UPDATE procrastinate_jobs SET status = 'succeeded'")
        cursor.execute("UPDATE procrastinate_events SET at = at - interval '25 hours'")
    wake("accounts.tasks.sweep_jobs", timestamp=0)

    with worker(sink):
        wait_until(lambda: ProcrastinateJob.objects.count() < 100)

    left = ProcrastinateJob.objects.count()
    figure("C10", "jobs of the queue left of 501 after a day", left, bar="< 100", holds=left < 100)
