"""What a day's page shows beside its entries, in the one query that finds the two weeks."""

from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import JSONObject

from accounts.models import User
from breakthrough.built_once import STAND_IN, BuiltOnce
from program.models.coaching import Encouragement
from program.models.enrollments import Enrollment, EnrollmentQuerySet
from program.models.entries import DailyEntry
from program.models.nudges import Nudge
from program.models.people import Person
from program.models.reflections import Reflection
from program.models.steps import StepProgress
from program.models.stones import Counts, by_day

# Of coaches who write a great deal, a page announces so many at a time.
_MAX_NOTES = 50


def with_beside[Rows: QuerySet[Enrollment]](enrollments: Rows, today: date, shown: date) -> Rows:
    """Annotate `names` (of their people), `steps_in_place` (numbers) and `due`, requests to be
    asked again by `today`, soonest first; and what coaches wrote: `notes`, those on the day that
    is `shown` and the unread ones of other days, oldest first, and `day_nudges`; and what was
    written down at the end of that day, `day_reflection`."""
    weeks: Any = OuterRef("pk")
    people = Person.objects.of(OuterRef("participant")).as_names()
    in_place = StepProgress.objects.filter(enrollment=weeks, state=StepProgress.State.IN_PLACE)
    due = DailyEntry.objects.in_ledger(weeks).due(today).soonest_follow_up_first()
    reflection = Reflection.objects.filter(enrollment=weeks).on(shown)
    asked = JSONObject(id="client_id", line="line", name="person__name")
    return enrollments.annotate(
        names=ArraySubquery(people),
        steps_in_place=ArraySubquery(in_place.order_by("number").values("number")),
        due=ArraySubquery(due.values(asked=asked)),
        notes=ArraySubquery(_notes(weeks, shown)),
        day_nudges=ArraySubquery(_nudges(weeks, shown)),
        day_reflection=Subquery(reflection.values(said=JSONObject(text="text", version="version"))),
    )


def current(user: User) -> Enrollment | None:
    """The user's current two weeks with their goal and pauses."""
    return _with_owner(user, _CURRENT.objects(participant=user.pk))


def current_with_page(user: User, today: date, shown: date) -> Enrollment | None:
    """The same with all that with_beside() tells of the day that is shown."""
    values = {"participant": user.pk, "today": today, "shown": shown}
    return _with_owner(user, _WITH_PAGE.objects(**values))


def counts_of(enrollment: Enrollment) -> Counts:
    return by_day(_COUNTS.rows(weeks=enrollment.pk))


def _with_owner(user: User, found: list[Enrollment]) -> Enrollment | None:
    for enrollment in found:
        enrollment.participant = user  # their clock is at hand: no query for it
        return enrollment
    return None


def _current(participant: int) -> EnrollmentQuerySet:
    return Enrollment.objects.owned_by(User(pk=participant)).current().with_goal().with_pauses()


_CURRENT = BuiltOnce(_current, participant=STAND_IN)
_WITH_PAGE = BuiltOnce(
    lambda participant, today, shown: with_beside(_current(participant), today, shown),
    participant=STAND_IN,
    today=date(1, 1, 1),
    shown=date(1, 1, 2),
)
_COUNTS = BuiltOnce(
    lambda weeks: DailyEntry.objects.of(Enrollment(pk=weeks)).count_rows(), weeks=STAND_IN
)


def _notes(weeks: Any, shown: date) -> QuerySet[Any]:
    """The line that a note is on is left out once its entry is removed."""
    notes = Encouragement.objects.filter(Q(day=shown) | Q(read_at=None), enrollment=weeks)
    kept = {"entry__removed_at": None}
    said = JSONObject(
        id="client_id",
        day="day",
        at="created_at",
        text="text",
        coach="coach__display_name",
        read_at="read_at",
        entry=Case(When(**kept, then="entry__client_id")),
        line=Case(When(**kept, then="entry__line")),
    )
    # The day's own first, so that none of them falls off the end.
    own_first = (
        notes.kept().alias(is_elsewhere=~Q(day=shown)).order_by("is_elsewhere", "created_at", "pk")
    )
    return own_first.values(said=said)[:_MAX_NOTES]


def _nudges(weeks: Any, shown: date) -> QuerySet[Any]:
    said = JSONObject(
        day="on", at="created_at", text="text", coach="coach__display_name", read_at="read_at"
    )
    return Nudge.objects.filter(enrollment=weeks, on=shown).values(said=said)
