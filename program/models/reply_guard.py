"""What keeps a public page from being flooded, and what takes a reply off it."""

import ipaddress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q, QuerySet
from django.utils.crypto import salted_hmac

from accounts.models import User
from program.models.public_pages import PublicPage
from program.models.takedowns import Takedown, TakedownQuerySet

if TYPE_CHECKING:
    from program.models.replies import Reply

HOUR, DAY = timedelta(minutes=60), timedelta(minutes=24 * 60)
# On one page: from one sender and from all, each within so long.
OF_ONE_SENDER = ((HOUR, 5), (DAY, 15))
OF_ALL = ((HOUR, 60), (DAY, 300))


class TooManyRepliesError(Exception):
    """So many came from this sender, or to this page, that more have to wait."""


class SenderBlockedError(Exception):
    """The page's owner or the host takes nothing more from there."""


class PageGoneError(Exception):
    """It was taken down a moment ago."""


def sender_of(ip: str) -> str:
    """64 hex digits of a machine's address, or of the network that one household has in IPv6.

    Only who holds our secret key can tell which address it was.
    """
    address = ipaddress.ip_address(ip)
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        address = mapped or ipaddress.ip_network(f"{ip}/64", strict=False).network_address
    return mac("program.replies.sender", str(address))


def mac(salt: str, value: str) -> str:
    return salted_hmac(salt, value, algorithm="sha256").hexdigest()


def check(of_page: QuerySet[Any], page: PublicPage, sender: str, now: datetime) -> None:
    """Whether one more reply is taken, of those that were left on the page so far.

    Raises SenderBlockedError or TooManyRepliesError.
    """
    if ReplyBlock.objects.of(page).filter(sender=sender).exists():
        raise SenderBlockedError
    for rows, limits in ((of_page.filter(sender=sender), OF_ONE_SENDER), (of_page, OF_ALL)):
        for within, at_most in limits:
            if rows.filter(created_at__gt=now - within).count() >= at_most:
                raise TooManyRepliesError


class ReplyBlockQuerySet(models.QuerySet["ReplyBlock"]):
    def owned_by(self, user: User) -> Self:
        return self.filter(page__in=PublicPage.objects.owned_by(user))

    def of(self, page: PublicPage) -> Self:
        """Its own, and those of the host for every page."""
        return self.filter(Q(page=page) | Q(page=None))

    def everywhere(self) -> Self:
        return self.filter(page=None)

    def newest_first(self) -> Self:
        return self.order_by("-at", "-pk")


class ReplyBlock(models.Model):
    """A sender that a page takes nothing from; without a page, none does."""

    page = models.ForeignKey(
        PublicPage, null=True, blank=True, on_delete=models.CASCADE, related_name="blocks"
    )
    sender = models.CharField(max_length=64)
    # What they called themselves, for who may let them in again.
    name = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField()

    objects = ReplyBlockQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["page", "sender"], nulls_distinct=False, name="reply_block_one_each"
            ),
        ]

    def __str__(self) -> str:
        return f"Nothing from {self.name}"


class ReplyTakedownQuerySet(TakedownQuerySet["ReplyTakedown"]):
    def of(self, reply: "Reply") -> Self:
        return self.filter(reply=reply)

    def put(self, reply: "Reply", *, by: User, now: datetime) -> None:
        """A repeat finds the one that stands."""
        self.standing().get_or_create(reply=reply, defaults={"by": by, "at": now})

    def restore(self, *, by: User, now: datetime) -> None:
        self.update(restored_by=by, restored_at=now)


class ReplyTakedown(Takedown):
    """Whoever runs the site took a reply off its page; by `restore` it is its owner's again."""

    reply = models.ForeignKey("program.Reply", on_delete=models.CASCADE, related_name="takedowns")

    objects = ReplyTakedownQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reply"],
                condition=Q(restored_at__isnull=True),
                name="reply_takedown_one_standing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reply} taken away"
