"""What visitors leave on a public page. It is held until the page's owner has read it."""

import uuid
from datetime import datetime
from typing import Any, Self

from django.core.signing import BadSignature, Signer
from django.db import models, transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import JSONObject
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from program.models.enrollments import Enrollment
from program.models.followers import Follower
from program.models.mail import MailChoice, MailKind
from program.models.public_pages import PublicPage
from program.models.reply_guard import PageGoneError, ReplyBlock, ReplyTakedown, check, mac
from program.models.reply_uses import Usable

# So many stand on the page, the newest.
SHOWN_AT_MOST = 30

# The link that its visitor is shown once, by which they take it back.
_REPLY = Signer(salt="program.replies", sep=".")


class ReplyQuerySet(models.QuerySet["Reply"]):
    def owned_by(self, user: User) -> Self:
        """What was left for the user, as far as its visitors let it stand."""
        return self.filter(page__enrollment__participant=user, withdrawn_at__isnull=True)

    def of(self, page: PublicPage) -> Self:
        return self.filter(page=page)

    def of_weeks(self, enrollment: Enrollment) -> Self:
        return self.filter(page__enrollment=enrollment, withdrawn_at__isnull=True)

    def of_token(self, token: str) -> Self:
        """The one that its visitor's link is for; none for a token that we did not sign."""
        try:
            public_id = uuid.UUID(_REPLY.unsign(token))
        except (BadSignature, ValueError):
            return self.none()
        return self.filter(public_id=public_id)

    def after(self, instant: datetime) -> Self:
        return self.filter(created_at__gt=instant)

    def of_kind(self, kind: str) -> Self:
        return self.filter(kind=kind) if kind else self

    def kept(self) -> Self:
        return self.filter(withdrawn_at__isnull=True, removed_at__isnull=True)

    def in_state(self, state: str) -> Self:
        return self.kept().filter(state=state)

    def waiting(self) -> Self:
        return self.in_state(Reply.State.WAITING)

    def shown(self) -> Self:
        """What a visitor of the page may read."""
        closed = ReplyTakedown.objects.standing().filter(reply=OuterRef("pk"))
        return self.in_state(Reply.State.SHOWN).filter(~Exists(closed))

    def read(self) -> Self:
        """What somebody read and kept, whether visitors may read it or not."""
        return self.kept().exclude(state=Reply.State.WAITING)

    def removed(self) -> Self:
        """By the page's reader; what is reported is the host's to look at."""
        return self.filter(removed_at__isnull=False, withdrawn_at=None, reported_at=None)

    def numbered(self, pk: int) -> Self:
        return self.filter(pk=pk)

    def with_uses(self) -> Self:
        return self.select_related("page", "as_request", "as_act", "as_person", "as_need")

    def by_kind(self) -> dict[str, int]:
        """How many there are of each kind, for kinds of which there are any."""
        rows = self.order_by().values("kind").annotate(count=Count("pk"))
        return {row["kind"]: row["count"] for row in rows}

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-pk")

    def for_visitors(self, page: OuterRef) -> "models.QuerySet[Reply, dict[str, Any]]":
        """The newest of the page, within its query: all that is public of a reply."""
        rows = self.shown().filter(page=page).newest_first()[:SHOWN_AT_MOST]
        return rows.values(left=JSONObject(kind="kind", name="name", words="words"))

    def counts(self) -> dict[str, int]:
        """How many are in each state, and `removed`; of those that wait, how many of each kind."""
        kept, waits = Q(removed_at=None), Q(removed_at=None, state=Reply.State.WAITING)
        return self.aggregate(
            **{state: Count("pk", filter=kept & Q(state=state)) for state in Reply.State.values},
            **{kind: Count("pk", filter=waits & Q(kind=kind)) for kind in Reply.Kind.values},
            removed=Count("pk", filter=~kept & Q(reported_at=None)),
        )

    def remove(self, now: datetime) -> int:
        """How many it was; they come back by restore() for as long as removed rows are kept."""
        return self.kept().update(removed_at=now)

    def restore(self) -> int:
        return self.exclude(removed_at=None).update(removed_at=None, reported_at=None)

    def removed_in(self, instant: datetime) -> Self:
        """What one tap removed."""
        return self.filter(removed_at=instant)

    def withdraw(self, now: datetime) -> int:
        """Their visitor takes them back: nothing of theirs stays but that something was sent."""
        return self.filter(withdrawn_at=None).update(
            withdrawn_at=now, name="", words="", follower=None, reported_at=None
        )

    def with_takedown(self) -> Self:
        """Annotate `is_taken_down`."""
        closed = ReplyTakedown.objects.standing().filter(reply=OuterRef("pk"))
        return self.annotate(is_taken_down=Exists(closed))

    def over(self, withdrawn_before: datetime, unread_before: datetime) -> Self:
        """What its visitor took back, and what nobody read for long."""
        unread = Q(state=Reply.State.WAITING, created_at__lt=unread_before)
        return self.filter(Q(withdrawn_at__lt=withdrawn_before) | unread)

    def forget_senders(self, before: datetime) -> int:
        return self.filter(created_at__lt=before, sender__gt="").update(sender="")

    def reported(self) -> Self:
        """What the host should look at, and what the host took away."""
        closed = ReplyTakedown.objects.standing().filter(reply=OuterRef("pk"))
        return self.filter(Q(reported_at__isnull=False) | Exists(closed), withdrawn_at=None)

    def leave(
        self,
        *,
        page: PublicPage,
        sender: str,
        kind: str,
        name: str,
        words: str,
        email: str,
        now: datetime,
    ) -> "Reply":
        """A visitor's words, which wait from here on; the same words again are the same reply.

        Raises PageGoneError, SenderBlockedError, TooManyRepliesError or AskedTooOftenError.
        """
        with transaction.atomic():
            # One at a time to a page, so that the limits are exact.
            open_now = PublicPage.objects.open().select_for_update(of=("self",), no_key=True)
            if not open_now.filter(pk=page.pk).exists():
                raise PageGoneError
            key = mac("program.replies.key", repr((page.pk, sender, kind, name, words, email)))
            stored = self.filter(client_key=key).first()
            if stored:
                return stored
            check(self.of(page), page, sender, now)
            follower = Follower.objects.ask(page, email, now) if email else None
            owner = page.enrollment.participant
            MailChoice.objects.begin(owner, MailKind.REPLIES, now)
            return self.create(
                page=page,
                client_key=key,
                sender=sender,
                kind=kind,
                name=name,
                words=words,
                follower=follower,
                created_at=now,
            )


class Reply(Usable):
    """A cheer, an idea, an offer or a hand raised, by somebody without an account."""

    class Kind(models.TextChoices):
        IDEA = "idea", _("Idea")
        CHEER = "cheer", _("Cheer")
        HELP = "help", _("Offer of help")
        COUNT_ME_IN = "count_me_in", _("Count me in")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SHOWN = "shown", _("On your page")
        KEPT = "kept", _("Kept to yourself")

    page = models.ForeignKey(PublicPage, on_delete=models.CASCADE, related_name="replies")
    # Follows from where it came from and what it says, so that a form sent twice is one reply.
    client_key = models.CharField(max_length=64, unique=True)
    # By sender_of(); empty when it is of no use any more.
    sender = models.CharField(max_length=64, blank=True)
    kind = models.CharField(max_length=11, choices=Kind)
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    follower = models.ForeignKey(
        Follower, null=True, blank=True, on_delete=models.SET_NULL, related_name="replies"
    )
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)
    # By its visitor: an empty row, for as long as it counts against the limits.
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    # To the host, who looks at it and says so.
    reported_at = models.DateTimeField(null=True, blank=True)

    objects = ReplyQuerySet.as_manager()

    is_taken_down: bool  # by with_takedown()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["idea", "cheer", "help", "count_me_in"]),
                name="reply_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "shown", "kept"]), name="reply_state_known"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=False, name="", words="", follower=None)
                | Q(withdrawn_at__isnull=True, name__gt=""),
                name="reply_withdrawn_says_nothing",
            ),
        ]
        indexes = [
            models.Index(fields=["page", "-created_at"], name="reply_newest"),
            models.Index(
                fields=["reported_at"],
                condition=Q(reported_at__isnull=False),
                name="reply_reported",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} on {self.page}"

    @property
    def token(self) -> str:
        return _REPLY.sign(str(self.public_id))

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.WAITING

    def settle(self, state: str) -> None:
        """On the page (SHOWN) or not (KEPT); what its visitor took back meanwhile stays so."""
        Reply.objects.filter(pk=self.pk).kept().update(state=state)
        self.state = state

    def remove(self, now: datetime) -> None:
        Reply.objects.filter(pk=self.pk).remove(now)

    def report(self, now: datetime) -> None:
        """To the host; out of its reader's sight."""
        rows = Reply.objects.filter(pk=self.pk, withdrawn_at=None)
        rows.update(reported_at=now, removed_at=now, state=self.State.KEPT)

    def settle_report(self) -> None:
        Reply.objects.filter(pk=self.pk).update(reported_at=None)

    def block_sender(self, now: datetime) -> None:
        """The page takes nothing more from there, and what waits from there is removed."""
        if not self.sender:
            return
        with transaction.atomic():
            ReplyBlock.objects.get_or_create(
                page=self.page, sender=self.sender, defaults={"name": self.name, "at": now}
            )
            Reply.objects.of(self.page).filter(sender=self.sender).waiting().remove(now)
            self.remove(now)

    def block_everywhere(self, now: datetime) -> None:
        """By the host."""
        if self.sender:
            ReplyBlock.objects.get_or_create(
                page=None, sender=self.sender, defaults={"name": self.name, "at": now}
            )

    def _became(self, **made: models.Model) -> None:
        rows = Reply.objects.filter(pk=self.pk)
        rows.update(**made)
        # Read and used, and on the page only when that is said.
        rows.waiting().update(state=self.State.KEPT)
