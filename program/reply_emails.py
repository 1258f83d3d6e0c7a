"""The mails of a public page: to visitors who left an address, and to its owner what waits.

None of them holds a word that a visitor typed: what a form sends to an address would be anybody's
letter to anybody.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse

from accounts import outbox
from accounts.letters import letter
from accounts.models import OutgoingMail
from accounts.outbox import Delivery
from program import schedule
from program.emails import stop_url
from program.models import (
    Follower,
    HostTakedown,
    MailChoice,
    MailKind,
    PageUpdate,
    PublicPage,
    Reply,
)
from program.models.mail import all_kinds_token, one_kind_token

SINCE = timedelta(minutes=24 * 60)


@outbox.kind("reply_confirm", delivery=Delivery.AT_LEAST_ONCE, lifetime=timedelta(hours=20))
def reply_confirm(mail: OutgoingMail, now: datetime) -> EmailMessage | None:
    """Whether the reader of this address wants to hear how it ends; the button is on our page."""
    followers = Follower.objects.filter(pk=mail.payload["follower"], confirmed_at=None)
    follower = followers.filter(stopped_at=None).select_related("page").first()
    if follower is None or not PublicPage.objects.open_at(follower.page.token).exists():
        return None
    return _to_visitor("reply_confirm", follower)


@outbox.kind("page_update", delivery=Delivery.AT_MOST_ONCE, lifetime=timedelta(hours=7 * 24))
def page_update(mail: OutgoingMail, now: datetime) -> EmailMessage | None:
    """How it ended, in the words of whose page it is."""
    listening = Follower.objects.listening().select_related("page")
    follower = listening.filter(pk=mail.payload["follower"]).first()
    update = PageUpdate.objects.filter(pk=mail.payload["update"]).first()
    if follower is None or update is None or _is_closed(follower.page):
        return None
    return _to_visitor("page_update", follower, text=update.text)


@outbox.kind("replies", delivery=Delivery.AT_MOST_ONCE, lifetime=schedule.GOOD_FOR["replies"])
def replies(mail: OutgoingMail, now: datetime) -> EmailMessage | None:
    """How much came in since yesterday and waits; none of it is said."""
    user, kind = mail.user, MailKind.REPLIES
    assert user
    choice = MailChoice.objects.owned_by(user).of_kinds(kind).wanted().first()
    waiting = Reply.objects.owned_by(user).waiting()
    count = waiting.count()
    if choice is None or not user.is_active or not waiting.after(now - SINCE).exists():
        return None
    words = {
        "count": count,
        "url": settings.SITE_URL + reverse("reply_list"),
        "change": "mail_update",
        "stop": one_kind_token(user, kind),
        "choose": all_kinds_token(user),
    }
    return letter(user.email, "replies", words, unsubscribe_url=stop_url(user, kind))


def _is_closed(page: PublicPage) -> bool:
    """By whoever runs the site; an owner who took it down may still say how it ended."""
    closed = HostTakedown.objects.standing().filter(page=page)
    return not settings.PUBLIC_PAGES or closed.exists()


def _to_visitor(name: str, follower: Follower, **words: Any) -> EmailMessage:
    page = follower.page
    is_open = PublicPage.objects.open_at(page.token).exists()
    page_path = reverse("public_goal_detail", args=[page.token]) if is_open else ""
    stop = settings.SITE_URL + reverse("follower_stop", args=[follower.token])
    context = {
        **words,
        "name": page.shown_as,
        "page_url": page_path and settings.SITE_URL + page_path,
        "own_url": settings.SITE_URL + reverse("follower_detail", args=[follower.token]),
        "stop_url": stop,
    }
    return letter(follower.email, name, context, unsubscribe_url=stop)
