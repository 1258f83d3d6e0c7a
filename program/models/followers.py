"""Visitors of a public page who want to hear how it ends, and the one mail that tells them."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.core.signing import BadSignature, Signer
from django.db import models, transaction
from django.db.models import Q

from accounts.models import OutgoingMail, User
from program.models.public_pages import PublicPage

# To one address, whoever's page it is: nobody is asked more often in so long.
ASKED_AT_MOST = 3
ASKED_WITHIN = timedelta(minutes=24 * 60)

# What a mail to a visitor links to: everything of theirs. Each link is signed for this alone, and
# good as long as the row is there.
_FOLLOWER = Signer(salt="program.followers", sep=".")


class AskedTooOftenError(Exception):
    """The address was asked often enough today."""


def is_ours(token: str) -> bool:
    """Whether we signed it, for somebody who may be forgotten by now."""
    return _public_id(token) is not None


def _public_id(token: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(_FOLLOWER.unsign(token))
    except (BadSignature, ValueError):
        return None


class FollowerQuerySet(models.QuerySet["Follower"]):
    def owned_by(self, user: User) -> Self:
        """Those of the pages of the user, who learns how many they are."""
        return self.filter(page__in=PublicPage.objects.owned_by(user))

    def of(self, page: PublicPage) -> Self:
        return self.filter(page=page)

    def of_token(self, token: str) -> Self:
        """The one that a link in a mail is for; none for a token that we did not sign."""
        public_id = _public_id(token)
        return self.filter(public_id=public_id) if public_id else self.none()

    def listening(self) -> Self:
        return self.filter(confirmed_at__isnull=False, stopped_at__isnull=True)

    def to_be_told(self) -> Self:
        return self.listening().filter(told_by__isnull=True)

    def over(self, asked_before: datetime, told_before: datetime) -> Self:
        """Who did not answer, and who has heard how it ended.

        Who said no stays as long as the page does, so that nobody asks them again.
        """
        silent = Q(confirmed_at=None, stopped_at=None, created_at__lt=asked_before)
        return self.filter(silent | Q(told_by__sent_at__lt=told_before))

    def ask(self, page: PublicPage, email: str, now: datetime) -> "Follower":
        """The follower of this address, and a mail to a new one with the button that confirms it.

        Whoever types an address into a form may not be its reader, so that a page asks each address
        once. Raises AskedTooOftenError.
        """
        with transaction.atomic():
            known = self.filter(page=page, email=email).first()
            if known:
                return known
            lately = self.filter(email=email, created_at__gt=now - ASKED_WITHIN)
            if lately.count() >= ASKED_AT_MOST:
                raise AskedTooOftenError
            follower, is_new = self.get_or_create(
                page=page, email=email, defaults={"created_at": now}
            )
            if is_new:
                OutgoingMail.objects.put(
                    "reply_confirm",
                    key=f"reply_confirm:{follower.public_id}",
                    to=email,
                    payload={"follower": follower.pk},
                    now=now,
                )
        return follower


class Follower(models.Model):
    """An address that somebody left on a page; confirmed, it hears once how it ended."""

    page = models.ForeignKey(PublicPage, on_delete=models.CASCADE, related_name="followers")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # In lower case.
    email = models.EmailField(max_length=254)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    # The words that went to them.
    told_by = models.ForeignKey(
        "program.PageUpdate", null=True, blank=True, on_delete=models.SET_NULL, related_name="told"
    )

    objects = FollowerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["page", "email"], name="follower_once_a_page"),
            models.CheckConstraint(
                condition=Q(told_by__isnull=True) | Q(confirmed_at__isnull=False),
                name="follower_told_has_confirmed",
            ),
        ]

    def __str__(self) -> str:
        return f"A follower of {self.page}"

    @property
    def token(self) -> str:
        return _FOLLOWER.sign(str(self.public_id))

    @property
    def is_listening(self) -> bool:
        return self.confirmed_at is not None and self.stopped_at is None

    def confirm(self, now: datetime) -> None:
        """Also after a stop: who has the mail may change their mind."""
        self.confirmed_at, self.stopped_at = self.confirmed_at or now, None
        self.save(update_fields=["confirmed_at", "stopped_at"])

    def stop(self, now: datetime) -> None:
        """No mail; the address stays known, so that this page does not ask it again."""
        self.stopped_at = self.stopped_at or now
        self.save(update_fields=["stopped_at"])

    def forget(self, now: datetime) -> None:
        """All that came with this address, and the address."""
        with transaction.atomic():
            self.replies.all().withdraw(now)
            OutgoingMail.objects.to_any_of([self.email]).filter(
                kind__in=["reply_confirm", "page_update"], payload__follower=self.pk
            ).delete()
            Follower.objects.filter(pk=self.pk).delete()


class PageUpdateQuerySet(models.QuerySet["PageUpdate"]):
    def of(self, page: PublicPage) -> Self:
        return self.filter(page=page)

    def newest_first(self) -> Self:
        return self.order_by("-sent_at", "-pk")

    def send(
        self, *, page: PublicPage, client_id: uuid.UUID, text: str, now: datetime
    ) -> "PageUpdate":
        """The owner's words to everybody who listens and was told nothing yet: once, to each.

        A form sent twice sends them once.
        """
        with transaction.atomic():
            PublicPage.objects.select_for_update(no_key=True).get(pk=page.pk)
            stored = self.filter(page=page, client_id=client_id).first()
            if stored:
                return stored
            update = self.create(page=page, client_id=client_id, text=text, sent_at=now)
            to_be_told = Follower.objects.of(page).to_be_told()
            followers = list(to_be_told.order_by("pk").select_for_update(of=("self",)))
            Follower.objects.filter(pk__in=[each.pk for each in followers]).update(told_by=update)
            OutgoingMail.objects.put_all([update.mail_to(each, now) for each in followers])
            update.count = len(followers)
            update.save(update_fields=["count"])
        return update


class PageUpdate(models.Model):
    """What somebody wrote, in the end, to those who wanted to hear it."""

    TEXT_MAX_LENGTH = 2000

    page = models.ForeignKey(PublicPage, on_delete=models.CASCADE, related_name="updates")
    # Made by the page, so that a form sent twice is one mail.
    client_id = models.UUIDField(default=uuid.uuid4)
    text = models.TextField(max_length=TEXT_MAX_LENGTH)
    sent_at = models.DateTimeField()
    # To how many.
    count = models.PositiveIntegerField(default=0)

    objects = PageUpdateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["page", "client_id"], name="page_update_natural_key"),
        ]

    def __str__(self) -> str:
        return f"How it ended, to {self.count}"

    def mail_to(self, follower: Follower, now: datetime) -> OutgoingMail:
        """Not written yet; of one follower there is one, ever."""
        return OutgoingMail.intend(
            "page_update",
            key=f"page_update:{follower.public_id}",
            to=follower.email,
            payload={"follower": follower.pk, "update": self.pk},
            now=now,
        )
