"""Which kinds of mail there are, and what each promises.

A mail is a row first (models/outbox.py), written in the transaction that causes it; the worker
sends it (delivery.py). Who writes mail declares its kind where the mail is composed:

    @outbox.kind("coach_note", delivery=Delivery.AT_LEAST_ONCE)
    def coach_note(mail: OutgoingMail, now: datetime) -> EmailMultiAlternatives | None: ...

A mail is composed when it is sent, from the ids of its payload, so that what was consented to then
decides what it says; None is a mail that has nothing to say any more and is skipped.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.core.mail import EmailMessage
from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from accounts.models import OutgoingMail

Compose = Callable[["OutgoingMail", datetime], EmailMessage | None]

READY_MADE = "account"


class Delivery(models.TextChoices):
    """What to do when nobody can know whether it has left: exactly once is not to be had."""

    AT_MOST_ONCE = "at_most_once", _("at most once")
    # The same Message-ID again, by which a mail program can tell.
    AT_LEAST_ONCE = "at_least_once", _("at least once")


@dataclass(frozen=True)
class Kind:
    name: str
    delivery: Delivery
    # How long after it may leave it is still worth sending.
    lifetime: timedelta
    compose: Compose


KINDS: dict[str, Kind] = {}


def kind(name: str, *, delivery: Delivery, lifetime: timedelta) -> Callable[[Compose], Compose]:
    """Declare how the mails of this kind are composed and sent."""

    def declare(compose: Compose) -> Compose:
        KINDS[name] = Kind(name, delivery, lifetime, compose)
        return compose

    return declare
