"""The letter to somebody who has not logged in for long, before their account is deleted."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse

from accounts import outbox
from accounts.letters import letter
from accounts.models import OutgoingMail, UnusedNotice
from accounts.models.unused import NOTICE, unused_since
from accounts.outbox import Delivery

KIND = "account_unused"


@outbox.kind(KIND, delivery=Delivery.AT_LEAST_ONCE, lifetime=timedelta(hours=72))
def account_unused(mail: OutgoingMail, now: datetime) -> EmailMessage | None:
    """Nothing to whoever has logged in meanwhile."""
    assert mail.user
    if not unused_since(now - NOTICE).filter(pk=mail.user.pk).exists():
        return None
    UnusedNotice.objects.written(mail.user, now)
    words = {"days": NOTICE.days, "url": settings.SITE_URL + reverse("account_login")}
    return letter(mail.to, KIND, words)
