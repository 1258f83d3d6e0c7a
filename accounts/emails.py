from datetime import datetime, timedelta

from django.core.mail import EmailMessage

from accounts import letters, outbox
from accounts.models import OutgoingMail
from accounts.outbox import Delivery

TEST = "test"


@outbox.kind(TEST, delivery=Delivery.AT_MOST_ONCE, lifetime=timedelta(minutes=30))
def test(mail: OutgoingMail, now: datetime) -> EmailMessage | None:
    """What staff send themselves, to see that mail goes out."""
    return letters.letter(mail.to, "test", {"waited": int((now - mail.created_at).total_seconds())})
