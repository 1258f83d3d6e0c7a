import uuid
from datetime import datetime
from typing import Self

from django.db import models, transaction
from django.db.models import F

from accounts.models import User
from program.models.enrollments import Enrollment
from program.models.worded import Worded


class NeedQuerySet(models.QuerySet["Need"]):
    def owned_by(self, user: User) -> Self:
        return self.filter(enrollment__participant=user)

    def of(self, enrollment: Enrollment) -> Self:
        return self.filter(enrollment=enrollment)

    def kept(self) -> Self:
        return self.filter(removed_at__isnull=True)

    def open_first(self) -> Self:
        return self.order_by(F("answered_at").asc(nulls_first=True), "created_at", "pk")


class Need(Worded):
    """Something or somebody that the goal asks one to know (step 7)."""

    WORDS = ("question", "who", "answer")
    QUESTION_MAX_LENGTH = 300
    WHO_MAX_LENGTH = 200
    ANSWER_MAX_LENGTH = 500

    enrollment = models.ForeignKey(Enrollment, on_delete=models.CASCADE, related_name="needs")
    client_id = models.UUIDField(default=uuid.uuid4)
    question = models.CharField(max_length=QUESTION_MAX_LENGTH)
    # Who might know, in the person's words.
    who = models.CharField(max_length=WHO_MAX_LENGTH, blank=True)
    answer = models.CharField(max_length=ANSWER_MAX_LENGTH, blank=True)
    # Null: still open.
    answered_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = NeedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrollment", "client_id"], name="need_natural_key"),
        ]

    def __str__(self) -> str:
        return self.question

    def add(self, now: datetime) -> "Need":
        """Put it on the list; sent a second time it is the same question, removed or not."""
        need, _created = Need.objects.get_or_create(
            enrollment=self.enrollment,
            client_id=self.client_id,
            defaults={**self.words, "created_at": now},
        )
        return need

    def rewrite(self, words: "Need", *, based_on: str, now: datetime) -> None:
        """An answer that comes with the words answers the question.

        Raises WordsConflictError, with the stored words in self by then.
        """
        with transaction.atomic():
            stored = Need.objects.select_for_update().get(pk=self.pk)
            had_answer = stored.answer
            try:
                is_new = stored.take_words(words, based_on=based_on)
            finally:
                for name, value in stored.words.items():
                    setattr(self, name, value)
            if is_new:
                if self.answer and not had_answer:
                    self.answered_at = self.answered_at or now
                self.save(update_fields=[*self.WORDS, "answered_at"])

    def set_answered(self, is_answered: bool, *, now: datetime) -> None:
        self.answered_at = (self.answered_at or now) if is_answered else None
        self.save(update_fields=["answered_at"])

    def remove(self, now: datetime) -> None:
        self.removed_at = now
        self.save(update_fields=["removed_at"])

    def restore(self) -> None:
        self.removed_at = None
        self.save(update_fields=["removed_at"])
