"""A worker killed at every step of sending: no mail is lost that must arrive, and none of those
that may come once at most comes twice.
"""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.utils import timezone

from accounts import outbox
from accounts.models import OutgoingMail
from accounts.models.outbox import LEASE
from tests.figures import figure
from tests.often import often
from tests.resilience.launched import ROOT
from tests.resilience.mortal import KINDS, STEPS
from tests.sink import Sink, running_sink

pytestmark = pytest.mark.django_db(transaction=True)

MAILS = 6
FAULTS = often(2, 15)


@pytest.fixture(autouse=True)
def _kinds() -> Iterator[None]:
    for name, promise in KINDS.items():
        delivery = outbox.Delivery(promise)
        outbox.kind(name, delivery=delivery, lifetime=timedelta(hours=20))(lambda mail, now: None)
    yield
    for name in KINDS:
        del outbox.KINDS[name]


@pytest.mark.parametrize("step", [step for step in STEPS if step != "never"])
def test_a_worker_killed(step: str) -> None:
    began, kills, addresses = timezone.now(), 0, []
    for number in range(MAILS):
        for name in KINDS:
            addresses.append(f"{name}{number}@example.org")
            OutgoingMail.objects.put(name, key=addresses[-1], to=addresses[-1], now=began)

    with running_sink() as sink:
        ahead = 0
        for fault in range(FAULTS):
            # At a mail of the one kind, then of the other, and later than the lease of whoever was
            # killed before.
            if _work(sink, step, 1 + fault // 2 % 3, ahead) == -signal.SIGKILL:
                kills += 1
            ahead += int(LEASE.total_seconds()) + 1
        assert _work(sink, "never", 1, ahead) == 0

    arrived = Counter(mail["To"] for mail in sink.mails)
    once = [arrived[address] for address in addresses if address.startswith("once")]
    least = [arrived[address] for address in addresses if address.startswith("least")]
    lost, doubled = once.count(0), sum(least) - len(least)
    name, mails = f"C1/{step.replace(' ', '-')}", f"{kills} workers killed {step}"
    figure(
        f"{name}/once",
        f"{mails}: mails of the kind at most once that came twice",
        max(once) - 1,
        bar="0",
        holds=max(once) == 1,
    )
    figure(
        f"{name}/lost",
        f"{mails}: of that kind lost, which is its price",
        lost,
        bar=f"<= {kills}",
        holds=lost <= kills,
    )
    figure(
        f"{name}/least",
        f"{mails}: mails of the kind at least once that never came",
        least.count(0),
        bar="0",
        holds=min(least) >= 1,
    )
    figure(
        f"{name}/doubled",
        f"{mails}: of that kind doubled, with one Message-ID",
        doubled,
        bar=f"<= {kills}",
        holds=doubled <= kills,
    )
    assert kills >= 1
    assert max(once) == 1
    assert lost <= kills
    assert min(least) == 1
    assert doubled <= kills
    ids = {(mail["To"], mail["Message-ID"]) for mail in sink.mails}
    assert len(ids) == len(arrived)
    unsettled = OutgoingMail.objects.filter(settled_at=None)
    assert not unsettled.exists(), unsettled.values("key", "state")


def _work(sink: Sink, step: str, times: int, ahead: int) -> int:
    database = urlsplit(os.environ["DATABASE_URL"])
    return subprocess.run(
        [sys.executable, "-m", "tests.resilience.mortal", step, str(times), str(ahead)],
        cwd=ROOT,
        env=os.environ
        | {
            "DATABASE_URL": database._replace(path=f"/{connection.settings_dict['NAME']}").geturl(),
            "EMAIL_URL": f"smtp://127.0.0.1:{sink.port}",
            "DJANGO_SETTINGS_MODULE": "breakthrough.settings",
        },
        check=False,
        timeout=120,
    ).returncode
