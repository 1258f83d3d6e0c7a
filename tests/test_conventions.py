"""Rules that a reader of the code may rely on, because nothing here breaks them."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.template.base import Lexer, TokenType

ROOT = Path(__file__).parent.parent
SOURCES = sorted(
    path
    for package in ("accounts", "breakthrough", "program")
    for path in (ROOT / package).rglob("*.py")
    if "migrations" not in path.parts
)
VIEWS = sorted((ROOT / "program/views").glob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
MAIL_TEMPLATES = sorted((ROOT / "templates").rglob("*.txt"))


# --- One clock: a request's instant is read once, and days are counted in program/calendar.py ----

# file: what it may do, and why
ALLOWED = {
    "accounts/models/users.py": {"timezone.now"},  # the default of date_joined
    "accounts/mail_backend.py": {"timezone.now"},  # mail that Django sends comes without an instant
    "accounts/session_store.py": {"timezone.now"},  # Django looks for sessions without an instant
    "accounts/tasks.py": {"timezone.now"},  # the worker's instant
    "breakthrough/management/commands/restore.py": {"timezone.now"},
    "breakthrough/middleware.py": {"timezone.now"},  # the request's instant
    "breakthrough/doctor/machine.py": {"timezone.now"},  # holds it against the database's
    "program/calendar.py": {"timedelta(days=…)"},  # the one place where days are counted
    "program/management/commands/prune.py": {"timezone.now"},
    "program/management/commands/release_mail.py": {"timezone.now"},
    "program/tasks.py": {"timezone.now"},  # the worker's instant
    # Its people have lived some days already.
    "program/management/commands/demo.py": {"timezone.now", "timedelta(days=…)"},
}
CLOCKS = {
    *(
        "datetime.now",
        "datetime.today",
        "datetime.utcnow",
        "date.today",
        "dt.datetime",
        "time.time",
    ),
    *("timezone.now", "timezone.localdate", "timezone.localtime", "functions.Now"),
}
SQL_CLOCK = re.compile(r"\b(now\s*\(\s*\)|current_(date|timestamp)|localtimestamp)", re.IGNORECASE)
CLOCK_NAMES = {"Now", "now", "localdate", "localtime", "today", "utcnow"}


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_sources_ask_no_clock_and_count_no_days_of_their_own(path: Path) -> None:
    name = str(path.relative_to(ROOT))

    found = set(_time_of_its_own(ast.parse(path.read_text())))

    assert found == ALLOWED.get(name, set())


def _time_of_its_own(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=module), attr=attribute):
                if f"{module}.{attribute}" in CLOCKS:
                    yield f"{module}.{attribute}"
            case ast.ImportFrom(module=module, names=names):
                yield from (f"{module}.{n.name}" for n in names if n.name in CLOCK_NAMES)
            case ast.Call(func=ast.Name(id="timedelta") | ast.Attribute(attr="timedelta")):
                if node.args or any(_counts_days(keyword) for keyword in node.keywords):
                    yield "timedelta(days=…)"
            case ast.Constant(value=str(text)) if SQL_CLOCK.search(text):
                yield "SQL clock"


def _counts_days(keyword: ast.keyword) -> bool:
    if keyword.arg == "hours":
        return isinstance(keyword.value, ast.Constant) and keyword.value.value == 24
    return keyword.arg in {"days", "weeks"}


@pytest.mark.parametrize(
    "source",
    [
        "datetime.now(UTC)",
        "date.today()",
        "timezone.localdate()",
        "from django.utils.timezone import now",
        "from django.db.models.functions import Now",
        "day + timedelta(days=1)",
        "day + timedelta(1)",
        "day + datetime.timedelta(hours=24)",
        "cursor.execute('SELECT now()')",
        "RawSQL('CURRENT_DATE')",
    ],
)
def test_time_of_its_own_is_seen(source: str) -> None:
    assert list(_time_of_its_own(ast.parse(source)))


# --- One seam: a view's rows come through the verbs of a queryset --------------------------------

# What may follow `Model.objects` in a view: whose rows they are, or the enrollment they hang from,
# which `owned_by` has found.
SEAM = {
    *("owned_by", "coached_by", "once_coached_by", "of", "places"),
    "walked_beside",  # members of one cohort see of each other what both agreed to
    "of_token",  # whoever has the link is invited
    *("reported", "everywhere", "standing"),  # what the host is asked to look at, and did
    "of_everybody",  # what those who run the site did themselves
    *("open_at", "find"),  # whoever has the link of a public page sees what its owner chose
    "room_of",  # how many mails a coach may cause: a number
    "invite",  # to a cohort that coached_by has found
    *("of_one_kind", "of_all_kinds"),  # whoever has the mail may stop it
    *("save_entry", "save_text", "save_words"),
    # What a coach writes, to whom coached_by has found
    *("written_by", "leave", "send", "send_to_all", "may_be_sent"),
    "lamp",  # how the mail does, in counts
    "put",  # a mail to whoever asks for it
    "log",  # that the user did something to their own account
    *("ask_for", "keep"),  # the user's own archive, going out or coming in
    "note",  # that a coach looked, at rows that coached_by has found
    *("first_open_day", "planned_pause", "not_over", "put_pause", "end_pause"),
}
AROUND_THE_SEAM = {"filter", "exclude", "all", "raw", "extra", "create", "get_or_create"}


@pytest.mark.parametrize("path", VIEWS, ids=lambda path: path.name)
def test_views_get_rows_by_owner_and_filter_nothing_themselves(path: Path) -> None:
    assert list(_around_the_seam(ast.parse(path.read_text()))) == []


def _around_the_seam(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Attribute(attr="objects" | "_default_manager"), attr=verb):
                if verb not in SEAM:
                    yield f".objects.{verb}, line {node.lineno}"
            case ast.Call(func=ast.Attribute(attr=verb)) if verb in AROUND_THE_SEAM:
                yield f".{verb}(, line {node.lineno}"
            case ast.ImportFrom(module="django.db", names=names):
                yield from ("connection" for n in names if n.name in {"connection", "connections"})


@pytest.mark.parametrize(
    "source",
    [
        "Goal.objects.get(pk=pk)",
        "Goal.objects.filter(pk=pk)",
        "Goal.objects.all()",
        "enrollment.goals.filter(pk=pk)",
        "Goal.objects.owned_by(user).exclude(pk=1)",
        "from django.db import connection",
    ],
)
def test_ways_around_the_seam_are_seen(source: str) -> None:
    assert list(_around_the_seam(ast.parse(source)))


# --- Templates: no inline script or style, and every word can be translated ----------------------


class _Page(HTMLParser):
    """The start tags and the words of a template whose tags have been taken out."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.inline: list[str] = []
        self.words: list[str] = []
        self.feed(_without_template_tags(source))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name for name, _value in attrs}
        if tag == "style" or (tag == "script" and "src" not in names):
            self.inline.append(f"<{tag}>")
        self.inline += [name for name in names if re.match(r"style$|on|hx-on|data-hx-on", name)]
        self.inline += [v for _n, v in attrs if v and v.strip().lower().startswith("javascript:")]
        self.words += [
            value
            for name, value in attrs
            if name in {"alt", "aria-label", "placeholder", "title"} and value and _has_words(value)
        ]

    def handle_data(self, data: str) -> None:
        if _has_words(data):
            self.words.append(data.strip())


def _without_template_tags(source: str) -> str:
    """The text between the tags; translations, comments and class names are taken out too."""
    text, until = "", ""
    for token in Lexer(source).tokenize():
        first, *others = token.contents.split() or [""]
        if until:
            until = "" if token.token_type == TokenType.BLOCK and first == until else until
        elif token.token_type == TokenType.BLOCK:
            if first in {"blocktranslate", "comment"} or others[-1:] == ["main_class"]:
                until = f"end{first}"
        elif token.token_type == TokenType.TEXT:
            text += token.contents
        elif token.token_type == TokenType.VAR:
            text += "1"
    return text


def _has_words(text: str) -> bool:
    # The variants of a block, such as button--danger, stand in a partial of their own.
    return re.search(r"[A-Za-z]{3}", re.sub(r"\w+--\w+", "", text)) is not None


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_templates_hold_no_inline_script_style_or_handler(path: Path) -> None:
    # Mail programs load no style sheet: the dark colors of a mail stand in its head.
    allowed = ["<style>"] if path == ROOT / "templates" / "mail" / "base.html" else []

    assert _Page(path.read_text()).inline == allowed


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_templates_hold_no_words_outside_translations(path: Path) -> None:
    assert _Page(path.read_text()).words == []


@pytest.mark.parametrize("path", MAIL_TEMPLATES, ids=lambda path: path.name)
def test_mail_holds_no_words_outside_translations(path: Path) -> None:
    assert not _has_words(_without_template_tags(path.read_text()))


# In templates/mail/ the code hands over links that begin with SITE_URL.
@pytest.mark.parametrize(
    "path",
    [path for path in MAIL_TEMPLATES if "mail" not in path.parts],
    ids=lambda path: path.name,
)
def test_mail_builds_its_links_from_the_site_url(path: Path) -> None:
    # What allauth hands over, such as password_reset_url, is built from the request's Host.
    words = path.read_text()

    assert not re.search(r"{{ *\w*_url\b", words)
    assert words.count("{% url ") == words.count("{{ SITE_URL }}{% url ")


@pytest.mark.parametrize(
    "source",
    [
        '<p style="color:red">',
        "<style>",
        "<script>",
        '<a onclick="x">',
        '<a hx-on:click="x">',
        '<a{% if x %} onclick="x"{% endif %}>',
        '<a href="javascript:x">',
    ],
)
def test_inline_script_style_and_handlers_are_seen(source: str) -> None:
    assert _Page(source).inline


@pytest.mark.parametrize(
    "source",
    ["<p>{{ x }} words</p>", '<a aria-label="Words">', '<i{% if x %} title="One"{% endif %}>'],
)
def test_words_outside_translations_are_seen(source: str) -> None:
    assert _Page(source).words


# --- The lock ------------------------------------------------------------------------------------


def test_requirements_hold_django_6_1_and_a_hash_for_every_package() -> None:
    lock = (ROOT / "requirements.txt").read_text()
    packages = re.findall(
        r"^([a-z0-9-]+)==[^\n]*(?:\n {4}--hash=sha256:[0-9a-f]{64}[^\n]*)+", lock, re.M
    )

    assert re.search(r"^django==6\.1(\.\d+)? ", lock, re.M)
    assert re.search(r"^tzdata==20", lock, re.M)
    assert packages == re.findall(r"^([a-z0-9-]+)==", lock, re.M)
    assert len(packages) > 10
