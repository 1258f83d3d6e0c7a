from datetime import date, datetime
from typing import TYPE_CHECKING, Self

from django.db import models, transaction
from django.db.models import F, Q

from accounts.models import User
from program import calendar

if TYPE_CHECKING:
    from program.models.enrollments import Enrollment


class NothingToPauseError(Exception):
    """None of the fourteen days is still open to be moved."""


class PauseQuerySet(models.QuerySet["Pause"]):
    def owned_by(self, user: User) -> Self:
        return self.filter(enrollment__participant=user)

    def of(self, enrollment: "Enrollment") -> Self:
        return self.filter(enrollment=enrollment)

    def not_over(self, today: date, last_used: date | None) -> Self:
        """The one that runs, or that begins tomorrow.

        What was put down after one says that it is over, also where a journey west has made its
        last day today again: no day that holds something moves.
        """
        pauses = self.filter(ends_on__gte=today)
        return pauses.filter(starts_on__gt=last_used) if last_used else pauses

    def planned_pause(self, enrollment: "Enrollment", *, back_on: date, today: date) -> "Pause":
        """What put_pause() would store: days that hold nothing yet move to `back_on` and after.

        The one that runs gets the new end. Raises NothingToPauseError when there is no such day.
        """
        pause = Pause.objects.of(enrollment).not_over(today, enrollment.last_used_day()).first()
        if pause is None:
            first = self.first_open_day(enrollment, today)
            if first is None:
                raise NothingToPauseError
            pause = Pause(enrollment=enrollment, starts_on=first)
        pause.ends_on = calendar.day_before(back_on)
        return pause

    def put_pause(self, enrollment: "Enrollment", *, back_on: date, now: datetime) -> None:
        """Raises NothingToPauseError as planned_pause() does."""
        with transaction.atomic():
            # As it is stored by now: another tab may have moved its days.
            enrollment = enrollment.lock()
            pause = self.planned_pause(enrollment, back_on=back_on, today=enrollment.today(now))
            if pause.starts_on == enrollment.starts_on:
                # Nothing is put down yet, so there is nothing to keep in its place.
                enrollment.start_on(back_on, now=now)
            else:
                pause.created_at = pause.created_at or now
                pause.save()
                enrollment.move_reminders(now)

    def first_open_day(self, enrollment: "Enrollment", today: date) -> date | None:
        """The first of the fourteen, today at the earliest, from which on nothing is put down."""
        last = enrollment.last_used_day()
        first = today if last is None or last < today else calendar.day_after(last)
        return next((day for day in enrollment.dates if day >= first), None)

    def end_pause(self, enrollment: "Enrollment", *, now: datetime) -> None:
        """Come back today; a pause that has not begun is as if it had never been."""
        with transaction.atomic():
            enrollment.lock()
            today = enrollment.today(now)
            for pause in self.of(enrollment).not_over(today, enrollment.last_used_day()):
                if pause.starts_on >= today:
                    pause.delete()
                else:
                    pause.ends_on = calendar.day_before(today)
                    pause.save(update_fields=["ends_on"])
            enrollment.move_reminders(now)


class Pause(models.Model):
    """Days that are none of the fourteen: those still ahead move behind them.

    A pause holds no entry: it begins, today at the earliest, on a day that holds nothing yet.
    """

    enrollment = models.ForeignKey(
        "program.Enrollment", on_delete=models.CASCADE, related_name="pauses"
    )
    starts_on = models.DateField()
    ends_on = models.DateField()
    created_at = models.DateTimeField()

    objects = PauseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="pause_ends_after_it_starts"
            ),
            models.UniqueConstraint(
                fields=["enrollment", "starts_on"], name="pause_one_from_each_day"
            ),
        ]

    def __str__(self) -> str:
        return f"Pause from {self.starts_on} to {self.ends_on}"
