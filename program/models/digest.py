"""What a coach's digest is made of: of each cohort who might like a word, and what waits."""

from dataclasses import dataclass
from datetime import date, datetime

from accounts.models import User
from program import calendar, cohort_table
from program.cohort_table import Member, Show
from program.models.coaching import WAITING_DAYS, without_answer
from program.models.cohorts import Cohort
from program.models.enrollments import Enrollment
from program.models.entries import DailyEntry
from program.models.progress import members
from program.models.reflections import Reflection


@dataclass(frozen=True)
class News:
    cohort: Cohort
    # Whom a flag names, in the order of the table.
    in_need: list[Member]
    # Days of somebody that hold shared words, and no coach's answer since: the length of the queue.
    waiting: int


def news(coach: User, now: datetime) -> list[News]:
    """Of the cohorts that have any, as far as the coach sees their people now; no text is read."""
    seen = {member.pk: member for member in members(Enrollment.objects.coached_by(coach), now)}
    today = calendar.local_date(now, coach.zone, coach.day_end_hour)
    found = []
    for cohort in Cohort.objects.coached_by(coach).with_member_pks().newest_first():
        shared = [seen[pk] for pk in cohort.member_pks if pk in seen]
        in_need = cohort_table.in_order(cohort_table.shown(shared, Show.NEEDS_A_WORD))
        waiting = [
            (pk, day)
            for pk, day in _days_without_answer(coach, cohort, today)
            # A day that a pause took out of the fourteen takes no note.
            if pk in seen and day in seen[pk].dates
        ]
        if in_need or waiting:
            found.append(News(cohort, in_need, len(waiting)))
    return found


def _days_without_answer(coach: User, cohort: Cohort, today: date) -> set[tuple[int, date]]:
    since = calendar.in_days(today, 1 - WAITING_DAYS)
    entries = without_answer(
        DailyEntry.objects.coached_by(coach).with_words(),
        cohort=cohort,
        since=since,
        written_at="created_at",
    )
    reflections = without_answer(
        Reflection.objects.coached_by(coach).with_words(),
        cohort=cohort,
        since=since,
        written_at="updated_at",
    )
    return {
        found
        for rows in (entries, reflections)
        for found in rows.prefetch_related(None).values_list("enrollment", "day").distinct()
    }
