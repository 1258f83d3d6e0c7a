"""A mail server of our own on loopback: it keeps what it accepts, and answers as it is told."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

from tests.resilience.launched import free_port

ACCEPTED = "250 Taken"
# What the server answers to the body of a mail to this address: None hangs up after taking it.
Answer = Callable[[str], str | None]


@dataclass
class Sink:
    answer: Answer = lambda address: ACCEPTED
    mails: list[EmailMessage] = field(default_factory=list)
    port: int = 0

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.mails if mail["To"] == address]

    @property
    def options(self) -> dict[str, Any]:
        """MAILERS' "delivery" that leads here."""
        return {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": self.port, "timeout": 60},
        }

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        answer = self.answer(envelope.rcpt_tos[0])
        if answer is None:
            self.mails.append(message)
            server.transport.abort()
            return ACCEPTED
        if answer.startswith("2"):
            self.mails.append(message)
        return answer


@contextmanager
def running_sink() -> Iterator[Sink]:
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=free_port(), ready_timeout=60)
    controller.start()
    sink.port = controller.port
    try:
        yield sink
    finally:
        controller.stop()
