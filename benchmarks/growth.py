"""What becomes of the times when the data becomes ten and a hundred times as much."""

import statistics
import time
import uuid
from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from benchmarks import cohorts, people, site
from benchmarks.load import Load
from program.archive.writing import build
from program.models import DailyEntry, Enrollment
from program.models.mail import MailChoice
from program.models.reminders import queue_due
from tests.figures import figure

RUNS = 9
DUE = 50  # reminders at once, at every scale
# How much more something may take at a hundred times the data and still count as flat: the noise
# of a machine, and one more level of an index.
FLAT = 1.3
OWN = (1, 10, 100)  # times 84 entries


class Growth:
    def __init__(self) -> None:
        # {what: {scale: what it takes, in its own unit}}
        self.found: dict[str, dict[int, float]] = {}

    def measure(
        self,
        scale: int,
        loads: dict[str, list[Load]],
        one: site.Server,
        walkers: list[Enrollment],
    ) -> None:
        """Pages as against the reference at the same moment, so that the scales compare."""
        bare = [each.per_second for each in loads["reference"]]
        for name, words in (("today", "Today"), ("taps", "Check-off")):
            times = [a / b.per_second for a, b in zip(bare, loads[name], strict=True)]
            self._note(f"{words}, in times of the reference", scale, statistics.median(times))
        page = cohorts.Page(one, walkers[:50], name=f"At {scale}")
        self._note("A cohort's page, ms", scale, page.milliseconds(RUNS))
        self._note(f"The scan with {DUE} reminders due, ms", scale, _scan_of_reminders())
        user = walkers[0].participant
        took = _milliseconds(lambda: build(user, timezone.now()))
        self._note("A person's archive, ms", scale, took)

    def _note(self, what: str, scale: int, value: float) -> None:
        self.found.setdefault(what, {})[scale] = value

    def tell(self) -> None:
        for what, values in self.found.items():
            first, last = min(values), max(values)
            ratio = values[last] / values[first]
            each = ", ".join(f"{value:.1f}" for value in values.values())
            scales = ", ".join(f"{scale}x" for scale in values)
            figure("growth", f"{what}: {scales} of 1,000 people", each)
            figure(
                "growth",
                f"The same, {last}x / {first}x",
                ratio,
                bar=f"flat, <= {FLAT}",
                holds=ratio <= FLAT,
            )
        _tell_of_own_data()


def _scan_of_reminders() -> float:
    """Each time taken back, so that all find the same."""
    due = list(MailChoice.objects.order_by("-pk").values_list("pk", flat=True)[:DUE])
    took = []
    for _run in range(RUNS):
        with transaction.atomic():
            now = timezone.now()
            MailChoice.objects.filter(pk__in=due).update(next_due_at=now - timedelta(minutes=1))
            before = time.perf_counter()
            assert queue_due(now) == DUE
            took.append((time.perf_counter() - before) * 1000)
            transaction.set_rollback(True)
    return statistics.median(took)


def _tell_of_own_data() -> None:
    """Of people who entered ten and a hundred times as much as fourteen full days."""
    took = []
    weeks = Enrollment.objects.filter(pk__gte=people.BASE).order_by("-pk")[: len(OWN)]
    for enrollment, factor in zip(weeks.select_related("participant"), OWN, strict=True):
        rows = list(DailyEntry.objects.of(enrollment))
        for row in rows:
            row.pk = None
        for _more in range(factor - 1):
            for row in rows:
                row.pk, row.client_id = None, uuid.uuid4()
            DailyEntry.objects.bulk_create(rows)
        user = enrollment.participant
        took.append(_milliseconds(lambda user=user: build(user, timezone.now())))  # type: ignore[misc]
    ratio = took[-1] / took[0]
    words = ", ".join(f"{84 * factor:,}" for factor in OWN)
    figure(
        "growth own data",
        f"Milliseconds for an archive of {words} entries of one's own",
        ", ".join(f"{each:.0f}" for each in took),
        bar=f"linear, <= {OWN[-1]}x",
        holds=ratio <= OWN[-1] * FLAT,
    )


def _milliseconds(do: Callable[[], object]) -> float:
    took = []
    for _run in range(RUNS):
        before = time.perf_counter()
        do()
        took.append((time.perf_counter() - before) * 1000)
    return statistics.median(took)
