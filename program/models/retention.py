"""What is kept no longer than it is of use. A second run finds nothing left to do."""

from datetime import datetime, timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts import limits, unused
from accounts.models import AccessEvent, OutgoingMail, UnusedNotice, User
from accounts.models.unused import NOTICE, never_confirmed, unused_since
from program.models.coaching import Encouragement
from program.models.comments import DayComment
from program.models.deletion import StillLeadingError, delete_account
from program.models.entries import DailyEntry
from program.models.exports import Export
from program.models.followers import Follower
from program.models.imports import Import
from program.models.invitations import Invitation
from program.models.moments import Breakthrough
from program.models.needs import Need
from program.models.people import Person
from program.models.posts import DayPost
from program.models.replies import Reply
from program.models.reply_guard import ReplyBlock

# What was removed can be brought back, and is no late resend's to bring back, for so long.
REMOVED = timedelta(hours=30 * 24)
ACCESS = timedelta(hours=180 * 24)
# So many rows a statement and accounts a run, so that nobody waits for it.
BATCH, ACCOUNTS = 500, 200

# What a visitor left: for so long nobody read it, or it matters where it came from.
UNREAD, SENDER = timedelta(hours=90 * 24), timedelta(hours=30 * 24)
# What a visitor took back counts against the limits yet; an address that nobody confirmed.
WITHDRAWN, UNCONFIRMED = timedelta(minutes=24 * 60), timedelta(hours=7 * 24)

_WITH_REMOVED = (DailyEntry, Breakthrough, Need, Person, Encouragement, DayComment, DayPost, Reply)


def prune(now: datetime) -> dict[str, int]:
    """How many rows went, by what they were."""
    return {
        "removed": sum(_delete(_removed(model, now)) for model in _WITH_REMOVED),
        "replies": _delete(Reply.objects.over(now - WITHDRAWN, now - UNREAD)),
        "senders": Reply.objects.forget_senders(now - SENDER) + _delete(_old_blocks(now)),
        "followers": _delete(Follower.objects.over(now - UNCONFIRMED, now - REMOVED)),
        "invitations": _delete(_over(now)),
        "archives": forget_archives(now),
        "access events": _delete(AccessEvent.objects.before(now - ACCESS)),
        "sessions": _delete(Session.objects.filter(expire_date__lt=now)),
        "devices": _delete(_without_session()),
        "limits": limits.forget_expired(now),
        "mail": OutgoingMail.objects.prune(now),
        "never confirmed": _delete_accounts(never_confirmed(now), now, is_told=False),
        "letters to unused accounts": _ask_unused(now),
        "unused accounts": _delete_accounts(_run_out(now), now),
    }


def forget_archives(now: datetime) -> int:
    """Those whose day is over; how many there were."""
    return _delete(Export.objects.over(now)) + _delete(Import.objects.over(now))


def _removed(model: Any, now: datetime) -> QuerySet[Any]:
    rows: QuerySet[Any] = model.objects.filter(removed_at__lt=now - REMOVED)
    return rows


def _old_blocks(now: datetime) -> QuerySet[ReplyBlock]:
    """Somebody else has the address by now."""
    return ReplyBlock.objects.filter(at__lt=now - UNREAD)


def _over(now: datetime) -> QuerySet[Invitation]:
    ended = Q(expires_at__lt=now - REMOVED) | Q(revoked_at__lt=now - REMOVED)
    # Who declined is not asked again, which somebody has to know.
    return Invitation.objects.filter(ended, mailed__declined_at=None)


def _without_session() -> QuerySet[UserSession]:
    alive = Session.objects.filter(session_key=OuterRef("session_key"))
    rows: QuerySet[UserSession] = UserSession.objects.filter(~Exists(alive))
    return rows


def _run_out(now: datetime) -> QuerySet[User]:
    if not settings.RETENTION_DAYS:
        return User.objects.none()
    return User.objects.filter(pk__in=UnusedNotice.objects.run_out(now).values("user"))


def _ask_unused(now: datetime) -> int:
    if not settings.RETENTION_DAYS:
        return 0
    kept = timedelta(hours=settings.RETENTION_DAYS * 24)
    asked = 0
    for user in unused_since(now - kept + NOTICE).order_by("pk").iterator():
        if UnusedNotice.objects.ask(user, now):
            key = f"{unused.KIND}:{user.pk}:{now:%Y-%m-%d}"
            asked += OutgoingMail.objects.put(unused.KIND, key=key, to=user, now=now)
    return asked


def _delete_accounts(users: QuerySet[User], now: datetime, *, is_told: bool = True) -> int:
    """Whoever is the last coach of people keeps the account."""
    count = 0
    for user in users.order_by("pk")[:ACCOUNTS]:
        try:
            delete_account(user, now, is_told=is_told)
        except StillLeadingError:
            continue
        count += 1
    return count


def _delete(rows: QuerySet[Any]) -> int:
    count = 0
    while pks := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        rows.model._default_manager.filter(pk__in=pks).delete()
        count += len(pks)
    return count
