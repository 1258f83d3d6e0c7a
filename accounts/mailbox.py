"""The development mailbox: mail kept in MAILBOX_DIR by Django's file backend, newest first."""

import email
import email.policy
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

# Django's file backend ends every message with a line of 79 dashes.
SEPARATOR = b"\n" + b"-" * 79 + b"\n"


@dataclass(frozen=True)
class StoredMail:
    key: str
    date: datetime
    subject: str
    from_email: str
    to: str
    body: str


def stored_mails(folder: Path) -> list[StoredMail]:
    files = folder.glob("*.log") if folder.is_dir() else ()
    mails = [mail for file in files for mail in _read(file)]
    return sorted(mails, key=lambda mail: (mail.date, mail.key), reverse=True)


def _read(file: Path) -> Iterator[StoredMail]:
    for number, raw in enumerate(file.read_bytes().split(SEPARATOR)):
        if not raw.strip():
            continue
        message = email.message_from_bytes(raw.lstrip(), policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        body = message.get_body(("plain",))
        yield StoredMail(
            key=f"{file.stem}-{number}",
            date=parsedate_to_datetime(message["Date"]),
            subject=message["Subject"],
            from_email=message["From"],
            to=message["To"],
            body=body.get_content() if body else "",
        )
