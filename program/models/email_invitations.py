"""Invitations by mail: each for one address, which its reader has to have confirmed."""

import base64
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Self

from django.db import models, transaction
from django.utils.crypto import salted_hmac

from accounts.models import OutgoingMail, User
from program.models.cohorts import Cohort
from program.models.invitations import Invitation, hashed

# So many mails a coach may cause in so long: whoever gets them has not asked for any.
MAILS_AT_MOST = 200
MAILS_WITHIN = timedelta(minutes=24 * 60)
SENDS_AT_MOST = 5


class NoRoomError(Exception):
    """More mails than a coach may cause in a day."""


class EmailInvitationQuerySet(models.QuerySet["EmailInvitation"]):
    def coached_by(self, user: User) -> Self:
        return self.filter(
            cohort__coaches__coach=user,
            cohort__coaches__left_at__isnull=True,
            cohort__closed_at__isnull=True,
        )

    def of(self, cohort: Cohort) -> Self:
        return self.filter(cohort=cohort)

    def of_token(self, token: str) -> Self:
        return self.filter(invitation__token_hash=hashed(token))

    def newest_first(self) -> Self:
        return self.order_by("-sent_at", "-pk")

    def room_of(self, coach: User, now: datetime) -> int:
        """How many more mails they may cause by now."""
        recent = self.filter(invitation__created_by=coach, sent_at__gt=now - MAILS_WITHIN)
        return max(MAILS_AT_MOST - recent.count(), 0)

    def invite(
        self, *, cohort: Cohort, by: User, emails: Collection[str], words: str, now: datetime
    ) -> int:
        """Invite each address that is not invited by now; to how many a mail goes is returned.

        Who has declined is not asked again. `emails` are in lower case. Raises NoRoomError.
        """
        with transaction.atomic():
            # One after the other, whatever the cohort, or two would each find the room for one.
            User.objects.select_for_update(no_key=True).get(pk=by.pk)
            cohort.lock()
            known = set(
                self.filter(cohort=cohort, email__in=emails).values_list("email", flat=True)
            )
            new = [email for email in emails if email not in known]
            if len(new) > self.room_of(by, now):
                raise NoRoomError
            for email in new:
                invitation, _token = Invitation.make(cohort=cohort, by=by, now=now, max_uses=1)
                self.create(
                    cohort=cohort, email=email, words=words, invitation=invitation, sent_at=now
                ).mail(now)
        return len(new)

    def with_state(self, now: datetime) -> "list[EmailInvitation]":
        """Each with `state`, what became of it, in three queries."""
        found: list[EmailInvitation] = list(self.select_related("invitation"))
        states = OutgoingMail.objects.filter(key__in=[row.mail_key for row in found])
        sent = dict(states.values_list("key", "state"))
        for row in found:
            row.state = row.state_at(now, sent.get(row.mail_key, ""))
        return found


class EmailInvitation(models.Model):
    """An address that a coach invited. The link in its mail is an Invitation for one, and joins
    only an account that has confirmed this address."""

    WORDS_MAX_LENGTH = 500

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="invited")
    email = models.EmailField(max_length=254)
    # What the coach says in the mail.
    words = models.TextField(max_length=WORDS_MAX_LENGTH, blank=True)
    # The one that its newest mail leads to.
    invitation = models.OneToOneField(Invitation, on_delete=models.CASCADE, related_name="mailed")
    sends = models.PositiveSmallIntegerField(default=1)
    sent_at = models.DateTimeField()
    # By the account with this address: a scanner that follows links opens nothing.
    opened_at = models.DateTimeField(null=True, blank=True)
    declined_at = models.DateTimeField(null=True, blank=True)

    objects = EmailInvitationQuerySet.as_manager()

    state: str  # by with_state()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cohort", "email"], name="email_invited_once"),
        ]

    def __str__(self) -> str:
        return f"{self.cohort} by mail"

    @property
    def mail_key(self) -> str:
        return f"invitation:{self.pk}:{self.sends}"

    def state_at(self, now: datetime, mail_state: str) -> str:
        """One of joined, declined, withdrawn, expired, undelivered, opened, sent and waiting."""
        undelivered = (OutgoingMail.State.DEAD, OutgoingMail.State.SKIPPED)
        cases = {
            "joined": self.invitation.uses > 0,
            "declined": self.declined_at is not None,
            "withdrawn": self.invitation.revoked_at is not None,
            "expired": self.invitation.expires_at <= now,
            "opened": self.opened_at is not None,
            "undelivered": mail_state in undelivered,
            "waiting": mail_state in (OutgoingMail.State.WAITING, OutgoingMail.State.SENDING),
        }
        return next((state for state, is_so in cases.items() if is_so), "sent")

    @property
    def may_be_sent_again(self) -> bool:
        return self.state not in {"joined", "declined", "waiting"} and self.sends < SENDS_AT_MOST

    @property
    def may_be_withdrawn(self) -> bool:
        return self.state in {"opened", "sent", "undelivered", "waiting"}

    def send_again(self, *, by: User, now: datetime) -> bool:
        """A mail with a new link, and the end of the one before; whether there was one to send.

        Of two taps the second finds a mail on its way.
        """
        with transaction.atomic():
            # Locked before it is read beside its link: while the second of two taps waits, the
            # first gives it another, and what was joined to the old one would be no row at all.
            EmailInvitation.objects.select_for_update().get(pk=self.pk)
            (stored,) = EmailInvitation.objects.filter(pk=self.pk).with_state(now)
            if not stored.may_be_sent_again:
                return False
            stored.invitation.revoke(now)
            stored.invitation, _token = Invitation.make(
                cohort=stored.cohort, by=by, now=now, max_uses=1
            )
            stored.sends += 1
            stored.sent_at, stored.opened_at = now, None
            stored.save()
            stored.mail(now)
        return True

    def mail(self, now: datetime) -> None:
        OutgoingMail.objects.put(
            "invitation",
            key=self.mail_key,
            to=self.email,
            payload={"email_invitation": self.pk, "sends": self.sends},
            now=now,
            not_after=self.invitation.expires_at,
        )

    def take_token(self) -> str:
        """The token of its link: the same for each try to send one mail, and kept nowhere.

        It follows from our secret key; the invitation keeps its hash as that of any link.
        """
        mac = salted_hmac("program.email-invitation", self.mail_key, algorithm="sha256").digest()
        token = base64.urlsafe_b64encode(mac).decode().rstrip("=")
        if self.invitation.token_hash != hashed(token):
            self.invitation.token_hash = hashed(token)
            self.invitation.save(update_fields=["token_hash"])
        return token

    def is_for(self, user: User) -> bool:
        return user.has_confirmed(self.email)

    def note_opened(self, now: datetime) -> None:
        EmailInvitation.objects.filter(pk=self.pk, opened_at=None).update(opened_at=now)

    def decline(self, now: datetime) -> None:
        """No place, and no more mail; who has joined by then stays."""
        EmailInvitation.objects.filter(pk=self.pk, declined_at=None).update(declined_at=now)
        if not self.invitation.uses:
            self.invitation.revoke(now)
