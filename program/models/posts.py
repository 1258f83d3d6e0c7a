"""What a coach writes for each day of a cohort."""

from datetime import datetime
from typing import Self

from django.db import models, transaction
from django.db.models import Max, Q

from accounts.models import User
from program.curriculum import DAYS
from program.models.cohorts import Cohort, CohortMembership


class PostConflictError(Exception):
    """The post was rewritten since it was shown, by another coach or in another tab."""

    def __init__(self, stored: "DayPost") -> None:
        super().__init__()
        self.stored = stored


class PostRemovedError(Exception):
    """The post that was rewritten here has been removed since."""


class DayTakenError(Exception):
    """Another post stands on the day since this one was removed."""


class DayPostQuerySet(models.QuerySet["DayPost"]):
    def coached_by(self, user: User) -> Self:
        return self.filter(cohort__in=Cohort.objects.coached_by(user))

    def of(self, cohort: Cohort) -> Self:
        return self.filter(cohort=cohort)

    def kept(self) -> Self:
        return self.filter(removed_at__isnull=True)

    def numbered(self, number: int) -> Self:
        return self.filter(number=number)

    def removed_last_first(self) -> Self:
        return self.filter(removed_at__isnull=False).order_by("-removed_at", "-pk")

    def up_to(self, number: int) -> Self:
        """Of the days that have come for who is on day `number`."""
        return self.filter(number__lte=number)

    def latest_day_first(self) -> Self:
        return self.order_by("-number", "-pk")

    def with_coach(self) -> Self:
        return self.select_related("coach")

    def save_words(
        self,
        *,
        cohort: Cohort,
        number: int,
        coach: User,
        title: str,
        text: str,
        based_on: int,
        now: datetime,
    ) -> "DayPost":
        """Store the words of a day as the version after `based_on` (0: there was none).

        Raises PostConflictError when what stands there is neither `based_on` nor these words,
        and PostRemovedError when nothing stands there any more.
        """
        words = {"title": title, "text": text}
        with transaction.atomic():
            cohort.lock()
            of_day = self.of(cohort).numbered(number)
            stored = of_day.kept().first()
            if stored and stored.says(**words):
                return stored
            if stored and stored.version != based_on:
                raise PostConflictError(stored)
            if based_on and not stored:
                raise PostRemovedError
            post = stored or DayPost(cohort=cohort, number=number, created_at=now)
            for name, value in {**words, "coach": coach, "updated_at": now}.items():
                setattr(post, name, value)
            # Later than that of any post that was removed from the day.
            post.version = (of_day.aggregate(last=Max("version"))["last"] or 0) + 1
            post.save()
        return post


class DayPost(models.Model):
    """What a member reads from the day on that is this one of their own fourteen."""

    TITLE_MAX_LENGTH = 120
    TEXT_MAX_LENGTH = 4000

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="posts")
    number = models.PositiveSmallIntegerField()
    # Who wrote it last; the cohort keeps what a coach wrote who is gone.
    coach = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="day_posts")
    title = models.CharField(max_length=TITLE_MAX_LENGTH, blank=True)
    text = models.TextField(max_length=TEXT_MAX_LENGTH)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = DayPostQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cohort", "number"],
                condition=Q(removed_at__isnull=True),
                name="day_post_one_a_day",
            ),
            models.CheckConstraint(
                condition=Q(number__range=(1, DAYS)), name="day_post_of_the_fourteen"
            ),
        ]

    def __str__(self) -> str:
        return self.title or f"Post of day {self.number}"

    def says(self, **words: str) -> bool:
        return all(getattr(self, name) == value for name, value in words.items())

    def remove(self, now: datetime) -> None:
        self.removed_at = now
        self.save(update_fields=["removed_at"])

    def restore(self) -> None:
        """Raises DayTakenError."""
        with transaction.atomic():
            self.cohort.lock()
            others = DayPost.objects.of(self.cohort).numbered(self.number).kept()
            if others.exclude(pk=self.pk).exists():
                raise DayTakenError
            self.removed_at = None
            self.save(update_fields=["removed_at"])

    def mark_read(self, membership: CohortMembership, now: datetime) -> None:
        """What was read before keeps its hour."""
        reading = PostReading(post=self, membership=membership, read_at=now)
        PostReading.objects.bulk_create([reading], ignore_conflicts=True)


class PostReading(models.Model):
    """That a member has seen a post; coaches see how many have, and not who."""

    post = models.ForeignKey(DayPost, on_delete=models.CASCADE, related_name="readings")
    membership = models.ForeignKey(
        CohortMembership, on_delete=models.CASCADE, related_name="readings"
    )
    read_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "membership"], name="post_reading_once_each"),
        ]

    def __str__(self) -> str:
        return f"{self.membership} has read {self.post}"
