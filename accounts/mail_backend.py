"""Where Django's own mail goes: into the outbox, to leave by a worker within a second or two."""

import json
import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from cryptography.fernet import MultiFernet
from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from accounts import sealing
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


def as_content(message: EmailMessage) -> dict[str, str]:
    """All of it encrypted: there may be a code in it, which is nobody's to read from a table."""
    alternatives = getattr(message, "alternatives", [])
    words = {
        "subject": str(message.subject),
        "body": str(message.body),
        "from_email": message.from_email,
        "reply_to": list(message.reply_to),
        "headers": {name: str(value) for name, value in message.extra_headers.items()},
        "alternatives": [[str(content), media_type] for content, media_type in alternatives],
    }
    return {"sealed": _box().encrypt(json.dumps(words).encode()).decode()}


def from_content(content: dict[str, str], to: str) -> EmailMultiAlternatives:
    words: dict[str, Any] = json.loads(_box().decrypt(content["sealed"].encode()))
    pairs = [(text, media_type) for text, media_type in words["alternatives"]]
    return EmailMultiAlternatives(**{**words, "alternatives": pairs}, to=[to])


def _box() -> MultiFernet:
    return sealing.box("mail that waits", settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
