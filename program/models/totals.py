"""How much there is of everything, for those who run the site: counts, and no row of anybody's."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Q

from accounts.models import User
from program import calendar
from program.models.cohorts import Cohort
from program.models.enrollments import Enrollment

WEEK = timedelta(hours=7 * 24)


@dataclass(frozen=True)
class Totals:
    accounts: int
    new_accounts: int  # of the last seven days
    switched_off: int
    running: int  # two weeks that are on one of their days, by the UTC date
    cohorts: int


def totals(now: datetime) -> Totals:
    accounts = User.objects.aggregate(
        accounts=Count("pk"),
        new_accounts=Count("pk", filter=Q(date_joined__gt=now - WEEK)),
        switched_off=Count("pk", filter=Q(is_active=False)),
    )
    today = calendar.local_date(now, ZoneInfo("UTC"))
    return Totals(
        **accounts,
        running=Enrollment.objects.current().on_their_days(today).count(),
        cohorts=Cohort.objects.open().count(),
    )
