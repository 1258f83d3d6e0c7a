"""How a mail of the outbox leaves: claimed, composed, handed to the mail server, settled.

At most once: what was claimed is never claimed again. At least once: it is claimed again when the
worker that had it in hand is gone, with the same Message-ID. No server, no claim: an outage uses
up no tries.
"""

import logging
import smtplib
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from hashlib import blake2b

from django.core.mail import EmailMessage, mailers
from django.db import connection, transaction
from django.utils import translation

from accounts import mail_backend, outbox
from accounts.models import MailHold, OutgoingMail, Scan
from accounts.outbox import Delivery

log = logging.getLogger(__name__)

# A scan makes room for the next one, which is made half a minute after it began.
SCAN = timedelta(seconds=25)
Clock = Callable[[], datetime]


@outbox.kind(outbox.READY_MADE, delivery=Delivery.AT_LEAST_ONCE, lifetime=timedelta(hours=20))
def ready_made(mail: OutgoingMail, now: datetime) -> EmailMessage | None:
    """What allauth and Django have composed already."""
    return mail_backend.from_content(mail.content, mail.to) if mail.content else None


def deliver(pk: int, now: datetime) -> None:
    """Send this one now, if it is due and nobody has it in hand."""
    with suppress(OSError), Carrier() as carrier:  # a server that is away: the scan will see
        carrier.carry_next(now, pk)


def deliver_due(clock: Clock) -> int:
    """Send what is due, the oldest first, for as long as SCAN; how many were taken in hand.

    One scan at a time: another that begins meanwhile finds nothing to do.
    """
    with _alone("mail") as is_alone:
        if not is_alone:
            return 0
        began, count, trouble = clock(), 0, ""
        OutgoingMail.objects.settle_overdue(began)
        try:
            if OutgoingMail.objects.due(began).exists():
                with Carrier() as carrier:
                    while clock() - began < SCAN and carrier.carry_next(clock()):
                        count += 1
        except OSError as error:
            trouble = type(error).__name__
            log.warning("The mail server is away: %s", trouble)
        Scan.note(Scan.MAIL, clock(), trouble)
    return count


def release(now: datetime) -> tuple[int, int]:
    """Let mail leave a copy; how many are passed over, and how many of those that wait are due.

    What comes once at most, and was due by now, may have come from the site that this is a copy
    of. What comes once at least leaves, under the Message-ID that it has had all along.
    """
    with transaction.atomic():
        passed_over = OutgoingMail.objects.pass_over(now)
        MailHold.objects.all().delete()
        return passed_over, OutgoingMail.objects.due(now).count()


class Carrier:
    """A connection to the mail server, opened before anything is claimed."""

    def __enter__(self) -> "Carrier":
        self.mailer = mailers["delivery"]
        self.mailer.open()
        return self

    def __exit__(self, *error: object) -> None:
        self._close()

    def _close(self) -> None:
        with suppress(OSError):
            self.mailer.close()

    def carry_next(self, now: datetime, pk: int | None = None) -> bool:
        """Send one that is due; whether there was one. Raises OSError when the server is away."""
        self.mailer.open()  # nothing, unless an earlier mail has ended the connection
        mail = OutgoingMail.objects.claim(now, pk)
        if mail is None:
            return False
        try:
            message = _composed(mail, now)
        except Exception as error:
            # Whatever it is, it is this mail's own trouble and delays no other.
            # Its text may quote what somebody wrote: the place says enough.
            name, place = type(error).__name__, "".join(traceback.format_tb(error.__traceback__))
            log.error("%s could not be composed: %s\n%s", mail, name, place)
            mail.put_off(now, name)
            return True
        if message is None:
            mail.settle(OutgoingMail.State.SKIPPED, now)
        else:
            self._send(mail, message, now)
        return True

    def _send(self, mail: OutgoingMail, message: EmailMessage, now: datetime) -> None:
        try:
            self.mailer.send_messages([message])
        except Exception as error:
            self._close()
            code = _refusal(error)
            # The text of an error may quote the address.
            log.warning("%s was not sent: %s", mail, code or type(error).__name__)
            if code >= 500:
                mail.settle(OutgoingMail.State.DEAD, now, str(code))
            elif code or mail.delivery == Delivery.AT_LEAST_ONCE:
                mail.put_off(now, str(code or type(error).__name__))
            else:
                # It may have arrived.
                mail.settle(OutgoingMail.State.DEAD, now, "unknown")
        else:
            mail.settle(OutgoingMail.State.SENT, now)


def _composed(mail: OutgoingMail, now: datetime) -> EmailMessage | None:
    with translation.override("en"):
        message = outbox.KINDS[mail.kind].compose(mail, now)
    if message is not None:
        message.extra_headers["Message-ID"] = mail.message_id
    return message


def _refusal(error: Exception) -> int:
    """The server's answer, such as 451 or 550, or 0 when it gave none that tells."""
    match error:
        case smtplib.SMTPRecipientsRefused(recipients=recipients):
            return min(code for code, _text in recipients.values())
        case smtplib.SMTPResponseException(smtp_code=code):
            return int(code)
    return 0


@contextmanager
def _alone(name: str) -> Iterator[bool]:
    """A lock that ends with the connection of whoever holds it, killed or not."""
    key = int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        (is_ours,) = cursor.fetchone()
        try:
            yield is_ours
        finally:
            if is_ours:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
