"""Short words to who is quiet: to whoever allows it, and one a day."""

from datetime import date, datetime, timedelta
from typing import Self

from django.db import models, transaction
from django.db.models import Exists, F

from accounts.models import OutgoingMail, User
from program.models.cohorts import Cohort, CohortMembership
from program.models.enrollments import Enrollment
from program.models.scopes import seen_by

# Who has the page open reads it there: what was read by then is not mailed.
MAILED_AFTER = timedelta(minutes=5)


class NudgeNotAllowedError(Exception):
    """They take no nudges, or it is none of their fourteen days."""


class NudgedTodayError(Exception):
    """One a day: somebody has sent it."""


class NudgeQuerySet(models.QuerySet["Nudge"]):
    def owned_by(self, user: User) -> Self:
        """Those that were sent to the participant."""
        return self.filter(enrollment__participant=user)

    def of(self, enrollment: Enrollment) -> Self:
        return self.filter(enrollment=enrollment)

    def to_be_mailed(self) -> Self:
        """Those that were not read yet, of coaches who see something of the person still."""
        return self.filter(seen_by(F("coach"), path="enrollment__"), read_at__isnull=True)

    def send(
        self, *, coach: User, membership: CohortMembership, text: str, now: datetime
    ) -> "Nudge":
        """A nudge for the participant's own today; the same one sent twice is one.

        Raises NudgeNotAllowedError, or NudgedTodayError when any coach sent another.
        """
        enrollment = membership.enrollment
        today = enrollment.today(now)
        if not membership.allows_nudges or enrollment.ended_at or today not in enrollment.dates:
            raise NudgeNotAllowedError
        with transaction.atomic():
            stored, is_new = self.get_or_create(
                enrollment=enrollment,
                on=today,
                defaults={"coach": coach, "text": text, "created_at": now},
            )
            if is_new:
                _mail([stored], now)
        if not is_new and (stored.coach_id, stored.text) != (coach.pk, text):
            raise NudgedTodayError
        return stored

    def send_to_all(
        self,
        *,
        coach: User,
        cohort: Cohort,
        days: dict[int, date],
        text: str,
        now: datetime,
    ) -> int:
        """To those of `days` ({pk of an enrollment: its own today}) who allow it and had none on
        that day; returns to how many."""
        allowed = cohort.members().filter(
            allows_nudges=True, enrollment__in=days, enrollment__ended_at=None
        )
        rows = [
            Nudge(enrollment_id=pk, coach=coach, on=days[pk], text=text, created_at=now)
            for pk in allowed.order_by("pk").values_list("enrollment", flat=True)
        ]
        with transaction.atomic():
            Nudge.objects.bulk_create(rows, ignore_conflicts=True)
            sent = list(
                Nudge.objects.filter(
                    coach=coach, text=text, created_at=now, enrollment__in=days
                ).select_related("enrollment__participant")
            )
            _mail(sent, now)
        return len(sent)

    def may_be_sent(self, cohort: Cohort, enrollment: Enrollment, now: datetime) -> bool:
        """Whether they allow it, are on one of their fourteen days, and had none on it."""
        today = enrollment.today(now)
        if enrollment.ended_at or today not in enrollment.dates:
            return False
        nudged = self.of(enrollment).filter(on=today)
        members = cohort.members().filter(enrollment=enrollment, allows_nudges=True)
        return members.filter(~Exists(nudged)).exists()

    def mark_read(self, day: date, now: datetime) -> None:
        """What was read before keeps its hour."""
        self.filter(on=day, read_at__isnull=True).update(read_at=now)


class Nudge(models.Model):
    """A short word to somebody who is quiet; one a day each, whoever of the coaches sends it."""

    TEXT_MAX_LENGTH = 280

    enrollment = models.ForeignKey(Enrollment, on_delete=models.CASCADE, related_name="nudges")
    coach = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="nudges")
    # The participant's own date.
    on = models.DateField()
    text = models.CharField(max_length=TEXT_MAX_LENGTH)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NudgeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrollment", "on"], name="nudge_one_a_day"),
        ]

    def __str__(self) -> str:
        return f"Nudge on {self.on}"


def _mail(nudges: "list[Nudge]", now: datetime) -> None:
    mails = [
        OutgoingMail.intend(
            "nudge",
            key=f"nudge:{nudge.pk}",
            to=nudge.enrollment.participant,
            payload={"nudge": nudge.pk},
            now=now,
            not_before=now + MAILED_AFTER,
        )
        for nudge in nudges
    ]
    OutgoingMail.objects.put_all(mails)
