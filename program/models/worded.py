"""Words that are edited in place."""

import hashlib
from typing import Self

from django.db import models


class WordsConflictError(Exception):
    """The words were rewritten since they were shown, most likely in another tab."""


class Worded(models.Model):
    """What the page shows in WORDS; their version follows from them, so no column counts it."""

    WORDS: tuple[str, ...] = ()

    class Meta:
        abstract = True

    @property
    def words(self) -> dict[str, str | bool]:
        return {name: getattr(self, name) for name in self.WORDS}

    @property
    def version(self) -> str:
        """16 hex digits that change with the words."""
        return hashlib.sha256(repr(self.words).encode()).hexdigest()[:16]

    def take_words(self, other: Self, *, based_on: str) -> bool:
        """Take over the words of `other`; False when they say the same already.

        Raises WordsConflictError when they are based on another version than the own one.
        """
        if self.words == other.words:
            return False
        if self.version != based_on:
            raise WordsConflictError
        for name, value in other.words.items():
            setattr(self, name, value)
        return True
