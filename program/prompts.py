"""What a person reads on each day, and a line of guidance for each step and practice.

The words are data that a host may replace (PROMPT_PACK, docs/prompts.md), so they stand in one
language and not in the catalog. A pack that is not whole is refused when a process starts.
"""

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from program.curriculum import DAYS, PRACTICES, STEPS

PROMPT_LENGTH = 200
GUIDANCE_LENGTH = 160
TITLE_LENGTH = 120
TRANSCRIPT_LENGTH = 50_000
MEDIA_KINDS = ("audio", "video")

# An address that a browser and we cannot read in two ways: no port, password, space or backslash.
MEDIA_URL = re.compile(r"https://(?P<host>[A-Za-z0-9.-]+)(/[!#-\[\]-~]*)?")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
# What lets a value go on past its line, and what its last line then holds.
OPENED = re.compile(r"=[ \t]*(\"{3}|'{3}|\[|\{)")
CLOSED_BY = {'"""': '"""', "'''": "'''", "[": "]", "{": "}"}
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

Where = tuple[str, ...]


class PromptPackError(ImproperlyConfigured):
    """One line, such as `prompts.toml, line 12: …`."""


@dataclass(frozen=True)
class Media:
    kind: str  # one of MEDIA_KINDS
    url: str
    title: str
    transcript: str
    language: str


@dataclass(frozen=True)
class DayPrompt:
    number: int
    prompt: str
    media: Media | None
    language: str


@dataclass(frozen=True)
class Guidance:
    guidance: str
    media: Media | None
    language: str


@dataclass(frozen=True)
class PromptPack:
    days: Mapping[int, DayPrompt]
    steps: Mapping[int, Guidance]
    practices: Mapping[str, Guidance]
    language: str  # BCP 47, for `lang` in templates


def day(number: int) -> DayPrompt:
    return pack().days[number]


def step(number: int) -> Guidance:
    return pack().steps[number]


def practice(key: str) -> Guidance:
    return pack().practices[key]


@cache
def pack() -> PromptPack:
    """The pack of the settings, read once in a process."""
    return load(Path(settings.PROMPT_PACK), settings.MEDIA_HOSTS)


def load(path: Path, media_hosts: Collection[str] = ()) -> PromptPack:
    """Read the whole pack, or raise PromptPackError with the first line that is wrong."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PromptPackError(f"PROMPT_PACK names a file we cannot read: {error}") from error
    return _Reader(path.name, content, media_hosts).pack()


class _Reader:
    """Takes a pack apart. `where` is the way to a value, such as ("days", "1", "prompt")."""

    def __init__(self, name: str, content: bytes, media_hosts: Collection[str]) -> None:
        self.name = name
        self.media_hosts = media_hosts
        self.latest: Where = ()  # the table read last
        self.text = self._decoded(content)
        self.data = self._parsed()
        self.language = self._language()

    def pack(self) -> PromptPack:
        self._known((), self.data, ("language", "days", "steps", "practices"))
        numbers = [str(number) for number in range(1, DAYS + 1)]
        days = {
            int(key): DayPrompt(
                int(key),
                self._text((*where, "prompt"), PROMPT_LENGTH),
                self._media((*where, "media")),
                self.language,
            )
            for key, where in self._tables("days", numbers, ("prompt", "media"))
        }
        numbers = [str(number) for number in range(1, len(STEPS) + 1)]
        steps = {
            int(key): self._guidance(where)
            for key, where in self._tables("steps", numbers, ("guidance", "media"))
        }
        keys = [practice.key for practice in PRACTICES]
        practices = {
            key: self._guidance(where)
            for key, where in self._tables("practices", keys, ("guidance",))
        }
        return PromptPack(days, steps, practices, self.language)

    def _decoded(self, content: bytes) -> str:
        try:
            # Some editors put a mark before the first letter; TOML ends lines with \n or \r\n.
            return content.decode().removeprefix("\ufeff").replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            self._refuse_line(content.count(b"\n", 0, error.start) + 1, "this is not UTF-8.")

    def _parsed(self) -> dict[str, Any]:
        try:
            return tomllib.loads(self.text)
        # Numbers of thousands of digits and brackets in thousands of brackets are other errors.
        except (ValueError, RecursionError) as error:
            reason, _at, position = str(error).partition(" (at ")
            if found := re.match(r"line (\d+)", position):
                line = int(found[1])
            else:
                ends = (line for line, _, parsed in _statements(self.text) if parsed is None)
                line = next(ends, 1)
            if not isinstance(error, tomllib.TOMLDecodeError):
                reason = "it cannot be read"
            self._refuse_line(line, f"this is not TOML: {reason[:1].lower()}{reason[1:]}.")

    def _language(self) -> str:
        if "language" not in self.data:
            return "en"
        language = self._text(("language",), 35)
        if not LANGUAGE.fullmatch(language):
            self._refuse(("language",), "`language` must be a language tag, such as en or pt-BR.")
        return language

    def _tables(
        self, section: str, keys: Collection[str], known: Collection[str]
    ) -> Iterator[tuple[str, Where]]:
        """Each key with its way, once all are there and none is too many."""
        found = self._table((section,)) if section in self.data else {}
        for key in found:
            if key not in keys:
                options = ", ".join(keys)
                self._refuse((section, key), f"{key!r:.40} is none of the {section}: {options}.")
        for key in keys:
            where = (section, key)
            if key not in found:
                below = f" Put it below [{'.'.join(self.latest)}]." if self.latest else ""
                self._refuse(self.latest, f"[{section}.{key}] is missing.{below}")
            self._known(where, self._table(where), known)
            self.latest = where
            yield key, where

    def _guidance(self, where: Where) -> Guidance:
        guidance = self._text((*where, "guidance"), GUIDANCE_LENGTH)
        return Guidance(guidance, self._media((*where, "media")), self.language)

    def _media(self, where: Where) -> Media | None:
        if self._value(where) is None:
            return None
        self._known(where, self._table(where), ("kind", "url", "title", "transcript"))
        kind = self._text((*where, "kind"), TITLE_LENGTH)
        if kind not in MEDIA_KINDS:
            self._refuse((*where, "kind"), '`kind` must be "audio" or "video".')
        return Media(
            kind,
            self._media_url((*where, "url")),
            self._text((*where, "title"), TITLE_LENGTH),
            self._text((*where, "transcript"), TRANSCRIPT_LENGTH, is_line=False),
            self.language,
        )

    def _media_url(self, where: Where) -> str:
        url = self._text(where, 2000)
        if not url.startswith("https://"):
            self._refuse(where, "`url` must start with https://")
        if not (found := MEDIA_URL.fullmatch(url)):
            self._refuse(where, "`url` must be https://, a host name and a path, and no more.")
        if found["host"].lower() not in self.media_hosts:
            self._refuse(where, f"{found['host']:.253} is not one of MEDIA_HOSTS.")
        return url

    def _text(self, where: Where, most: int, is_line: bool = True) -> str:
        key, text = where[-1], self._value(where)
        if text is None:
            self._refuse(where[:-1], f"`{key}` is missing.")
        if not isinstance(text, str):
            self._refuse(where, f"`{key}` must be text in quotes.")
        # Wrapped in the file, it is one line on the page all the same.
        text = (re.sub(r"[ \t\n]+", " ", text) if is_line else text).strip()
        if not text:
            self._refuse(where, f"`{key}` is empty.")
        if len(text) > most:
            self._refuse(where, f"`{key}` has {len(text)} characters, and {most} are the most.")
        if CONTROLS.search(text):
            self._refuse(where, f"`{key}` holds a character that cannot be shown.")
        return text

    def _table(self, where: Where) -> dict[str, Any]:
        table = self._value(where)
        if not isinstance(table, dict):
            self._refuse(where, f"[{'.'.join(where)}] must be a table.")
        return table

    def _value(self, where: Where) -> Any:
        value: Any = self.data
        for key in where:
            value = value.get(key)
        return value

    def _known(self, where: Where, table: dict[str, Any], known: Collection[str]) -> None:
        for key in table:
            if key not in known:
                options = ", ".join(known)
                self._refuse((*where, key), f"{key!r:.40} is not known here. Known: {options}.")

    def _refuse(self, where: Where, why: str) -> NoReturn:
        lines = _lines(self.text)
        while where not in lines:
            where = where[:-1]
        self._refuse_line(lines[where], why)

    def _refuse_line(self, line: int, why: str) -> NoReturn:
        raise PromptPackError(f"{self.name}, line {line}: {why}")


def _lines(text: str) -> dict[Where, int]:
    """Where each table and key of a good TOML text begins, which tomllib does not tell."""
    lines: dict[Where, int] = {(): 1}

    def note(where: Where, value: Any, line: int) -> Where:
        """Return the way to what stands deepest. Nothing of ours stands deeper than four keys."""
        lines.setdefault(where, line)
        deepest = where
        if isinstance(value, dict) and len(where) < 4:
            for key, inner in value.items():
                deepest = note((*where, key), inner, line)
        return deepest

    table: Where = ()
    for line, source, parsed in _statements(text):
        if source.lstrip().startswith("["):
            table = note((), parsed, line)
        else:
            for key, value in (parsed or {}).items():
                note((*table, key), value, line)
    return lines


def _statements(text: str) -> Iterator[tuple[int, str, dict[str, Any] | None]]:
    """The line each begins in, its source and what it says; None where it has no good end."""
    lines = text.split("\n")
    first = 0
    while first < len(lines):
        last = first
        ends = [CLOSED_BY[opened] for opened in OPENED.findall(lines[first])]
        while (parsed := _parsed(source := "\n".join(lines[first : last + 1]))) is None:
            rest = range(last + 1, len(lines))
            last = next((n for n in rest if any(end in lines[n] for end in ends)), len(lines))
            if last == len(lines):
                break
        yield first + 1, source, parsed
        first = last + 1


def _parsed(source: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(source)
    except (ValueError, RecursionError):
        return None
