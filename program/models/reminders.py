"""Mail that comes at a time becomes mails of the outbox: each once, none too late."""

from datetime import date, datetime

from django.db import transaction

from accounts.models import OutgoingMail
from program import calendar, schedule
from program.models.enrollments import Enrollment
from program.models.mail import REMINDERS, TIMED, MailChoice, MailKind, with_enrollments

BATCH = 200


def queue_due(now: datetime) -> int:
    """Intend a mail for each choice that is due, and say when it is due next; how many were.

    Two scans at once share the work, and the key of a mail is good for one. Who is not due costs
    nothing.
    """
    total = 0
    while count := _queue_batch(now):
        total += count
    return total


def _queue_batch(now: datetime) -> int:
    with transaction.atomic():
        due = MailChoice.objects.of_kinds(*TIMED).due(now).select_related("user")
        batch = list(due.select_for_update(skip_locked=True, of=("self",))[:BATCH])
        for choice, enrollment in with_enrollments(batch):
            _queue(choice, enrollment, now)
            choice.next_due_at = choice.due_after(now, enrollment)
        MailChoice.objects.bulk_update(batch, ["next_due_at"])
    return len(batch)


def _queue(choice: MailChoice, enrollment: Enrollment | None, now: datetime) -> None:
    """The one that was due, and today's: after an outage the first may be of a day that is over,
    and the outbox counts it as skipped. What they said between is not worth a row."""
    assert choice.next_due_at
    plan, clock = choice.plan(enrollment), choice.clock()
    about, ids = choice.user_id, {}
    if enrollment and choice.is_of_weeks:
        about, ids = enrollment.pk, {"enrollment": enrollment.pk}
    days = {calendar.local_date(at, *clock) for at in (choice.next_due_at, now)}
    if choice.kind == MailKind.LATER_QUESTIONS and plan.dates:
        # These are good for longer than a day: one that came due between may be of use yet.
        days.update(day for day in plan.dates if day > min(days))
    for day in sorted(days):
        due = schedule.due_on(day, plan, clock)
        if due and due <= now:
            OutgoingMail.objects.put(
                choice.kind,
                key=f"{choice.kind}:{about}:{day}",
                to=choice.user,
                payload={**ids, "day": day.isoformat()},
                now=now,
                not_before=due,
                not_after=schedule.last_call(choice.kind, day, due, clock),
            )


def still_due(kind: str, enrollment: Enrollment, day: date, now: datetime) -> MailChoice | None:
    """The choice by which a reminder of `day` leaves now; None when it does not any more.

    It was stopped or the days have moved meanwhile, or it is of the morning and the evening's is
    due as well: one is enough.
    """
    if enrollment.ended_at or not enrollment.participant.is_active:
        return None
    if enrollment.today(now) != day or day not in enrollment.dates:
        return None
    wanted = MailChoice.objects.owned_by(enrollment.participant).of_kinds(*REMINDERS).wanted()
    choices = wanted.select_related("user").by_kind()
    later = choices.get(MailKind.EVENING) if kind == MailKind.MORNING else None
    if later and (due := schedule.due_on(day, later.plan(enrollment), later.clock())):
        return None if due <= now else choices.get(kind)
    return choices.get(kind)


def repair(now: datetime) -> int:
    """Say anew when every one of them is due, in case a change forgot to; how many were put right.

    None that is due at the moment: that is the scan's.
    """
    wanted = MailChoice.objects.of_kinds(*TIMED).wanted()
    in_order = wanted.order_by("pk").values_list("pk", flat=True)
    count, last = 0, 0
    while pks := list(in_order.filter(pk__gt=last)[:BATCH]):
        batch = wanted.filter(pk__in=pks).exclude(next_due_at__lte=now)
        count, last = count + batch.reschedule(now), pks[-1]
    return count
