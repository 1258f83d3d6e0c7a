"""Mail on its real way in the tests: through the outbox to a mail server of our own."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from email.message import EmailMessage

import pytest
from django.core import mail
from pytest_django import Settings

from accounts.delivery import deliver_due
from accounts.mail_backend import EmailBackend
from tests.sink import Sink, running_sink


@pytest.fixture
def sink(settings: Settings) -> Iterator[Sink]:
    with running_sink() as sink:
        settings.MAILERS = {
            "default": {"BACKEND": "accounts.mail_backend.EmailBackend"},
            "delivery": sink.options,
        }
        yield sink


class SeenBackend(EmailBackend):
    """Mail that waits in the outbox, and that a test reads meanwhile."""

    def send_messages(self, email_messages: Sequence[mail.EmailMessage]) -> int:
        mail.outbox += email_messages
        return super().send_messages(email_messages)


def scan(now: datetime) -> int:
    """What a worker does twice a minute."""
    return deliver_due(lambda: now)


def body(mail: EmailMessage, kind: str = "plain") -> str:
    part = mail.get_body((kind,))
    assert part is not None
    content: str = part.get_content()
    return content
