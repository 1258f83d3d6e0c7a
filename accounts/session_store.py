"""Sessions that a copy of the database opens none of.

A row is found by a hash of what the browser holds. What is secret in it, such as a code that was
mailed, is encrypted with what the browser holds and we do not; the rest, such as an address, stays
readable to us, so that it goes with the account (sessions.forget_everywhere).
"""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from cryptography.fernet import InvalidToken, MultiFernet
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts import sealing
from breakthrough.built_once import BuiltOnce

# The names under which allauth and we keep something secret.
SECRETS = {"code", "token"}
ROW_KEY_LENGTH = 40  # as long as the column


def row_key(key: str) -> str:
    """What the row of a session is found by; `key` is what the browser holds."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:ROW_KEY_LENGTH]


# Every page asks for its session.
_ALIVE = BuiltOnce(
    lambda key, now: Session.objects.filter(session_key=key, expire_date__gt=now),
    key="stand-in",
    now=datetime.min.replace(tzinfo=UTC),
)


class SessionStore(db.SessionStore):
    """Nothing here is async, and neither are our views."""

    def _get_session_from_db(self) -> Session | None:
        rows = _ALIVE.objects(key=row_key(self.session_key or ""), now=timezone.now())
        if not rows:
            self._session_key = None
            return None
        return rows[0]

    def exists(self, session_key: str) -> bool:
        return bool(super().exists(_row_key_of(session_key)))

    def delete(self, session_key: str | None = None) -> None:
        if session_key:
            super().delete(_row_key_of(session_key))
        elif self.session_key:
            super().delete(row_key(self.session_key))

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        session = super().create_model_instance(data)
        assert isinstance(session, Session)
        session.session_key = row_key(session.session_key)
        return session

    def encode(self, session_dict: dict[str, Any]) -> str:
        return str(super().encode(_with_secrets(session_dict, self._seal)))

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        opened: dict[str, Any] = _with_secrets(super().decode(session_data), self._unseal)
        return opened

    def _seal(self, secret: str) -> str:
        return self._box().encrypt(secret.encode()).decode()

    def _unseal(self, sealed: str) -> str:
        try:
            return self._box().decrypt(sealed.encode()).decode()
        except InvalidToken:
            return ""

    def _box(self) -> MultiFernet:
        return sealing.box("secrets of the session", str(self.session_key))


def _row_key_of(key: str) -> str:
    """allauth knows sessions by their rows; no browser comes here with what it holds."""
    return key if len(key) == ROW_KEY_LENGTH else row_key(key)


def _with_secrets(value: Any, change: Callable[[str], str], name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _with_secrets(each, change, key) for key, each in value.items()}
    if isinstance(value, list):
        return [_with_secrets(each, change) for each in value]
    return change(value) if name in SECRETS and isinstance(value, str) else value
