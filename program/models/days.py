"""What a day's page shows beside its entries, in the one query that finds the two weeks."""

from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from program.models.enrollments import Enrollment
from program.models.entries import DailyEntry
from program.models.people import Person
from program.models.steps import StepProgress


def with_beside[Rows: QuerySet[Enrollment]](enrollments: Rows, today: date) -> Rows:
    """Annotate `names` (of their people), `steps_in_place` (numbers) and `due`, requests to be
    asked again by `today`, soonest first."""
    weeks: Any = OuterRef("pk")
    people = Person.objects.of(OuterRef("participant")).as_names()
    in_place = StepProgress.objects.filter(enrollment=weeks, state=StepProgress.State.IN_PLACE)
    due = DailyEntry.objects.in_ledger(weeks).due(today).soonest_follow_up_first()
    asked = JSONObject(id="client_id", line="line", name="person__name")
    return enrollments.annotate(
        names=ArraySubquery(people),
        steps_in_place=ArraySubquery(in_place.order_by("number").values("number")),
        due=ArraySubquery(due.values(asked=asked)),
    )
