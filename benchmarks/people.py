"""Invented people by the hundred thousand: one is made as the app makes them, then copied within
the database.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta

from allauth.account.models import EmailAddress
from django.db import connection
from django.db.models import Model, UUIDField

from accounts.models import User
from program.curriculum import DAYS, PRACTICES, STONES_PER_PRACTICE
from program.models import (
    DailyEntry,
    Enrollment,
    Goal,
    Person,
    Reflection,
    StepProgress,
)
from program.models.mail import MailChoice, MailKind

WALKERS = 100  # whose pages are asked for
# The keys of the copies: that of the n-th person, and of their two weeks.
BASE = 1_000_000
# One person in ten has come to day 14 today; the others are two weeks or more past it.
CURRENT = 10
WORDS = "Told the woman who runs the library about the repair corner"


def make_template(now: datetime) -> Enrollment:
    """All fourteen days full, with words on everything; today is the last."""
    user = User.objects.create_user("template@example.org", display_name="Alice Andersson")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    enrollment = Enrollment.begin(
        participant=user,
        starts_on=now.date() - timedelta(days=DAYS - 1),
        statement="Open a repair corner in the library, where people mend things together",
        why="Things should last, and people who mend together get to know each other.",
        measure="One evening with ten people and one mended toaster.",
        now=now,
    )
    for day in enrollment.dates:
        for practice in PRACTICES:
            for place in range(1, STONES_PER_PRACTICE + 1):
                DailyEntry.objects.save_entry(
                    enrollment=enrollment,
                    client_id=enrollment.stone_id(day, practice.key, place),
                    day=day,
                    practice=practice.key,
                    placed=True,
                    line=WORDS,
                    now=now,
                )
        Reflection.objects.save_text(
            enrollment=enrollment, day=day, text=f"{WORDS}.", based_on=0, now=now
        )
    for number in range(1, 5):
        StepProgress.objects.create(
            enrollment=enrollment,
            number=number,
            state=StepProgress.State.IN_PLACE,
            version=1,
            updated_at=now,
        )
    for name in ("Imani Wekesa", "Ruth", "Per Olov", "Mina", "Jonas Berg"):
        Person.objects.create(user=user, name=name, created_at=now)
    MailChoice.objects.choose(user, MailKind.MORNING, at=time(8), now=now)
    return enrollment


def grow_to(template: Enrollment, last: int) -> None:
    """Copies, until there are `last` of them."""
    first = Enrollment.objects.filter(pk__gt=BASE).count() + 1
    if last - first < 50_000:
        copy(template, first, last)
    else:
        with without_indexes(DailyEntry):
            copy(template, first, last)
    settle()


def copy(enrollment: Enrollment, first: int, last: int) -> None:
    """The people numbered `first` to `last`, with all rows of the template."""
    user = enrollment.participant_id
    mine = f"{BASE} + n"
    owner = {"participant_id": mine, "user_id": mine, "enrollment_id": mine}
    earlier = f"- {DAYS} * 5 * (n % {CURRENT})"
    with connection.cursor() as cursor:

        def rows(model: type[Model], where: str, **changes: str) -> None:
            fields = model._meta.concrete_fields
            fresh = {f.attname: "gen_random_uuid()" for f in fields if isinstance(f, UUIDField)}
            changes = owner | fresh | changes
            columns = [f.attname for f in fields if f.attname != "id" or "id" in changes]
            values = ", ".join(changes.get(each, f'"{each}"') for each in columns)
            names = ", ".join(f'"{each}"' for each in columns)
            table = model._meta.db_table
            cursor.execute(
                f"INSERT INTO {table} ({names}) SELECT {values} FROM {table},"  # noqa: S608
                f" generate_series({first}, {last}) n WHERE {where} ORDER BY n"
            )

        # Foreign keys hold by the way the rows are made; to check them takes most of the time.
        cursor.execute("SET session_replication_role = replica")
        email = "'p' || n || '@example.org'"
        rows(User, f"id = {user}", id=mine, email=email)
        rows(EmailAddress, f"user_id = {user}", email=email)
        weeks = f"enrollment_id = {enrollment.pk}"
        rows(Enrollment, f"id = {enrollment.pk}", id=mine, starts_on=f"starts_on {earlier}")
        rows(Goal, weeks)
        rows(DailyEntry, weeks, day=f"day {earlier}")
        rows(Reflection, weeks, day=f"day {earlier}")
        rows(StepProgress, weeks)
        rows(Person, f"user_id = {user}")
        rows(MailChoice, f"user_id = {user}", next_due_at="now() + interval '1 day'")
        cursor.execute(  # sessions of a size as a login makes them
            "INSERT INTO django_session SELECT md5(n::text), repeat(md5(n::text), 12),"
            " now() + interval '30 days' FROM generate_series(%s, %s) n",
            [first, last],
        )
        cursor.execute("RESET session_replication_role")


@contextmanager
def without_indexes(model: type[Model]) -> Iterator[None]:
    """To fill a table and index it afterwards takes a third of the time."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = %s::regclass AND contype = 'u'",
            [table],
        )
        constraints = dict(cursor.fetchall())
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexname NOT IN"
            " (SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass)",
            [table, table],
        )
        indexes = dict(cursor.fetchall())
        for name in constraints:
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        for name in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        yield
        cursor.execute("SET maintenance_work_mem = '512MB'")
        for definition in indexes.values():
            cursor.execute(definition)
        for name, definition in constraints.items():
            cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
        cursor.execute("RESET maintenance_work_mem")


def settle() -> None:
    """As autovacuum and the checkpointer leave the tables; their work is not measured."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")
        cursor.execute("CHECKPOINT")


def walkers(people: int) -> list[Enrollment]:
    """A hundred of `people`, spread over all of them, with three of today's six stones placed.

    Their entries get the ids that the page gives to its places.
    """
    keys = [BASE + (number + 1) * people // WALKERS for number in range(WALKERS)]
    found = list(Enrollment.objects.filter(pk__in=keys).select_related("participant"))
    assert len(found) == WALKERS
    for enrollment in found:
        rows = list(DailyEntry.objects.of(enrollment).order_by("day", "practice", "pk"))
        for number, row in enumerate(rows):
            place = number % STONES_PER_PRACTICE + 1
            row.client_id = enrollment.stone_id(row.day, row.practice, place)
            if row.day == enrollment.dates[-1] and place == STONES_PER_PRACTICE:
                row.placed_at = None
        DailyEntry.objects.bulk_update(rows, ["client_id", "placed_at"])
    return found
