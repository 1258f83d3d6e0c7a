"""Whatever somebody does, in any order: the program agrees with a plain oracle after every step."""

import uuid
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run

from accounts.models import User
from program.models import (
    CohortMembership,
    DailyEntry,
    Enrollment,
    Invitation,
    Pause,
)
from tests.factories import NOON, PASSWORD, make_cohort, make_enrollment, make_user
from tests.figures import figure
from tests.often import often
from tests.posting import Response, entry_url, text_of
from tests.program.test_joining import join_running
from tests.resilience.oracle import ABSENT, COUNTS, NOTHING, TAKEN, Entry, Oracle

EXAMPLES, STEPS = often(6, 100), often(30, 50)
ZONES = ["Europe/Stockholm", "Asia/Tokyo", "America/Lima", "America/Los_Angeles", "Asia/Kathmandu"]
COACHES = ["carol", "dave"]
STARTS_ON = date(2027, 3, 14)  # day 3 is today, so that the days ahead come
LAST = NOON + timedelta(days=24)  # past the fourteen, and before a session ends

numbers = st.integers(1, 4)
practices = st.sampled_from(["share", "act", "request"])
scopes = st.sampled_from(["counts", "entries", "moments"])
coaches = st.sampled_from(COACHES)


class Program(RuleBasedStateMachine):
    """Alice, her two weeks, a cohort with two coaches; everything by way of the URLs."""

    steps: Counter[str] = Counter()
    traveller: time_machine.Traveller

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.traveller.move_to(NOON)
        self.users = {name: make_user(name=name.capitalize()) for name in ["alice", *COACHES]}
        self.enrollment = make_enrollment(participant=self.users["alice"], starts_on=STARTS_ON)
        self.cohort = make_cohort(coach=self.users["carol"])
        self.cohort.take_on(self.users["dave"], NOON)
        self.clients = {}
        for name, user in self.users.items():
            self.clients[name] = Client()
            self.clients[name].force_login(user)
        self.oracle = Oracle(now=NOON, starts_on=STARTS_ON)
        self.posted: list[tuple[str, dict[str, Any], tuple[Any, ...]]] = []
        self.is_gone = False

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    def post(self, path: str, **fields: Any) -> Response:
        return self.clients["alice"].post(path, fields)

    def expect(self, name: str, response: Response, status: int) -> None:
        Program.steps[name] += 1
        assert response.status_code == status, (name, text_of(response)[:500])

    # --- Entries ----------------------------------------------------------------------------------

    def put(
        self, day: date, practice: str, number: int, *, done: bool | None, line: str | None
    ) -> None:
        key = uuid.uuid5(self.enrollment.public_id, f"{day}/{practice}/{number}")
        fields = {"enrollment": self.enrollment.public_id, "practice": practice}
        fields |= {} if done is None else {"done": int(done)}
        fields |= {} if line is None else {"line": line}
        wanted = (str(key), day, practice, done, line)
        self.posted.append((entry_url(day, key), fields, wanted))
        self.send("entry_save", self.posted[-1])

    def send(self, name: str, posted: tuple[str, dict[str, Any], tuple[Any, ...]]) -> None:
        url, fields, (key, day, practice, done, line) = posted
        status = self.oracle.save(key, day, practice, done=done, line=line)
        self.expect(name, self.post(url, **fields), status)

    @property
    def days(self) -> list[date]:
        """Those of the two weeks, and one around them."""
        dates = self.oracle.dates
        return [dates[0] - timedelta(days=1), *dates, dates[-1] + timedelta(days=1)]

    @precondition(lambda self: not self.is_gone)
    @rule(place=st.integers(0, 15), practice=practices, number=numbers, done=st.booleans())
    def check_or_undo(self, place: int, practice: str, number: int, done: bool) -> None:
        self.put(self.days[place], practice, number, done=done, line=None)

    @precondition(lambda self: not self.is_gone)
    @rule(practice=practices, number=numbers)
    def check_today(self, practice: str, number: int) -> None:
        self.put(self.oracle.today, practice, number, done=True, line=None)

    @precondition(lambda self: not self.is_gone)
    @rule(practice=practices, number=numbers, word=st.integers(100, 999))
    def write(self, practice: str, number: int, word: int) -> None:
        self.put(self.oracle.today, practice, number, done=None, line=f"Told number {word}")

    @precondition(lambda self: self.posted and not self.is_gone)
    @rule(back=st.integers(1, 50))
    def resend(self, back: int) -> None:
        """Anything that was posted before, from an old tab or a queue that comes late."""
        self.send("resend", self.posted[-1 - back % len(self.posted)])

    def some_entry(self, number: int, *, removed: bool) -> tuple[str, Entry] | None:
        found = [
            (key, entry)
            for key, entry in self.oracle.entries.items()
            if entry.is_removed == removed and entry.day in self.oracle.dates
        ]
        return found[number % len(found)] if found else None

    @precondition(lambda self: self.some_entry(0, removed=False) and not self.is_gone)
    @rule(number=st.integers(0, 50))
    def remove(self, number: int) -> None:
        found = self.some_entry(number, removed=False)
        assert found
        url = entry_url(found[1].day, uuid.UUID(found[0]), "remove/")
        response = self.post(url, enrollment=self.enrollment.public_id)
        self.expect("entry_remove", response, self.oracle.remove(found[0]))

    @precondition(lambda self: self.some_entry(0, removed=True) and not self.is_gone)
    @rule(number=st.integers(0, 50))
    def restore(self, number: int) -> None:
        found = self.some_entry(number, removed=True)
        assert found
        url = entry_url(found[1].day, uuid.UUID(found[0]), "restore/")
        response = self.post(url, enrollment=self.enrollment.public_id)
        self.expect("entry_restore", response, self.oracle.restore(found[0]))

    @precondition(lambda self: self.some_entry(0, removed=False) and not self.is_gone)
    @rule(number=st.integers(0, 50), is_private=st.booleans())
    def keep_private(self, number: int, is_private: bool) -> None:
        found = self.some_entry(number, removed=False)
        assert found
        key, entry = found
        if entry.day > self.oracle.today:
            return
        fields = {"enrollment": self.enrollment.public_id, "shown": key}
        fields |= {"private": key} if is_private else {}
        response = self.post(f"/days/{entry.day}/private/", **fields)
        status = self.oracle.keep_private(key, is_private=is_private)
        self.expect("day_private", response, status)

    # --- Days -------------------------------------------------------------------------------------

    @precondition(lambda self: self.oracle.now < LAST)
    @rule(hours=st.integers(1, 40))
    def time_passes(self, hours: int) -> None:
        self.oracle.now += timedelta(hours=hours)
        self.traveller.move_to(self.oracle.now)

    @precondition(lambda self: not self.is_gone)
    @rule(zone=st.sampled_from(ZONES), hour=st.integers(0, 5))
    def travel(self, zone: str, hour: int) -> None:
        before = self.oracle.today
        self.oracle.zone, self.oracle.hour = zone, hour
        fields = {"display_name": "Alice", "time_zone": zone, "day_end_hour": hour, "theme": ""}
        self.expect("settings_update", self.post("/settings/", **fields), TAKEN)
        assert abs((self.oracle.today - before).days) <= 1

    @precondition(lambda self: not self.is_gone)
    @rule(days=st.integers(-1, 6))
    def pause(self, days: int) -> None:
        back_on = self.oracle.today + timedelta(days=days)
        response = self.post("/pauses/", back_on=back_on)
        self.expect("pause_update", response, self.oracle.pause(back_on))

    @precondition(lambda self: not self.is_gone)
    @rule()
    def end_pause(self) -> None:
        self.expect("pause_end", self.post("/pauses/end/"), self.oracle.end_pause())

    # --- Who sees it ------------------------------------------------------------------------------

    @precondition(lambda self: not self.is_gone and self.oracle.today <= self.oracle.dates[-1])
    @rule(scope=scopes)
    def join(self, scope: str) -> None:
        """By a link that stands: which do is the matter of other tests."""
        now = self.oracle.now
        token = Invitation.make(cohort=self.cohort, by=self.users["carol"], now=now)[1]
        link = f"/join/{token}/"
        response = join_running(self.clients["alice"], link, self.enrollment, scope=scope)
        self.expect("invitation_join", response, self.oracle.join(scope, COACHES))

    @precondition(lambda self: not self.is_gone)
    @rule()
    def leave(self) -> None:
        response = self.post(f"/consents/{self.membership}/leave/")
        self.expect("consent_leave", response, self.oracle.leave())

    @precondition(lambda self: not self.is_gone)
    @rule(coach=coaches, scope=st.sampled_from(["counts", "entries", "moments", NOTHING]))
    def let_see(self, coach: str, scope: str) -> None:
        fields = {"coach": self.users[coach].pk, "scope": scope}
        response = self.post(f"/consents/{self.membership}/", **fields)
        self.expect("consent_update", response, self.oracle.let_see(coach, scope))

    @property
    def membership(self) -> int:
        """Of the newest one, which may have been left."""
        newest = CohortMembership.objects.newest_first().first()
        return newest.pk if newest else 0

    @rule(coach=coaches)
    def coach_looks(self, coach: str) -> None:
        """At the very next request after whatever it was."""
        path = f"/coaching/{self.cohort.pk}/people/{self.enrollment.pk}/"
        response = self.clients[coach].get(path)
        scope = self.oracle.granted.get(coach)
        self.expect("participant_detail", response, 200 if scope else ABSENT)
        page = text_of(response)
        for entry in self.oracle.entries.values():
            if entry.line and (scope in {None, COUNTS} or entry.is_private):
                others = {
                    other.line for other in self.oracle.entries.values() if not other.is_private
                }
                is_shown = entry.line in page
                assert not is_shown or (entry.line in others and scope != COUNTS)

    # --- The end ----------------------------------------------------------------------------------

    @precondition(lambda self: not self.is_gone and len(self.posted) > 5)
    @rule()
    def delete_account(self) -> None:
        self.post("/accounts/reauthenticate/", password=PASSWORD)
        response = self.post("/settings/delete/", email="alice@example.org")
        self.expect("account_delete", response, TAKEN)
        self.is_gone = True
        self.oracle.entries, self.oracle.pauses, self.oracle.granted = {}, [], {}

    # --- After every step -------------------------------------------------------------------------

    @invariant()
    def rows_are_as_the_oracle_has_them(self) -> None:
        rows = {
            str(entry.client_id): Entry(
                day=entry.day,
                practice=entry.practice,
                is_placed=entry.is_placed,
                line=entry.line,
                is_removed=entry.removed_at is not None,
                is_private=entry.is_private,
            )
            for entry in DailyEntry.objects.all()
        }
        assert rows == self.oracle.entries
        pauses = sorted(Pause.objects.values_list("starts_on", "ends_on"))
        assert pauses == sorted(self.oracle.pauses)
        if self.is_gone:
            assert not User.objects.filter(email="alice@example.org").exists()
            assert not Enrollment.objects.exists()
            return
        enrollment = Enrollment.objects.get()
        assert list(enrollment.dates) == self.oracle.dates
        lost = [row.day for row in rows.values() if row.day not in self.oracle.dates]
        assert not lost, "a day that something was put down on is none of the fourteen"

    @invariant()
    def coaches_see_what_was_granted(self) -> None:
        for coach in COACHES:
            user = self.users[coach]
            seen = {str(entry.client_id) for entry in DailyEntry.objects.coached_by(user)}
            assert seen == self.oracle.seen_by(coach)
            weeks = [weeks.scope for weeks in Enrollment.objects.coached_by(user)]
            assert weeks == [s for who, s in self.oracle.granted.items() if who == coach]


@pytest.mark.django_db
def test_program_agrees_with_a_plain_oracle_after_any_steps(
    noon: time_machine.Traveller,
) -> None:
    Program.traveller = noon
    Program.steps.clear()
    chosen = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        derandomize=True,
        # Not made shorter when one fails: that takes longer than to read it.
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )

    run(Program, settings=chosen)

    steps = sum(Program.steps.values())
    figure(
        "A9",
        f"steps against a plain oracle, {EXAMPLES} orders of up to {STEPS}, without a difference",
        steps,
        bar=">= 2,000" if often(0, 1) else "",
        holds=steps >= often(0, 2_000),
    )
    figure("A9/differences", "of them that the oracle did not foresee", 0, bar="0", holds=True)
    assert len(Program.steps) >= often(10, 13), Program.steps
