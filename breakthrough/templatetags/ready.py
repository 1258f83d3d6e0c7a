"""Parts of a page that are rendered once and then filled in.

    {% ready practice=practice.practice number=number holds day=day id=entry.client_id line=line %}
      … {% url "entry_save" day id %} … {{ line }} …
    {% endready %}

What stands before `holds` says how the part looks: for each combination the block is rendered once
in a process. What stands after it is written into its places, escaped as ever; in the block it can
be printed and nothing else, without a filter; a day or an id may be in an address. The block sees
these names and no others, so that nothing of one person stays in a part that another one gets.

docs/decisions/0010 has what it saves.
"""

import html
import re
import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

from django import template
from django.template.base import (
    FilterExpression,
    NodeList,
    Parser,
    Token,
    render_value_in_context,
    token_kwargs,
)
from django.template.loader_tags import BlockNode
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()

_OURS = uuid.uuid4()
_NO_DAY = date(1, 1, 1)

# The text of a part, cut at its places, and the numbers of the pieces that each name stands in.
Kept = tuple[list[str], list[tuple[str, list[int]]]]
# So many combinations of a part are kept; then it begins anew.
MOST = 1000


class Words(SafeString):
    """A place for words. It is the same for everybody, so nothing may be decided by it."""

    def __bool__(self) -> bool:
        raise TypeError("What stands after `holds` can only be printed.")


def stand_in(name: str, value: Any) -> Any:
    """What a tag in the block takes for a value of this type, and nothing else prints."""
    if isinstance(value, uuid.UUID):
        return uuid.uuid5(_OURS, name)
    if isinstance(value, date):
        return _NO_DAY
    return Words(f"\ue000{name}\ue001")  # two characters that nobody types


class ReadyNode(template.Node):
    # Where {% extends %} looks for blocks, at every page; there are none in here.
    child_nodelists = ()

    def __init__(
        self,
        nodelist: NodeList,
        looks: dict[str, FilterExpression],
        holes: dict[str, FilterExpression],
    ) -> None:
        self.nodelist, self.looks, self.holes = nodelist, looks, holes
        self._look_up = [_resolver(expression) for expression in looks.values()]
        self._fill_in = {name: _resolver(expression) for name, expression in holes.items()}
        self.kept: dict[tuple[Any, ...], Kept] = {}

    def render(self, context: template.Context) -> SafeString:
        looks = [look_up(context) for look_up in self._look_up]
        key = (_language(context), *looks)
        pieces, places = self.kept.get(key) or self._keep(key, looks, context)
        filled = pieces.copy()
        # What this look does not show is not asked for.
        for name, numbers in places:
            text = _text(self._fill_in[name](context), context)
            for number in numbers:
                filled[number] = text
        return SafeString("".join(filled))  # each value was escaped above

    def _keep(self, key: tuple[Any, ...], looks: list[Any], context: template.Context) -> Kept:
        holes = {name: stand_in(name, look_up(context)) for name, look_up in self._fill_in.items()}
        names = {str(hole): name for name, hole in holes.items()}
        shown = dict(zip(self.looks, looks, strict=True)) | holes
        text = str(self.nodelist.render(context.new(shown)))
        # Text and stand-ins by turns.
        pieces: list[str] = re.split(f"({'|'.join(names)})", text) if names else [text]
        places: dict[str, list[int]] = {}
        for number in range(1, len(pieces), 2):
            places.setdefault(names[pieces[number]], []).append(number)
        if len(self.kept) >= MOST:
            self.kept.clear()
        kept = self.kept[key] = pieces, list(places.items())
        return kept


def _language(context: template.Context) -> str | None:
    """Asked for once: no page of ours changes it on the way."""
    known = vars(context)
    if "ready_language" not in known:
        known["ready_language"] = get_language()
    language: str | None = known["ready_language"]
    return language


def _resolver(expression: FilterExpression) -> Callable[[template.Context], Any]:
    """expression.resolve; for a plain `entry.line` without all that such a one never needs."""
    lookups = getattr(expression.var, "lookups", None)
    if expression.filters or not lookups:
        return expression.resolve
    first, *rest = lookups

    def resolve(context: template.Context) -> Any:
        try:
            value = context[first]
            for name in rest:
                value = value[name] if isinstance(value, dict) else getattr(value, name)
        except (KeyError, AttributeError, TypeError):
            return expression.resolve(context)
        return expression.resolve(context) if callable(value) else value

    return resolve


def _text(value: Any, context: template.Context) -> str:
    kind = type(value)
    if kind is str and context.autoescape:
        return html.escape(value)
    if kind is SafeString:
        return str(value)
    if isinstance(value, uuid.UUID | date):
        return str(value)  # as in an address
    return render_value_in_context(value, context)


@register.tag
def ready(parser: Parser, token: Token) -> ReadyNode:
    bits = token.split_contents()[1:]
    looks = token_kwargs(bits, parser)
    if bits and bits.pop(0) != "holds":
        raise template.TemplateSyntaxError("{% ready name=value … holds name=value … %}")
    holes = token_kwargs(bits, parser)
    nodelist = parser.parse(("endready",))
    parser.delete_first_token()
    # Its words depend on the page that extends this one.
    if bits or nodelist.get_nodes_by_type(BlockNode):
        raise template.TemplateSyntaxError("{% ready %} holds no {% block %}")
    return ReadyNode(nodelist, looks, holes)
