"""Icons come from kept files, by name."""

import re

import pytest
from django.template import Context, Template, TemplateSyntaxError

from breakthrough.development import ROOT

FILES = {name: (ROOT / "static/icons" / name).read_text() for name in ("app.svg", "program.svg")}
NAMES = [name for text in FILES.values() for name in re.findall(r'<symbol id="([\w-]+)"', text)]


def _drawn(source: str, **context: str) -> str:
    return Template("{% load icons %}" + source).render(Context(context))


def test_an_icon_is_drawn_from_the_file_that_it_is_in() -> None:
    assert _drawn('{% icon "today" %}') == (
        '<svg class="icon" aria-hidden="true"><use href="/static/icons/app.svg#today"/></svg>'
    )
    assert "/static/icons/program.svg#lock" in _drawn('{% icon "lock" %}')
    assert _drawn('{% icon "prev" %}').startswith('<svg class="icon icon--turns"')
    assert _drawn("{% icon name %}", name="lock") == _drawn('{% icon "lock" %}')


def test_an_icon_that_there_is_not_is_an_error_of_its_template() -> None:
    with pytest.raises((KeyError, TemplateSyntaxError)):
        Template('{% load icons %}{% icon "unicorn" %}')


def test_no_icon_is_kept_twice_or_for_nothing() -> None:
    sources = "".join(
        path.read_text()
        for folder, suffix in (("templates", "html"), ("program", "py"))
        for path in (ROOT / folder).rglob(f"*.{suffix}")
    )

    assert len(NAMES) == len(set(NAMES))
    assert [name for name in NAMES if f'"{name}"' not in sources] == []
