"""A coach sees whom they were let see, and nobody else: random cohorts against a plain oracle."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from accounts.models import User
from program.models import (
    Cohort,
    CohortMembership,
    Consent,
    DailyEntry,
    Encouragement,
    Enrollment,
    Reflection,
)
from program.models.coaches import LastCoachError
from tests.factories import NOON, make_cohort, make_enrollment, make_entry, make_reflection
from tests.figures import figure
from tests.often import often

GRAPHS, STEPS = often(100, 500), 20
SCOPES = ("counts", "entries", "moments")
Verb = Callable[[Cohort, User, Enrollment], None]


@dataclass
class Oracle:
    """The promise in plain words: sets of pks, and of each pair one scope in one cohort."""

    open: set[int] = field(default_factory=set)
    coaches: set[tuple[int, int]] = field(default_factory=set)  # (cohort, coach)
    members: set[tuple[int, int]] = field(default_factory=set)  # (cohort, enrollment)
    granted: dict[tuple[int, int], tuple[int, str]] = field(default_factory=dict)

    def seen(self, coach: int, scopes: tuple[str, ...] = SCOPES) -> set[int]:
        return {
            weeks
            for (weeks, who), (cohort, scope) in self.granted.items()
            if who == coach
            and scope in scopes
            and cohort in self.open
            and (cohort, coach) in self.coaches
            and (cohort, weeks) in self.members
        }

    def drop(self, *, cohort: int, coach: int | None = None) -> None:
        """What was granted there, to one coach or to all."""
        for (weeks, who), (where, _scope) in list(self.granted.items()):
            if where == cohort and coach in {None, who}:
                del self.granted[weeks, who]


class Graph:
    def __init__(self, seed: int, people: list[User], weeks: list[Enrollment]) -> None:
        self.chance, self.people, self.weeks = random.Random(seed), people, weeks
        self.oracle, self.cohorts = Oracle(), []
        for number in range(3):
            coach = people[number]
            cohort = make_cohort(coach=coach, name=f"Number {number}")
            self.cohorts.append(cohort)
            self.oracle.open.add(cohort.pk)
            self.oracle.coaches.add((cohort.pk, coach.pk))

    def step(self) -> None:
        verbs: list[Verb] = [self.join, self.join, self.grant, self.grant, self.take_on]
        verbs += [self.revoke, self.leave, self.part, self.close]
        cohort = self.chance.choice(self.cohorts)
        # Closing ends all, so it is rare.
        weights = [4] * (len(verbs) - 1) + [1]
        verb = self.chance.choices(verbs, weights)[0]
        verb(cohort, self.chance.choice(self.people), self.chance.choice(self.weeks))

    def join(self, cohort: Cohort, _coach: User, weeks: Enrollment) -> None:
        if cohort.pk in self.oracle.open and (cohort.pk, weeks.pk) not in self.oracle.members:
            cohort.memberships.create(enrollment=weeks, joined_at=NOON)
            self.oracle.members.add((cohort.pk, weeks.pk))

    def grant(self, cohort: Cohort, coach: User, weeks: Enrollment) -> None:
        """Also where it shows nothing: to no coach of it, by no member."""
        scope = self.chance.choice(SCOPES)
        Consent.objects.grant(enrollment=weeks, coach=coach, cohort=cohort, scope=scope, now=NOON)
        self.oracle.granted[weeks.pk, coach.pk] = (cohort.pk, scope)

    def revoke(self, _cohort: Cohort, coach: User, weeks: Enrollment) -> None:
        Consent.objects.revoke_from(coach, enrollment=weeks, now=NOON)
        self.oracle.granted.pop((weeks.pk, coach.pk), None)

    def take_on(self, cohort: Cohort, coach: User, _weeks: Enrollment) -> None:
        """What they were let see before they coached it is asked for anew."""
        if cohort.pk not in self.oracle.open or (cohort.pk, coach.pk) in self.oracle.coaches:
            return
        cohort.take_on(coach, NOON)
        self.oracle.drop(cohort=cohort.pk, coach=coach.pk)
        self.oracle.coaches.add((cohort.pk, coach.pk))

    def part(self, cohort: Cohort, coach: User, _weeks: Enrollment) -> None:
        others = {who for where, who in self.oracle.coaches if where == cohort.pk} - {coach.pk}
        if (cohort.pk, coach.pk) not in self.oracle.coaches:
            return
        try:
            cohort.part_with(coach, NOON)
        except LastCoachError:
            assert not others
            return
        assert others
        self.oracle.coaches.remove((cohort.pk, coach.pk))
        self.oracle.drop(cohort=cohort.pk, coach=coach.pk)

    def leave(self, cohort: Cohort, _coach: User, weeks: Enrollment) -> None:
        """Its coaches see nothing of them by way of another cohort either."""
        if (cohort.pk, weeks.pk) not in self.oracle.members:
            return
        CohortMembership.objects.standing().of(cohort).get(enrollment=weeks).leave(NOON)
        self.oracle.members.remove((cohort.pk, weeks.pk))
        leads = {who for where, who in self.oracle.coaches if where == cohort.pk}
        for pair, (where, _scope) in list(self.oracle.granted.items()):
            if pair[0] == weeks.pk and (where == cohort.pk or pair[1] in leads):
                del self.oracle.granted[pair]

    def close(self, cohort: Cohort, _coach: User, _weeks: Enrollment) -> None:
        cohort.close(NOON + timedelta(hours=1))
        self.oracle.open.discard(cohort.pk)
        self.oracle.members = {pair for pair in self.oracle.members if pair[0] != cohort.pk}
        self.oracle.drop(cohort=cohort.pk)

    def compare(self) -> int:
        """How many pairs of coach and two weeks were seen."""
        found = 0
        with_words = ("entries", "moments")
        for coach in self.people:
            seen = list(Enrollment.objects.coached_by(coach).values_list("pk", flat=True))
            assert len(seen) == len(set(seen))
            assert set(seen) == self.oracle.seen(coach.pk)
            for rows, scopes in (
                (DailyEntry.objects.coached_by(coach), with_words),
                (Reflection.objects.coached_by(coach), with_words),
                (Encouragement.objects.written_by(coach), SCOPES),
            ):
                of = list(rows.order_by("pk").values_list("enrollment", flat=True))
                assert len(of) == len(set(of))
                expected = self.oracle.seen(coach.pk, scopes)
                assert set(of) == expected, rows.model
            in_cohorts = {
                pk
                for cohort in Cohort.objects.coached_by(coach)
                for pk in Enrollment.objects.coached_by(coach)
                .in_cohort(cohort)
                .values_list("pk", flat=True)
            }
            assert in_cohorts <= set(seen)
            found += len(seen)
        return found


@pytest.fixture
def people(carol: User, dave: User, erin: User) -> list[User]:
    return [carol, dave, erin]


@pytest.fixture
def weeks(alice: User, bob: User, people: list[User]) -> list[Enrollment]:
    """Of two members, and of a coach who walks too; each with words of their own."""
    found = [make_enrollment(participant=user) for user in (alice, bob, people[2])]
    for enrollment in found:
        make_entry(enrollment=enrollment, line="Told Ruth")
        make_reflection(enrollment=enrollment)
        for coach in people:
            Encouragement.objects.create(
                enrollment=enrollment, coach=coach, day=NOON.date(), text="Well", created_at=NOON
            )
    return found


def test_coach_sees_whom_the_oracle_says_in_random_cohorts(
    people: list[User], weeks: list[Enrollment]
) -> None:
    seen = 0
    for seed in range(GRAPHS):
        graph = Graph(seed, people, weeks)
        for _step in range(STEPS):
            graph.step()
        seen += graph.compare()
        Cohort.objects.all().delete()

    figure(
        "D4",
        f"differences between whom coaches see and whom they may, in {GRAPHS} random cohorts",
        0,
        bar="0",
        holds=True,
    )
    assert seen > GRAPHS / 4
