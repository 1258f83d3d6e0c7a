"""People who check off one thing after the other, and what they were told became of it."""

import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from http.client import HTTPException
from typing import Self

from program.curriculum import DAYS, MAX_ENTRIES_PER_PRACTICE_AND_DAY, PRACTICES
from tests.resilience.site import Site, Walker, ask
from tests.waiting import wait_until

TAKEN = 302
ENTRIES_OF_ONE = DAYS * len(PRACTICES) * MAX_ENTRIES_PER_PRACTICE_AND_DAY


@dataclass
class Load:
    """Clients side by side. Each goes on with a check-off until it is acknowledged, as a page with
    an open stone lets a person do.
    """

    site: Site
    walkers: list[Walker]
    clients: int = 8
    acknowledged: set[str] = field(default_factory=set)
    # Those for which more than one post was needed.
    repeated: int = 0
    answers: Counter[int] = field(default_factory=Counter)
    broken: int = 0
    waits: list[float] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lock = threading.Lock()
        self.has_to_stop = threading.Event()
        self.turns = iter(self._turns())

    def _turns(self) -> Iterator[tuple[Walker, date, str, int]]:
        """No two clients ever write for the same person and day at once, so none is past twenty."""
        for place in range(MAX_ENTRIES_PER_PRACTICE_AND_DAY):
            for number in range(DAYS):
                for practice in PRACTICES:
                    for walker in self.walkers:
                        first = date.fromisoformat(walker.starts_on)
                        yield walker, first + timedelta(days=number), practice.key, place

    def __enter__(self) -> Self:
        self.threads = [threading.Thread(target=self._go_on) for _client in range(self.clients)]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.has_to_stop.set()
        for thread in self.threads:
            thread.join()
        if self.errors:
            raise self.errors[0]

    @property
    def done(self) -> int:
        return len(self.acknowledged)

    def wait_for(self, more: int) -> None:
        """Until so many more are acknowledged, however long it takes as long as it goes on."""
        enough = self.done + more
        while self.done < enough and not self.errors:
            before = self.done
            wait_until(lambda before=before: self.done > before or self.errors)  # type: ignore[misc]

    @contextmanager
    def counting(self) -> Iterator["Span"]:
        """What changes while the block runs."""
        span = Span()
        with self.lock:
            answers, broken, known = self.answers.copy(), self.broken, len(self.waits)
        yield span
        with self.lock:
            span.answers = self.answers - answers
            span.broken = self.broken - broken
            span.waits = self.waits[known:]

    def _go_on(self) -> None:
        try:
            while not self.has_to_stop.is_set():
                with self.lock:
                    turn = next(self.turns)
                self._check_off(*turn)
        except BaseException as error:
            self.errors.append(error)
            self.has_to_stop.set()

    def _check_off(self, walker: Walker, day: date, practice: str, place: int) -> None:
        client_id = str(uuid.uuid4())
        fields = {"enrollment": walker.enrollment, "practice": practice, "done": "1"}
        began, tries, status = time.monotonic(), 0, 0
        while status != TAKEN and not self.has_to_stop.is_set():
            tries += 1
            status = self._post(walker, f"/days/{day}/entries/{client_id}/", fields)
            if status != TAKEN:
                time.sleep(0.1)  # as long as a person needs to tap again, at least
        with self.lock:
            if status == TAKEN:
                self.acknowledged.add(client_id)
                self.waits.append(time.monotonic() - began)
                self.repeated += tries > 1

    def _post(self, walker: Walker, path: str, fields: dict[str, str]) -> int:
        try:
            answer = ask(self.site.port, "POST", path, fields, session=walker.session, seconds=120)
        except (OSError, HTTPException):
            with self.lock:
                self.broken += 1
            return 0
        with self.lock:
            self.answers[answer.status] += 1
        return answer.status


@dataclass
class Span:
    answers: Counter[int] = field(default_factory=Counter)
    broken: int = 0
    waits: list[float] = field(default_factory=list)

    @property
    def errors(self) -> int:
        """Answers that say it did not work."""
        return sum(count for status, count in self.answers.items() if status >= 500)
