"""What members write under a coach's post, and who reads it."""

import uuid
from datetime import datetime
from typing import Any, Self

from django.db import models, transaction
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from accounts.models import User
from program.models.cohorts import Cohort, CohortMembership
from program.models.posts import DayPost, DayPostQuerySet, PostReading
from program.models.scopes import MembersSee


class CommentIdTakenError(Exception):
    """They wrote something else with this id, or removed what they wrote."""


class TooManyCommentsError(Exception):
    pass


class NoMemberError(Exception):
    """They left a moment ago."""


def with_audience(posts: DayPostQuerySet) -> DayPostQuerySet:
    """For coaches: annotate `readers` and `comment_count`, of those who are in the cohort now."""
    readings = PostReading.objects.filter(post=OuterRef("pk"), membership__left_at=None)
    comments = DayComment.objects.of_standing().filter(post=OuterRef("pk")).open()
    return posts.annotate(readers=_count(readings), comment_count=_count(comments))


def with_own(posts: DayPostQuerySet, membership: CohortMembership) -> DayPostQuerySet:
    """For a member: annotate `is_read`, and `comment_count` of the comments that they see."""
    seen = DayComment.objects.walked_beside(membership.enrollment.participant).open()
    readings = PostReading.objects.filter(post=OuterRef("pk"), membership=membership)
    return posts.annotate(
        is_read=Exists(readings), comment_count=_count(seen.filter(post=OuterRef("pk")))
    )


def _count(rows: "models.QuerySet[Any]") -> Coalesce:
    """Of the rows of each post, within its query."""
    found = rows.order_by().values("post").annotate(found=Count("pk")).values("found")
    return Coalesce(Subquery(found), 0)


class DayCommentQuerySet(models.QuerySet["DayComment"]):
    def owned_by(self, user: User) -> Self:
        return self.of_standing().filter(membership__enrollment__participant=user)

    def coached_by(self, user: User) -> Self:
        """Those under the posts of the cohorts that the user coaches."""
        return self.of_standing().filter(post__cohort__in=Cohort.objects.coached_by(user))

    def walked_beside(self, user: User) -> Self:
        """The user's own, and those that were written for the members by whom they see now."""
        beside = CohortMembership.objects.walked_beside(user, MembersSee.NAMES)
        own = CohortMembership.objects.owned_by(user).standing()
        return self.filter(
            Q(membership__in=own) | Q(membership__in=beside, for_members=True),
            membership__cohort=F("post__cohort"),
        )

    def of_standing(self) -> Self:
        return self.filter(membership__left_at__isnull=True)

    def of(self, post: DayPost) -> Self:
        return self.filter(post=post)

    def kept(self) -> Self:
        """Not removed by who wrote it; where a coach removed it, a line says so."""
        return self.filter(removed_at__isnull=True)

    def open(self) -> Self:
        """Those whose words are read."""
        return self.kept().filter(hidden_at__isnull=True)

    def as_shown(self) -> "models.QuerySet[DayComment, dict[str, Any]]":
        """Oldest first, as dicts; `words` is empty where a coach removed them."""
        words = Case(
            When(hidden_at=None, then="text"), default=Value("", output_field=models.TextField())
        )
        return (
            self.kept()
            .order_by("created_at", "pk")
            .values(
                "pk",
                "client_id",
                "created_at",
                "hidden_at",
                "for_members",
                words=words,
                name=F("membership__enrollment__participant__display_name"),
                author=F("membership__enrollment__participant"),
            )
        )

    def leave(
        self,
        *,
        post: DayPost,
        membership: CohortMembership,
        client_id: uuid.UUID,
        text: str,
        for_members: bool,
        now: datetime,
    ) -> "DayComment":
        """A member's words under a post; a form sent twice leaves them once.

        `for_members` is what the page said; where members see nothing of each other by now it is
        for the coaches, and stays so.

        Raises CommentIdTakenError, TooManyCommentsError or NoMemberError.
        """
        with transaction.atomic():
            # The lock lets them leave before or after it, and write one after the other.
            locked = CohortMembership.objects.select_for_update(of=("self",), no_key=True)
            standing = locked.standing().select_related("cohort").filter(pk=membership.pk).first()
            if standing is None:
                raise NoMemberError
            stored = self.filter(membership=standing, client_id=client_id).first()
            if stored:
                if stored.removed_at or (stored.post_id, stored.text) != (post.pk, text):
                    raise CommentIdTakenError
                return stored
            if self.filter(membership=standing, post=post).count() >= DayComment.MOST_PER_POST:
                raise TooManyCommentsError
            return self.create(
                post=post,
                membership=standing,
                client_id=client_id,
                text=text,
                for_members=for_members and standing.level >= MembersSee.NAMES,
                created_at=now,
            )


class DayComment(models.Model):
    TEXT_MAX_LENGTH = 1000
    # By one member, those that they removed included.
    MOST_PER_POST = 30

    post = models.ForeignKey(DayPost, on_delete=models.CASCADE, related_name="comments")
    membership = models.ForeignKey(
        CohortMembership, on_delete=models.CASCADE, related_name="comments"
    )
    # Made by the page, so that a form sent twice is one comment.
    client_id = models.UUIDField(default=uuid.uuid4)
    text = models.TextField(max_length=TEXT_MAX_LENGTH)
    # Whom the page named as its readers when it was written; without, the coaches only.
    for_members = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)
    # By a coach, instead of who wrote it.
    hidden_at = models.DateTimeField(null=True, blank=True)

    objects = DayCommentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["membership", "client_id"], name="day_comment_natural_key"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership} under {self.post}"

    def remove(self, now: datetime) -> None:
        self.removed_at = now
        self.save(update_fields=["removed_at"])

    def restore(self) -> None:
        self.removed_at = None
        self.save(update_fields=["removed_at"])

    def hide(self, now: datetime) -> None:
        """By a coach; a line stands in its place."""
        self.hidden_at = now
        self.save(update_fields=["hidden_at"])

    def show(self) -> None:
        self.hidden_at = None
        self.save(update_fields=["hidden_at"])
