"""The letter that an account is deleted: the last to its address, which is erased then."""

from datetime import datetime, timedelta

from django.core.mail import EmailMessage

from accounts import outbox
from accounts.letters import letter
from accounts.models import OutgoingMail
from accounts.outbox import Delivery

KIND = "account_deleted"


@outbox.kind(KIND, delivery=Delivery.AT_LEAST_ONCE, lifetime=timedelta(hours=20))
def account_deleted(mail: OutgoingMail, now: datetime) -> EmailMessage | None:
    return letter(mail.to, "account_deleted", {})
