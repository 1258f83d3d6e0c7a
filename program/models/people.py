import uuid
from typing import Self

from django.db import models
from django.db.models.functions import Lower

from accounts.models import User
from program.models.enrollments import Enrollment


class PersonQuerySet(models.QuerySet["Person"]):
    def owned_by(self, user: User) -> Self:
        return self.filter(user=user)

    def kept(self) -> Self:
        return self.filter(removed_at__isnull=True)

    def by_name(self) -> Self:
        return self.order_by(Lower("name"), "pk")


class Person(models.Model):
    """Somebody in a participant's list; it outlives one goal, so it hangs from the user.

    Whether they were told is not stored: it follows from the shares that name them.
    """

    NAME_MAX_LENGTH = 100
    NOTE_MAX_LENGTH = 500

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="people")
    # Made by the page, so that a form sent twice is one person.
    client_id = models.UUIDField(default=uuid.uuid4)
    name = models.CharField(max_length=NAME_MAX_LENGTH)
    note = models.CharField(max_length=NOTE_MAX_LENGTH, blank=True)
    is_evangelist = models.BooleanField(default=False)
    is_advisor = models.BooleanField(default=False)
    is_supporter = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = PersonQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "client_id"], name="person_natural_key"),
        ]

    def __str__(self) -> str:
        return self.name


class NeedQuerySet(models.QuerySet["Need"]):
    def owned_by(self, user: User) -> Self:
        return self.filter(enrollment__participant=user)

    def of(self, enrollment: Enrollment) -> Self:
        return self.filter(enrollment=enrollment)

    def kept(self) -> Self:
        return self.filter(removed_at__isnull=True)


class Need(models.Model):
    """Something or somebody that the goal asks one to know (step 7)."""

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
