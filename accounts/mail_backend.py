"""Where Django's own mail goes: into the outbox, to leave by a worker within a second or two."""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from accounts.models import OutgoingMail, User
from accounts.outbox import READY_MADE


class EmailBackend(BaseEmailBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Intend each, in the caller's transaction: one row an address.

        A message may carry `lifetime`, how long it is worth sending: a code's, say.
        """
        now = timezone.now()
        for message in email_messages:
            if message.attachments:
                raise ValueError("Mail with attachments cannot wait in the outbox.")
            lifetime: timedelta | None = getattr(message, "lifetime", None)
            for address in message.recipients():
                user = User.objects.filter(email__iexact=address).first()
                OutgoingMail.objects.put(
                    READY_MADE,
                    key=f"{READY_MADE}:{uuid.uuid4()}",
                    to=user if user and user.email == address else address,
                    content=as_content(message),
                    now=now,
                    not_after=now + lifetime if lifetime else None,
                )
        return len(email_messages)


def as_content(message: EmailMessage) -> dict[str, Any]:
    alternatives = getattr(message, "alternatives", [])
    return {
        "subject": str(message.subject),
        "body": str(message.body),
        "from_email": message.from_email,
        "reply_to": list(message.reply_to),
        "headers": {name: str(value) for name, value in message.extra_headers.items()},
        "alternatives": [[str(content), media_type] for content, media_type in alternatives],
    }


def from_content(content: dict[str, Any], to: str) -> EmailMultiAlternatives:
    pairs = [(text, media_type) for text, media_type in content["alternatives"]]
    return EmailMultiAlternatives(**{**content, "alternatives": pairs}, to=[to])
