"""People in different states of their two weeks, to look at on a fresh installation.

Everybody here is invented, and so is every line.
"""

import uuid
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import cycle
from typing import Any

from allauth.account.models import EmailAddress
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from program.management.demo_coaching import (
    CO_COACH_EMAIL,
    CO_COACH_NAME,
    CO_COACH_SCOPES,
    COACH_EMAIL,
    COACH_NAME,
    COACH_ZONE,
    COHORTS,
    DemoCohort,
)
from program.management.demo_pages import create_public_page
from program.management.demo_people import (
    ANSWERS,
    LINES,
    OUTCOMES,
    PEOPLE,
    SIZES,
    Person,
)
from program.models import (
    Breakthrough,
    Cohort,
    Consent,
    DailyEntry,
    DayComment,
    DayPost,
    Enrollment,
    Finish,
    Pause,
    Reflection,
    StepProgress,
)

PASSWORD = "stones on a ridge"  # noqa: S105 - public on purpose, for a demo on one's own machine


class Command(BaseCommand):
    help = "Load a demo: a dozen people in different states of their two weeks."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing when there are accounts already"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not (options["if_empty"] and User.objects.exists()):
            with transaction.atomic():
                for person in PEOPLE:
                    _create(person, timezone.now())
                _create_cohorts(timezone.now())
                create_public_page(timezone.now())
        if User.objects.filter(email=PEOPLE[0].email).exists():
            self.stdout.write(f"Demo accounts, all with the password “{PASSWORD}”:")
            for person in PEOPLE[:4]:
                self.stdout.write(f"  {person.email:<22} {_state(person)}")
            self.stdout.write(f"  and {len(PEOPLE) - 4} more, in demo.py")
            self.stdout.write(f"  {COACH_EMAIL:<22} coaches {len(COHORTS)} cohorts")
            self.stdout.write(f"  {CO_COACH_EMAIL:<22} coaches the first of them with her")


def _state(person: Person) -> str:
    return f"day {person.day} of 14, {person.zone}"


def _create(person: Person, now: datetime) -> None:
    user = User.objects.create_user(
        person.email, PASSWORD, display_name=person.name, time_zone=person.zone
    )
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    today = Enrollment(participant=user).today(now)
    if person.earlier:
        _create_earlier(person, user, today, now)
    enrollment = Enrollment.begin(
        participant=user,
        starts_on=today - timedelta(days=person.day - 1),
        statement=person.statement,
        why=person.why,
        measure=person.measure,
        now=now - timedelta(days=max(person.day, 1)),
    )
    for known in person.known:
        roles = {f"is_{known.role}": True}
        user.people.create(name=known.name, note=known.note, created_at=now, **roles)
    _fill(enrollment, person, now)
    _reflect(enrollment, person, today, now)
    if person.pause:
        Pause.objects.put_pause(enrollment, back_on=today + timedelta(days=person.pause), now=now)


def _create_cohorts(now: datetime) -> None:
    coach, co_coach = (
        _create_coach(*of) for of in ((COACH_NAME, COACH_EMAIL), (CO_COACH_NAME, CO_COACH_EMAIL))
    )
    current = Enrollment.objects.current().select_related("participant")
    weeks = {row.participant.display_name.split()[0]: row for row in current}
    for demo in COHORTS:
        first = weeks.get(demo.starts_with)
        cohort = Cohort.open_by(
            coach,
            client_id=uuid.uuid4(),
            now=now,
            name=demo.name,
            welcome=demo.welcome,
            members_see=demo.members_see,
            starts_on=first.starts_on if first else None,
        )
        for name, scope in demo.scopes.items():
            cohort.memberships.create(
                enrollment=weeks[name],
                allows_nudges=True,
                members_see=demo.members_see,
                joined_at=now - timedelta(hours=1),
            )
            if scope:
                Consent.objects.grant(
                    enrollment=weeks[name], coach=coach, cohort=cohort, scope=scope, now=now
                )
        _post(cohort, demo, coach, now)
    cohort = Cohort.objects.get(name=COHORTS[0].name)
    cohort.take_on(co_coach, now)
    for name, scope in CO_COACH_SCOPES.items():
        Consent.objects.grant(
            enrollment=weeks[name], coach=co_coach, cohort=cohort, scope=scope, now=now
        )


def _create_coach(name: str, email: str) -> User:
    coach = User.objects.create_user(email, PASSWORD, display_name=name, time_zone=COACH_ZONE)
    EmailAddress.objects.create(user=coach, email=email, verified=True, primary=True)
    return coach


def _post(cohort: Cohort, demo: DemoCohort, coach: User, now: datetime) -> None:
    """Each post written and commented some hours ago."""
    members = {
        row.enrollment.participant.display_name.split()[0]: row
        for row in cohort.members().select_related("enrollment__participant")
    }
    for post in demo.posts:
        stored = DayPost.objects.save_words(
            cohort=cohort,
            number=post.number,
            coach=coach,
            title=post.title,
            text=post.text,
            based_on=0,
            now=now - timedelta(hours=9),
        )
        for hours, (name, words) in enumerate(post.comments, 1):
            DayComment.objects.leave(
                post=stored,
                membership=members[name],
                client_id=uuid.uuid4(),
                text=words,
                for_members=True,
                now=now - timedelta(hours=7 - hours),
            )
            stored.mark_read(members[name], now)


def _create_earlier(person: Person, user: User, today: date, now: datetime) -> None:
    begun = timedelta(days=person.day + 30)
    earlier = Enrollment.begin(
        participant=user, starts_on=today - begun, statement=person.earlier, now=now - begun
    )
    _fill(earlier, person, now - begun)
    earlier.end(now - begun + timedelta(days=15))


def _fill(enrollment: Enrollment, person: Person, now: datetime) -> None:
    """The entries of every day so far, each put down on its day."""
    today = enrollment.today(now)
    own_lines = _own_lines(person)
    answers = cycle(zip(OUTCOMES, SIZES, strict=True))
    for day, total in zip(enrollment.dates, person.totals.split(), strict=False):
        at = now - timedelta(days=(today - day).days, minutes=13 * len(person.name) % 97)
        for practice, count in zip(DailyEntry.Practice, total, strict=True):
            for number in range(1, int(count) + 1):
                line = next(own_lines[practice])
                is_request = practice == DailyEntry.Practice.REQUEST
                outcome, size = next(answers) if is_request else (None, "")
                entry = DailyEntry.objects.save_entry(
                    enrollment=enrollment,
                    client_id=enrollment.stone_id(day, practice, number),
                    day=day,
                    practice=practice,
                    placed=True,
                    line=line,
                    answer=ANSWERS.get(line),
                    outcome=outcome,
                    now=at,
                )
                if is_request:
                    revised = {"size": size, **_of_whom(person, line)}
                    DailyEntry.objects.revise(entry, revised, user=enrollment.participant, now=at)


def _of_whom(person: Person, line: str) -> dict[str, str]:
    names = [known.name for known in person.known]
    return next(({"of_whom": name} for name in names if line.startswith(name.split()[0])), {})


def _reflect(enrollment: Enrollment, person: Person, today: date, now: datetime) -> None:
    """What they wrote beside the entries."""
    if person.reflection:
        last_day = min(today, enrollment.dates[-1])
        at = now - timedelta(days=(today - last_day).days)
        Reflection.objects.save_text(
            enrollment=enrollment, day=last_day, text=person.reflection, based_on=0, now=at
        )
    for number, (state, note) in enumerate(person.steps, 1):
        step: dict[str, Any] = {"enrollment": enrollment, "number": number, "now": now}
        if note:
            StepProgress.objects.save_note(**step, text=note, based_on=0)
        StepProgress.objects.mark(**step, state=state)
    for moment in person.moments:
        day = enrollment.dates[moment.day - 1]
        caught = Breakthrough.catch(
            enrollment=enrollment, client_id=uuid.uuid4(), day=day, now=now, **moment.words()
        )
        caught.entries.set(DailyEntry.objects.of(enrollment).on(day)[:2])
    for question, who, answer in person.needs:
        answered_at = now if answer else None
        enrollment.needs.create(
            question=question, who=who, answer=answer, answered_at=answered_at, created_at=now
        )
    if person.finish:
        finish = Finish(enrollment=enrollment, **person.finish)
        Finish.objects.save_words(finish, based_on=0, now=now)
    waiting = DailyEntry.objects.of(enrollment).waiting().newest_first().first()
    if waiting and person.needs:
        again = {"follow_up_on": today}
        DailyEntry.objects.revise(waiting, again, user=enrollment.participant, now=now)


def _own_lines(person: Person) -> dict[str, Iterator[str]]:
    """Lines by practice without end: the person's own first, then those for everybody."""
    shift = len(person.name)
    lines: dict[str, Iterator[str]] = {}
    for practice, everybodys in LINES.items():
        own = [line for kind, line in person.lines if kind == practice]
        lines[practice] = cycle([*own, *everybodys[shift % 7 :], *everybodys[: shift % 7]])
    return lines
