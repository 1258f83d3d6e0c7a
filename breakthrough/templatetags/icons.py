"""The icons of static/icons/: a 24 grid, strokes only, one kept file for many pages.

    {% icon "check" %}

app.svg holds those of Today, program.svg the rest, so that a first visit waits for few.
"""

import re
from functools import cache

from django import template
from django.conf import settings
from django.template.base import FilterExpression, Node, Parser, TextNode, Token
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

# Arrows that mean "back" and "on" turn around with the text.
TURNS = {"prev", "next", "out"}


class IconNode(Node):
    """One whose name is known when the page is drawn."""

    def __init__(self, name: FilterExpression) -> None:
        self.name = name

    def render(self, context: template.Context) -> SafeString:
        return drawn(str(self.name.resolve(context)))


@register.tag
def icon(parser: Parser, token: Token) -> Node:
    _tag, bit = token.split_contents()
    name = parser.compile_filter(bit)
    return IconNode(name) if name.is_var else TextNode(drawn(str(name.var)))


@cache
def drawn(name: str) -> SafeString:
    return format_html(
        '<svg class="icon{}" aria-hidden="true"><use href="{}#{}"/></svg>',
        " icon--turns" if name in TURNS else "",
        static(_files()[name]),
        name,
    )


@cache
def _files() -> dict[str, str]:
    """The file that an icon is in, by name. One that is in none is an error of its template."""
    folder = settings.BASE_DIR / "static"
    return {
        name: file.relative_to(folder).as_posix()
        for file in (folder / "icons").glob("*.svg")
        for name in re.findall(r'<symbol id="([\w-]+)"', file.read_text("utf-8"))
    }
