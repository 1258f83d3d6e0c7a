"""What somebody makes of words that were left for them: an entry, a person, an answer."""

import uuid
from datetime import date, datetime

from django.db import models, transaction

from accounts.models import User
from program.models.enrollments import Enrollment
from program.models.entries import DailyEntry
from program.models.needs import Need
from program.models.people import NameTakenError, Person
from program.models.refusals import EntryRemovedError


class Usable(models.Model):
    """Words that became something of the reader's own, which stays theirs whatever happens here."""

    NAME_MAX_LENGTH = 60
    # They fit a line of an entry, and the answer to a question.
    WORDS_MAX_LENGTH = 500

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=NAME_MAX_LENGTH, blank=True)
    words = models.TextField(max_length=WORDS_MAX_LENGTH, blank=True)
    as_request = models.ForeignKey(
        DailyEntry, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    as_act = models.ForeignKey(
        DailyEntry, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    as_person = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    as_need = models.ForeignKey(
        Need, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        abstract = True

    @property
    def line(self) -> str:
        """On one line; the name stands for who left no words."""
        return " ".join(self.words.split()) or self.name

    def turn_into(
        self, practice: str, *, enrollment: Enrollment, day: date, now: datetime
    ) -> DailyEntry:
        """A request or an action of `day` with these words, still without a stone.

        Turned a second time it is the same entry, whatever its line says by then. Raises what
        save_entry raises.
        """
        with transaction.atomic():
            # The same in both tabs, so that a double tap is one entry.
            client_id = uuid.uuid5(self.public_id, f"{enrollment.pk}/{practice}")
            made = DailyEntry.objects.of(enrollment).filter(client_id=client_id)
            entry = made.first() or DailyEntry.objects.save_entry(
                enrollment=enrollment,
                client_id=client_id,
                day=day,
                practice=practice,
                placed=None,
                line=self.line,
                now=now,
            )
            if entry.removed_at:
                raise EntryRemovedError
            self._became(**{f"as_{practice}": entry})
        return entry

    def add_person(self, role: str, *, user: User, now: datetime) -> Person:
        """Whoever left it, in the list of people with one more role (one of Person.ROLES).

        Who is in the list by that name is meant, and keeps every role they had.
        """
        name = " ".join(self.name.split())
        wanted = Person(user=user, client_id=uuid.uuid5(self.public_id, "person"), name=name)
        with transaction.atomic():
            try:
                person = wanted.add(now)
            except NameTakenError as taken:
                person = taken.person
            setattr(person, role, True)
            person.removed_at = None
            person.save(update_fields=[role, "removed_at"])
            self._became(as_person=person)
        return person

    def answer(self, need: Need, now: datetime) -> None:
        """The words are the answer to the question; an answer that it has stays before them."""
        with transaction.atomic():
            stored = Need.objects.select_for_update().get(pk=need.pk)
            if self.line not in stored.answer:
                together = f"{stored.answer} {self.line}".strip()
                stored.answer = together[: Need.ANSWER_MAX_LENGTH]
            stored.answered_at = stored.answered_at or now
            stored.save(update_fields=["answer", "answered_at"])
            self._became(as_need=stored)

    def _became(self, **made: models.Model) -> None:
        raise NotImplementedError
