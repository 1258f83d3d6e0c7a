"""The catalog of words holds what the sources say, no more and no less.

Collecting takes GNU gettext, which a machine may not have; comparing takes Python alone.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from django.conf import settings
from django.utils.formats import get_format
from django.utils.translation.template import templatize

ROOT = Path(__file__).parent.parent
CATALOG = ROOT / "locale/en/LC_MESSAGES/django.po"
SOURCES = sorted(
    path
    for package in ("accounts", "breakthrough", "program")
    for path in (ROOT / package).rglob("*.py")
)
TEMPLATES = sorted(
    path for path in (ROOT / "templates").rglob("*") if path.suffix in {".html", ".txt"}
)
# Calls that xgettext is told to collect from, with how many of their arguments are words.
CALLS = {"_": 1, "gettext": 1, "gettext_lazy": 1, "ngettext": 2, "ngettext_lazy": 2}
CALLS_WITH_CONTEXT = {"pgettext": 1, "pgettext_lazy": 1, "npgettext": 2, "npgettext_lazy": 2}
STRING = r"""(?:u?"(?:[^"\\]|\\.)*"|u?'(?:[^'\\]|\\.)*')"""


class Message(NamedTuple):
    context: str
    words: str
    plural: str = ""


def _said_in_python(source: str) -> Iterator[Message]:
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=args):
                if name in CALLS:
                    yield Message("", *map(_text, args[: CALLS[name]]))
                elif name in CALLS_WITH_CONTEXT:
                    words = args[1 : 1 + CALLS_WITH_CONTEXT[name]]
                    yield Message(_text(args[0]), *map(_text, words))


def _text(argument: ast.expr) -> str:
    text = ast.literal_eval(argument)
    assert isinstance(text, str)
    return text


def _said_in_template(source: str) -> Iterator[Message]:
    """Django turns a template into calls between noise; the calls alone are Python."""
    calls = rf"\b(?:n?p?gettext|_)\((?:{STRING}|[\s,]|\bcount\b)+\)"
    for call in re.findall(calls, templatize(source)):
        yield from _said_in_python(call)


def _catalog() -> list[dict[str, str]]:
    """The entries of the catalog, the header left out: {"msgid": …, "msgstr": …}."""
    entries: list[dict[str, str]] = []
    for block in re.split(r"\n\n+", CATALOG.read_text())[1:]:
        entry = {
            key: "".join(ast.literal_eval(line) for line in lines.strip().splitlines())
            for key, lines in re.findall(r'^(msg\S+) ((?:".*"\n?)+)', block, re.M)
        }
        entries.append(entry)
    return entries


def test_catalog_holds_the_words_of_the_sources() -> None:
    said = {
        message
        for paths, said_in in ((SOURCES, _said_in_python), (TEMPLATES, _said_in_template))
        for path in paths
        for message in said_in(path.read_text())
    }

    held = {
        Message(entry.get("msgctxt", ""), entry["msgid"], entry.get("msgid_plural", ""))
        for entry in _catalog()
    }

    advice = "run `make messages` and commit locale/"
    assert held - said == set(), f"Said no more: {advice}"
    assert said - held == set(), f"Not collected yet: {advice}"


def test_english_catalog_is_complete_and_says_what_the_sources_say() -> None:
    for entry in _catalog():
        translations = [entry.get("msgstr"), entry.get("msgstr[0]")]
        assert entry["msgid"] in translations
        assert entry.get("msgstr[1]") == entry.get("msgid_plural")


def test_catalog_holds_no_guesses_and_no_paths() -> None:
    catalog = CATALOG.read_text()

    assert "fuzzy" not in catalog
    assert not re.search(r"^#[:~]", catalog, re.M)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ('{% translate "Day" %}', Message("", "Day")),
        ("{% translate 'A \"day\"' as x %}", Message("", 'A "day"')),
        ('{% translate "Day" context "date" %}', Message("date", "Day")),
        ("{% blocktranslate %}Day {{ n }}{% endblocktranslate %}", Message("", "Day %(n)s")),
        (
            "{% blocktranslate trimmed count n=x %}\n One\n{% plural %}\n {{ n }}\n"
            "{% endblocktranslate %}",
            Message("", "One", "%(n)s"),
        ),
        ('{{ x|default:_("Day") }}', Message("", "Day")),
    ],
)
def test_words_of_a_template_are_seen(source: str, message: Message) -> None:
    assert list(_said_in_template(source)) == [message]


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
@pytest.mark.parametrize("name", ["WEEKDAY_FORMAT", "SHORT_WEEKDAY_FORMAT"])
def test_every_language_says_how_its_dates_are_written(language: str, name: str) -> None:
    assert get_format(name, lang=language) != name
