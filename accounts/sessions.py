"""Where somebody is logged in: a row of allauth's for each session, kept true to the session."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.contrib.auth import SESSION_KEY, update_session_auth_hash
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef

from accounts import devices
from accounts.models import User
from accounts.session_store import row_key
from breakthrough.http import HttpRequest

# In the session, as seconds since 1970: when its row was last written. A session that has none was
# not made by a login.
NOTED = "noted_at"
REFRESH = 10 * 60  # seconds between two writes; every request would be a write more for each


@dataclass(frozen=True)
class Listed:
    device: str
    ip: str
    since: datetime
    last_seen: datetime
    is_here: bool


def listed(request: HttpRequest) -> list[Listed]:
    """This one first, then as they were last seen."""
    alive = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=request.now)
    rows = UserSession.objects.filter(user=request.user).filter(Exists(alive))
    here = _row_key(request)
    found = [
        Listed(
            device=devices.name_of(row.user_agent),
            ip=row.ip,
            since=row.created_at,
            last_seen=request.now if row.session_key == here else row.last_seen_at,
            is_here=row.session_key == here,
        )
        for row in rows.order_by("-last_seen_at", "pk")
    ]
    return sorted(found, key=lambda each: not each.is_here)


def note(request: HttpRequest) -> None:
    """Mark the session as one whose row was just written, as a login does."""
    request.session[NOTED] = int(request.now.timestamp())


def refresh(request: HttpRequest) -> None:
    noted = request.session.get(NOTED)
    if noted is None or request.now.timestamp() - noted < REFRESH:
        return
    UserSession.objects.filter(session_key=_row_key(request)).update(
        last_seen_at=request.now,
        ip=get_adapter().get_client_ip(request),
        user_agent=_user_agent(request),
    )
    note(request)


def on_new_session(request: HttpRequest, **_more: Any) -> None:
    """Put a session that somebody has just logged in with, or that has a new id, into the list."""
    if not request.session.session_key:
        request.session.save()
    UserSession.objects.update_or_create(
        session_key=_row_key(request),
        defaults={
            "user": request.user,
            "ip": get_adapter().get_client_ip(request),
            "user_agent": _user_agent(request),
            "last_seen_at": request.now,
        },
    )


def renew(request: HttpRequest) -> None:
    """Give the session a new id, so that whoever knew the old one is out."""
    old = _row_key(request)
    request.session.cycle_key()
    _follow(request, old)


def end_others(request: HttpRequest) -> None:
    """Log the person out everywhere but here, at the next request of each."""
    user, old = request.user, _row_key(request)
    user.end_sessions()
    update_session_auth_hash(request, user)
    _follow(request, old)
    _forget(user, but=_row_key(request))


def end_all(user: User) -> None:
    user.end_sessions()
    _forget(user)


def forget_everywhere(user: User, addresses: Collection[str]) -> None:
    """Delete every session that knows them, and those of nobody yet that hold an address of
    theirs, such as of a code that was asked for. No key leads to those, so each is looked into."""
    found = [
        row.pk for row in Session.objects.iterator() if _knows(row.get_decoded(), user, addresses)
    ]
    Session.objects.filter(pk__in=found).delete()


def _knows(data: dict[str, Any], user: User, addresses: Collection[str]) -> bool:
    words = json.dumps(data, ensure_ascii=False, default=str).lower()
    return data.get(SESSION_KEY) == str(user.pk) or any(each in words for each in addresses)


def _follow(request: HttpRequest, old: str) -> None:
    UserSession.objects.filter(session_key=old).update(session_key=_row_key(request))


def _forget(user: User, but: str = "") -> None:
    rows = UserSession.objects.filter(user=user).exclude(session_key=but)
    Session.objects.filter(session_key__in=rows.values("session_key")).delete()
    rows.delete()


def _row_key(request: HttpRequest) -> str:
    return row_key(request.session.session_key or "")


def _user_agent(request: HttpRequest) -> str:
    longest = UserSession._meta.get_field("user_agent").max_length
    return request.headers.get("User-Agent", "")[:longest]
