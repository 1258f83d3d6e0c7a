"""The ledger of requests: what of the entries is a request, over all days, and what came of it."""

from collections.abc import Collection
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q

from accounts.models import User
from program.models.enrollments import Enrollment
from program.models.stones import StoneQuerySet

if TYPE_CHECKING:
    from program.models.entries import DailyEntry
    from program.models.people import Person

# Nothing came back yet, so it can be asked again.
OPEN_OUTCOMES = ("waiting", "unanswered")


class RequestQuerySet(StoneQuerySet):
    """What DailyEntry.objects knows about requests."""

    def in_ledger(self, enrollment: Enrollment) -> Self:
        """The requests of these two weeks and those carried into them; planned ones too."""
        return self.filter(
            Q(enrollment=enrollment) | Q(carried_into=enrollment),
            practice="request",
            removed_at__isnull=True,
        )

    def made(self) -> Self:
        return self.placed().filter(practice="request")

    def planned(self) -> Self:
        """Words without a stone: still to ask."""
        return self.filter(placed_at__isnull=True).exclude(line="", answer="")

    def with_outcome(self, outcome: str) -> Self:
        return self.filter(outcome=outcome)

    def waiting(self) -> Self:
        """Made, and nobody has answered yet."""
        return self.made().with_outcome("waiting")

    def granted(self) -> Self:
        return self.made().with_outcome("granted")

    def due(self, today: date) -> Self:
        """Made, without an answer, and to be asked again by `today`."""
        return self.made().filter(_due(today))

    def to_follow_up(self) -> Self:
        """Made, without an answer, and to be asked again some day."""
        open_still = self.made().filter(follow_up_on__isnull=False, outcome__in=OPEN_OUTCOMES)
        return open_still.order_by("follow_up_on", "pk")

    def newest_first(self) -> Self:
        return self.order_by("-day", "-created_at", "-pk")

    def soonest_follow_up_first(self) -> Self:
        return self.order_by("follow_up_on", "pk")

    def with_person(self) -> Self:
        return self.select_related("person")

    def identified(self, client_id: UUID, enrollment: Enrollment) -> Self:
        """By the client's id; that of the enrollment first, for a carried one may share it."""
        own_first = self.filter(client_id=client_id).alias(is_own=Q(enrollment=enrollment))
        return own_first.order_by("-is_own", "-pk")

    def totals(self, today: date, *, week_of: Enrollment, week: Collection[date]) -> dict[str, int]:
        """How many were made: by outcome, `all`, `due`, and in the `week` of the enrollment."""
        outcomes = {
            outcome: Count("pk", filter=Q(outcome=outcome)) for outcome in self.model.Outcome.values
        }
        this_week = Q(enrollment=week_of, day__in=week)
        return self.made().aggregate(
            all=Count("pk"),
            due=Count("pk", filter=_due(today)),
            week=Count("pk", filter=this_week),
            **outcomes,
        )

    def revise(
        self, entry: "DailyEntry", wanted: dict[str, Any], *, user: User, now: datetime
    ) -> "DailyEntry":
        """Write the fields that `wanted` names and no other; a repeat changes nothing.

        `of_whom` is a name: of somebody in the list, of somebody new, or empty for nobody. An
        answer takes the date to ask again away. Raises DailyEntry.DoesNotExist when the entry was
        removed meanwhile.
        """
        with transaction.atomic():
            # One at a time, so that a double tap finds the person that the first tap added.
            # No stronger than that: who begins again holds the entry and refers to the user then.
            User.objects.select_for_update(no_key=True).get(pk=user.pk)
            stored = self.select_for_update(of=("self",), no_key=True).get(pk=entry.pk)
            for name, value in wanted.items():
                if name == "of_whom":
                    stored.person = _person(stored, value, user, now)
                else:
                    setattr(stored, name, value)
            if stored.outcome not in OPEN_OUTCOMES:
                stored.follow_up_on = None
            stored.save(
                update_fields=["line", "person", "size", "outcome", "answer", "follow_up_on"]
            )
        return stored


def is_due(entry: "DailyEntry", today: date) -> bool:
    """What RequestQuerySet.due() holds, of one that was made."""
    day = entry.follow_up_on
    return day is not None and day <= today and entry.outcome in OPEN_OUTCOMES


def _due(today: date) -> Q:
    return Q(follow_up_on__lte=today, outcome__in=OPEN_OUTCOMES)


def _person(entry: "DailyEntry", name: str, user: User, now: datetime) -> "Person | None":
    if not name:
        return None
    if entry.person and entry.person.name.casefold() == name.casefold():
        # Also of two with one name, or who has left the list since.
        return entry.person
    people = user.people.kept().order_by("pk")
    known = people.filter(name__iexact=name).first()
    return known or user.people.create(name=name, created_at=now)
