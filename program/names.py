"""Which of the people in a list a line names: pure functions, no models inside.

Words are compared whole, in any case, and as people read them: é is é however it is stored, and a
curly apostrophe is an apostrophe. Nothing a name holds is ever a pattern.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

# Scripts that write without spaces, or set endings right behind a name: each character stands for
# itself, so that a name is found inside a line.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
# Marks that belong to the letter before them, which \w leaves out.
_MARKS = (
    "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u0670\u06d6-\u06ed\u0900-\u0963\u0971-\u0dff"
)
_LETTERS = rf"(?:(?![{_UNSPACED}])[\w{_MARKS}])+"
# A character of an unspaced script, a word (Anna-Lena is one), or any other sign.
_TOKEN = re.compile(rf"[{_UNSPACED}]|{_LETTERS}(?:[-\u2010\u2011]{_LETTERS})*|\S")
_AS_TYPED = str.maketrans("\u2019\u02bc\u2010\u2011", "''--")

Words = tuple[str, ...]


class NameFinder:
    """A list of (pk, name), made ready once for any number of lines."""

    def __init__(self, names: Iterable[tuple[int, str]]) -> None:
        # By their first word, as (words, pk, is a first name only), longest first.
        self._by_first: dict[str, list[tuple[Words, int, bool]]] = defaultdict(list)
        first_names: dict[str, list[int]] = defaultdict(list)
        for pk, name in names:
            written = _words(name)
            words = _folded(written)
            if not words:
                continue
            self._by_first[words[0]].append((words, pk, False))
            first_names[words[0]].append(pk)
            if _opens_with_a_first_name(written):
                self._by_first[words[0]].append((words[:1], pk, True))
        for first, candidates in self._by_first.items():
            if len(first_names[first]) > 1:
                # Which of them is meant, nobody can say.
                candidates[:] = [found for found in candidates if not found[2]]
            candidates.sort(key=lambda found: -len(found[0]))

    def in_line(self, line: str) -> list[int]:
        """The pks of those the line names, in the order in which it names them, each once.

        A first name alone is enough where only one name of the list begins with it: "Imani" for
        Imani Wekesa. It is not for "the" (The man at the office), "will" (Will Ek) or "Mr Smith"
        (Mr Lund).
        """
        written = _words(line)
        words = _folded(written)
        found: dict[int, None] = {}
        at = 0
        while at < len(words):
            for name, pk, is_first_name in self._by_first.get(words[at], ()):
                if words[at : at + len(name)] != name:
                    continue
                if is_first_name and not _stands_alone(written, at):
                    continue
                found[pk] = None
                at += len(name) - 1
                break
            at += 1
        return list(found)


def same_name(one: str, other: str) -> bool:
    return _folded(_words(one)) == _folded(_words(other))


def _words(text: str) -> Words:
    return tuple(_TOKEN.findall(unicodedata.normalize("NFC", text).translate(_AS_TYPED)))


def _folded(words: Words) -> Words:
    return tuple(
        unicodedata.normalize("NFC", unicodedata.normalize("NFD", word).casefold())
        for word in words
    )


def _opens_with_a_first_name(written: Words) -> bool:
    """Imani Wekesa does. Elsa next door may as well be The man at the office, so it does not."""
    return len(written) > 1 and all(map(_is_capitalized, written[:2])) and len(written[0]) > 1


def _stands_alone(written: Words, at: int) -> bool:
    """Written as a name, and not the first half of somebody else's: Imani Ek is another Imani."""
    following = written[at + 1 : at + 2]
    return _is_capitalized(written[at]) and not any(map(_is_capitalized, following))


def _is_capitalized(word: str) -> bool:
    return word[0].isupper()
