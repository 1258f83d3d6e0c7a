"""Which mail somebody wants, and when; nothing comes that was not chosen."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from typing import Self

from django.core.signing import BadSignature, Signer
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from program import schedule
from program.models.enrollments import Enrollment


class MailKind(models.TextChoices):
    MORNING = "morning", _("Morning reminders")
    EVENING = "evening", _("Evening reminders")
    COACH_NOTE = "coach_note", _("Notes from your coach")
    COACH_DIGEST = "coach_digest", _("What is new in your cohorts")
    LATER_QUESTIONS = "later_questions", _("Questions after thirty and ninety days")
    REPLIES = "replies", _("What was left on your page")


# Those that come at a time of the fourteen days.
REMINDERS = (MailKind.MORNING, MailKind.EVENING)
# Those that come at a time.
TIMED = (*REMINDERS, MailKind.COACH_DIGEST, MailKind.LATER_QUESTIONS, MailKind.REPLIES)
# Of which nobody chooses the time.
FIXED_AT = {str(MailKind.LATER_QUESTIONS): time(10), str(MailKind.REPLIES): time(9)}
EVERY_DAY = "0123456"

# Links in mail carry no secret of ours, only who and what, signed for one purpose each. They never
# expire, and do nothing but stop mail.
_ONE_KIND = Signer(salt="program.mail.one-kind", sep=".")
_ALL_KINDS = Signer(salt="program.mail.all-kinds", sep=".")


def one_kind_token(user: User, kind: str) -> str:
    """Of a link that stops this kind of mail."""
    return _ONE_KIND.sign(f"{user.pk}-{kind}")


def all_kinds_token(user: User) -> str:
    """Of a link to all that somebody gets."""
    return _ALL_KINDS.sign(str(user.pk))


class MailChoiceQuerySet(models.QuerySet["MailChoice"]):
    def owned_by(self, user: User) -> Self:
        return self.filter(user=user)

    def of_one_kind(self, token: str) -> Self:
        """The one that a link in a mail is for; none for a token that we did not sign."""
        try:
            pk, _dash, kind = _ONE_KIND.unsign(token).partition("-")
        except BadSignature:
            return self.none()
        return self.filter(user=int(pk), kind=kind)

    def of_all_kinds(self, token: str) -> Self:
        """All of the person that a link in a mail is for; none for a token that we did not sign."""
        try:
            return self.filter(user=int(_ALL_KINDS.unsign(token)))
        except BadSignature:
            return self.none()

    def of_kinds(self, *kinds: str) -> Self:
        return self.filter(kind__in=kinds)

    def wanted(self) -> Self:
        return self.filter(stopped_at__isnull=True)

    def due(self, now: datetime) -> Self:
        return self.filter(next_due_at__lte=now).order_by("next_due_at", "pk")

    def in_order_of_kinds(self) -> list["MailChoice"]:
        kinds = list(MailKind)
        return sorted(self, key=lambda choice: kinds.index(MailKind(choice.kind)))

    def by_kind(self) -> dict[str, "MailChoice"]:
        return {choice.kind: choice for choice in self}

    def choose(
        self,
        user: User,
        kind: str,
        *,
        now: datetime,
        at: time | None = None,
        weekdays: str = EVERY_DAY,
    ) -> None:
        """Mail of this kind from now on; `at` and `weekdays` for a kind that comes at a time."""
        when = {"at": at or FIXED_AT.get(kind), "weekdays": weekdays}
        if self.wanted().filter(user=user, kind=kind, **when).exists():
            return  # One that is due this minute stays due.
        wanted = when | {"chosen_at": now, "stopped_at": None}
        self.update_or_create(user=user, kind=kind, defaults=wanted)
        self.owned_by(user).of_kinds(kind).reschedule(now)

    def begin(self, user: User, kind: str, now: datetime) -> None:
        """As choose(), for who has neither chosen this kind nor stopped it so far."""
        if not self.filter(user=user, kind=kind).exists():
            self.choose(user, kind, now=now)

    def stop(self, now: datetime) -> None:
        """No more of it; the time is kept, for whoever chooses it again."""
        self.wanted().update(stopped_at=now, next_due_at=None)

    def reschedule(self, now: datetime) -> int:
        """Say anew when each that comes at a time is next due: that time, the clock of the person
        or the dates of the two weeks have changed. How many were to be told anew is returned."""
        timed = self.of_kinds(*TIMED).wanted().select_related("user")
        moved = []
        for choice, enrollment in with_enrollments(timed):
            due_at = choice.due_after(now, enrollment)
            if due_at != choice.next_due_at:
                choice.next_due_at = due_at
                moved.append(choice)
        MailChoice.objects.bulk_update(moved, ["next_due_at"])
        return len(moved)


class MailChoice(models.Model):
    """That somebody wants mail of one kind; stopped, it keeps the time for another try."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="mail_choices")
    kind = models.CharField(max_length=15, choices=MailKind)
    # By the clock of the person, for kinds that come at a time; the weekdays are the digits of
    # date.weekday(), "01234" from Monday to Friday.
    at = models.TimeField(null=True, blank=True)
    weekdays = models.CharField(max_length=7, default=EVERY_DAY)
    chosen_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True, blank=True)
    # Follows from all of the above and the two weeks, so that who is not due costs the scan
    # nothing; whoever changes one of them calls reschedule().
    next_due_at = models.DateTimeField(null=True, blank=True)

    objects = MailChoiceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "kind"], name="mail_choice_one_per_kind"),
            models.CheckConstraint(
                condition=Q(kind__in=[str(kind) for kind in MailKind]),
                name="mail_choice_kind_known",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=[str(kind) for kind in TIMED]) | Q(at__isnull=False),
                name="mail_choice_timed_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(stopped_at__isnull=True) | Q(next_due_at__isnull=True),
                name="mail_choice_stopped_is_never_due",
            ),
        ]
        indexes = [
            models.Index(
                fields=["kind", "next_due_at"],
                condition=Q(next_due_at__isnull=False),
                name="mail_choice_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.user}"

    @property
    def is_wanted(self) -> bool:
        return self.stopped_at is None

    @property
    def is_of_weeks(self) -> bool:
        return self.kind not in {MailKind.COACH_DIGEST, MailKind.REPLIES}

    def plan(self, enrollment: Enrollment | None) -> schedule.Plan:
        """A reminder has no day outside of two weeks, and a question none without them; a digest
        has every day."""
        assert self.at is not None
        dates: tuple[date, ...] = ()
        if enrollment:
            is_later = self.kind == MailKind.LATER_QUESTIONS
            dates = enrollment.later_dates if is_later else enrollment.dates
        weekdays = {int(day) for day in self.weekdays}
        return schedule.Plan(self.at, weekdays, dates if self.is_of_weeks else None)

    def clock(self) -> schedule.Clock:
        return schedule.Clock(self.user.zone, self.user.day_end_hour)

    def due_after(self, after: datetime, enrollment: Enrollment | None) -> datetime | None:
        if not self.is_wanted:
            return None
        return schedule.next_due(self.plan(enrollment), self.clock(), after=after)


def with_enrollments(
    choices: Iterable[MailChoice],
) -> Iterator[tuple[MailChoice, Enrollment | None]]:
    """Each with the current two weeks of the person, all of them in one query."""
    found: dict[int, list[MailChoice]] = defaultdict(list)
    for choice in choices:
        found[choice.user_id].append(choice)
    if not found:
        return
    current = Enrollment.objects.filter(participant__in=found).current().with_pauses()
    enrollments = {enrollment.participant_id: enrollment for enrollment in current}
    for user_id, of_user in found.items():
        for choice in of_user:
            if enrollment := enrollments.get(user_id):
                enrollment.participant = choice.user
            yield choice, enrollment
