"""Mail to be sent, and what became of it. The rows are the truth; the queue only wakes a worker."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NotRequired, Self, TypedDict, Unpack

from django.conf import settings
from django.db import models, transaction
from django.db.models import Count, Exists, Min, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app as procrastinate

from accounts.models.hold import MailHold
from accounts.models.users import User
from accounts.outbox import KINDS, Delivery

# While a worker has a mail in hand. Longer than a mail server may keep it waiting, and short enough
# that what a killed worker left goes on within 90 seconds.
LEASE = timedelta(seconds=45)
# After the first try, the second, …: then the mail is given up.
PAUSES = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 240, 240)]
# What was sent is known for so long: a key of that age is never written again.
KEPT = timedelta(hours=30 * 24)


class Intent(TypedDict):
    """A mail that is to be, beside its kind: about what, to whom and when."""

    key: str
    to: User | str
    now: datetime
    # Ids, and never words.
    payload: NotRequired[dict[str, Any]]
    # A mail that was composed before, as in OutgoingMail.content.
    content: NotRequired[dict[str, Any]]
    not_before: NotRequired[datetime]
    # Later than that it is not sent; by default its kind says how long it is worth sending.
    not_after: NotRequired[datetime | None]


class OutgoingMailQuerySet(models.QuerySet["OutgoingMail"]):
    def put(self, kind: str, **intent: Unpack[Intent]) -> bool:
        """Intend a mail, in the caller's transaction; a key that was there before changes nothing.

        Whether it is new is returned.
        """
        mail = self.model.intend(kind, **intent)
        with transaction.atomic():
            self.put_all([mail])
            # With ON CONFLICT DO NOTHING no key comes back: ask which row carries it.
            pk = self.filter(public_id=mail.public_id).values_list("pk", flat=True).first()
            if pk is not None and mail.not_before <= intent["now"]:
                # In the same transaction: a mail that is rolled back wakes nobody.
                wake("accounts.tasks.deliver", mail=pk)
        return pk is not None

    def put_all(self, mails: "list[OutgoingMail]") -> None:
        """Those that `intend` made, however many, for the next scan; keys that were there stay."""
        OutgoingMail.objects.bulk_create(mails, ignore_conflicts=True, batch_size=1000)

    def due(self, now: datetime) -> Self:
        """What may leave, and what a killed worker left that may be sent again."""
        is_waiting = Q(state=OutgoingMail.State.WAITING, not_before__lte=now)
        is_left = Q(
            state=OutgoingMail.State.SENDING,
            lease_until__lte=now,
            delivery=Delivery.AT_LEAST_ONCE,
        )
        # Of a copy nothing is due, whoever asks and however late: it is said in the query.
        is_held = Exists(MailHold.objects.all())
        return self.filter(is_waiting | is_left, ~is_held, not_after__gt=now)

    def claim(self, now: datetime, pk: int | None = None) -> "OutgoingMail | None":
        """Take one that is due into this worker's hands; what others hold is passed over."""
        with transaction.atomic():
            due = self.due(now) if pk is None else self.due(now).filter(pk=pk)
            mail = (
                due.order_by("not_before", "pk")
                .select_for_update(skip_locked=True, of=("self",))
                .first()
            )
            if mail is not None:
                mail.state = OutgoingMail.State.SENDING
                mail.attempts += 1
                mail.lease_until = now + LEASE
                mail.save(update_fields=["state", "attempts", "lease_until"])
        return mail

    def to_any_of(self, addresses: Collection[str]) -> Self:
        """Those to one of these addresses, in lower case, whoever's they are."""
        return self.alias(address=Lower("to")).filter(address__in=addresses)

    def settle_overdue(self, now: datetime) -> None:
        """Skip what is too late to send, and give up what nobody can know the fate of."""
        State = OutgoingMail.State  # noqa: N806 - a class
        held = Q(state=State.SENDING, lease_until__gt=now)
        unsettled = self.filter(state__in=[State.WAITING, State.SENDING]).exclude(held)
        unsettled.filter(state=State.SENDING, delivery=Delivery.AT_MOST_ONCE).update(
            **_settled(State.DEAD, now), error="unknown"
        )
        unsettled.filter(not_after__lte=now).update(
            **_settled(State.SKIPPED, now), error="too late"
        )

    def pass_over(self, now: datetime) -> int:
        """Skip what may come once at most and was due: it may have come from elsewhere."""
        once = self.filter(settled_at=None, delivery=Delivery.AT_MOST_ONCE, not_before__lte=now)
        return once.update(**_settled(OutgoingMail.State.SKIPPED, now), error="restored")

    def prune(self, now: datetime) -> int:
        """Forget what was settled long ago."""
        settled = self.exclude(settled_at=None).filter(settled_at__lte=now - KEPT)
        return settled.delete()[0]

    def lamp(self, now: datetime) -> "Lamp":
        counts = self.aggregate(
            waiting=Count("pk", filter=Q(state__in=["waiting", "sending"])),
            failing=Count("pk", filter=Q(state="waiting", attempts__gt=0)),
            sent=Count("pk", filter=Q(state="sent")),
            skipped=Count("pk", filter=Q(state="skipped")),
            dead=Count("pk", filter=Q(state="dead")),
        )
        oldest = self.due(now).aggregate(oldest=Min("not_before"))["oldest"]
        scans = {scan.name: scan for scan in Scan.objects.all()}
        mail = scans.get(Scan.MAIL)
        return Lamp(
            last_scan_at=min(scan.at for scan in scans.values()) if mail else None,
            trouble=mail.trouble if mail else "",
            oldest_due_at=oldest,
            **counts,
        )


@dataclass(frozen=True)
class Lamp:
    """The state of the mail: when a worker last looked, what waits and what came of the rest.

    The counts are of the last 30 days.
    """

    # For whatever mail there is: of several kinds of scans the one that was made longest ago.
    last_scan_at: datetime | None
    # The name of the error that kept the last scan from the mail server, or "".
    trouble: str
    oldest_due_at: datetime | None
    waiting: int
    failing: int
    sent: int
    skipped: int
    dead: int

    # Every scan is made at least once a minute.
    LATE = timedelta(minutes=3)

    def is_lit(self, now: datetime) -> bool:
        """Whether a worker is about and nothing that is due has waited long."""
        return (
            self.last_scan_at is not None
            and now - self.last_scan_at < self.LATE
            and (self.oldest_due_at is None or now - self.oldest_due_at < self.LATE)
        )


def new_message_id() -> str:
    return f"<{uuid.uuid4()}@{settings.SITE_HOST}>"


class OutgoingMail(models.Model):
    """One mail to one address. Address and words are erased as soon as they are not needed."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENDING = "sending", _("in a worker's hands")
        SENT = "sent", _("sent")
        SKIPPED = "skipped", _("skipped")
        DEAD = "dead", _("given up")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=40)
    # What it is about, such as "morning:12:2027-03-16": there is one mail of a key, ever.
    key = models.CharField(max_length=200, unique=True)
    # Null: to an address without an account.
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
    to = models.EmailField(max_length=254, blank=True)
    delivery = models.CharField(max_length=20, choices=Delivery)
    payload = models.JSONField(default=dict)
    # A mail that was composed before, as mail_backend.as_content encrypts it.
    content = models.JSONField(null=True)
    message_id = models.CharField(max_length=300, default=new_message_id)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    # What a mail server answered, as a number, or the name of an error; never its text.
    error = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    objects = OutgoingMailQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True) | Q(content__isnull=True),
                name="mail_settled_holds_no_words",
            ),
        ]
        indexes = [
            models.Index(
                fields=["not_before"],
                condition=Q(state__in=["waiting", "sending"]),
                name="mail_unsettled",
            ),
            models.Index(
                fields=["settled_at"], condition=Q(settled_at__isnull=False), name="mail_settled"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @classmethod
    def intend(cls, kind: str, **intent: Unpack[Intent]) -> "OutgoingMail":
        """One that is not written yet: see put()."""
        declared, to = KINDS[kind], intent["to"]
        begins = intent.get("not_before") or intent["now"]
        return cls(
            kind=kind,
            key=intent["key"],
            user=to if isinstance(to, User) else None,
            to=to.email if isinstance(to, User) else to,
            delivery=declared.delivery,
            payload=intent.get("payload") or {},
            content=intent.get("content"),
            not_before=begins,
            not_after=intent.get("not_after") or begins + declared.lifetime,
            created_at=intent["now"],
        )

    def settle(self, state: str, now: datetime, error: str = "") -> None:
        """The end of it, if it is in this worker's hands still."""
        held = OutgoingMail.objects.filter(pk=self.pk, attempts=self.attempts)
        held.filter(state=self.State.SENDING).update(**_settled(state, now), error=error)

    def put_off(self, now: datetime, error: str) -> None:
        """Try again later, or give it up after as many tries as PAUSES has, and one."""
        if self.attempts > len(PAUSES):
            self.settle(self.State.DEAD, now, error)
            return
        held = OutgoingMail.objects.filter(pk=self.pk, attempts=self.attempts)
        held.filter(state=self.State.SENDING).update(
            state=self.State.WAITING,
            not_before=now + PAUSES[self.attempts - 1],
            lease_until=None,
            error=error,
        )


def _settled(state: str, now: datetime) -> dict[str, Any]:
    return {
        "state": state,
        "settled_at": now,
        "content": None,
        "payload": {},
        "to": "",
        "lease_until": None,
    }


class Scan(models.Model):
    """When a worker last looked for work of this name."""

    MAIL = "mail"

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()
    trouble = models.CharField(max_length=60, blank=True)

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%Y-%m-%d %H:%M:%S}"

    @classmethod
    def note(cls, name: str, now: datetime, trouble: str = "") -> None:
        cls.objects.update_or_create(name=name, defaults={"at": now, "trouble": trouble})


def wake(task: str, **ids: int) -> None:
    """Queue a task by its name, in the caller's transaction; its arguments are ids and no words."""
    procrastinate.configure_task(task).defer(**ids)
