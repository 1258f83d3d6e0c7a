"""The prompt pack: the words that ship, what a host may put in their place, and what is refused."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from django.test import Client
from hypothesis import example, given
from hypothesis import strategies as st
from pytest_django import Settings

from breakthrough.development import ROOT
from program import prompts
from program.curriculum import DAYS, PRACTICES, STEPS
from program.prompts import PromptPackError, _Reader

SHIPPED = (ROOT / "program/prompts.toml").read_text()
HOSTS = ["media.example.org"]
MEDIA = '''
[days.2.media]
kind = "audio"
url = "https://media.example.org/two.mp3?a=1&b=2"
title = "The second day, read aloud"
transcript = """
Tell it again.

Then <listen>."""
'''
WITH_MEDIA = SHIPPED + MEDIA

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(text: str) -> Path:
        path = tmp_path / "prompts.toml"
        path.write_text(text, newline="")
        return path

    return write


@pytest.fixture
def use(write: Write, settings: Settings) -> Iterator[Callable[[str], None]]:
    """Runs the rest of the test under another pack, as a process started with it would."""

    def use(text: str) -> None:
        settings.PROMPT_PACK, settings.MEDIA_HOSTS = write(text), HOSTS
        prompts.pack.cache_clear()

    yield use
    prompts.pack.cache_clear()


def line_of(text: str, words: str) -> int:
    (number,) = [n for n, line in enumerate(text.split("\n"), 1) if words in line]
    return number


# --- The words that ship -------------------------------------------------------------------------


def test_shipped_pack_has_words_for_every_day_step_and_practice() -> None:
    pack = prompts.pack()

    assert list(pack.days) == list(range(1, DAYS + 1))
    assert list(pack.steps) == list(range(1, len(STEPS) + 1))
    assert list(pack.practices) == [practice.key for practice in PRACTICES]
    lines = [day.prompt for day in pack.days.values()]
    lines += [guide.guidance for guide in (*pack.steps.values(), *pack.practices.values())]
    assert len(set(lines)) == 14 + 10 + 3


def test_shipped_words_are_one_or_two_whole_sentences_in_the_voice_of_the_product() -> None:
    words = re.findall(r'^(?:prompt|guidance) = "(.+)"', SHIPPED, re.M)

    assert len(words) == 14 + 10 + 3
    for line in words:
        assert re.fullmatch(r"[A-Z][^.?!]+[.?]( [A-Z][^.?!]+[.?])?", line), line
        assert not re.search(r"journey|amazing|perfect|missed|must|streak|%", line), line


def test_shipped_pack_names_beside_each_step_the_step_it_guides() -> None:
    names = re.findall(r"^\[steps\.\d+\]  # (.+)$", SHIPPED, re.M)

    assert names == [str(step) for step in STEPS]


def test_shipped_pack_asks_for_no_other_host() -> None:
    pack = prompts.load(ROOT / "program/prompts.toml", media_hosts=[])

    assert not any(day.media for day in pack.days.values())


# --- Another pack --------------------------------------------------------------------------------


def test_words_of_another_pack_are_the_ones_people_read(
    db: None, use: Callable[[str], None]
) -> None:
    ours = "Counts as soon as you have asked, whatever the answer is."
    use(SHIPPED.replace(ours, "Räknas när du har <i>frågat</i>."))

    page = Client().get("/see-a-day/").content.decode()

    assert "Räknas när du har &lt;i&gt;frågat&lt;/i&gt;." in page
    assert ours not in page
    assert prompts.practice("request").guidance == "Räknas när du har <i>frågat</i>."
    assert prompts.day(1).prompt.startswith("Say your goal")
    assert prompts.step(10).guidance.startswith("Ask for help")


def test_pack_says_its_language_to_every_text(write: Write) -> None:
    pack = prompts.load(write(WITH_MEDIA.replace('"en"', '"pt-BR"')), HOSTS)

    assert pack.language == pack.steps[1].language == pack.days[2].language == "pt-BR"
    assert pack.days[2].media is not None
    assert pack.days[2].media.language == "pt-BR"
    assert prompts.load(write(SHIPPED.replace('language = "en"', ""))).language == "en"


def test_pack_is_read_once(use: Callable[[str], None]) -> None:
    use(SHIPPED)

    assert prompts.pack() is prompts.pack()


@pytest.mark.parametrize(
    "same",
    [
        "\ufeff" + WITH_MEDIA,
        WITH_MEDIA.replace("\n", "\r\n"),
        WITH_MEDIA.replace("[days.3]\nprompt", "[days]\n3.prompt"),
        WITH_MEDIA.replace('"Tell it again, and', '"""\n  Tell it again,\n  and').replace(
            'each person asks."', 'each person asks.\n"""'
        ),
    ],
    ids=["byte order mark", "line ends of Windows", "dotted keys", "wrapped text"],
)
def test_pack_may_be_written_in_other_ways_that_toml_knows(write: Write, same: str) -> None:
    assert same != WITH_MEDIA
    assert prompts.load(write(same), HOSTS) == prompts.load(write(WITH_MEDIA), HOSTS)


# --- What is refused, with its line --------------------------------------------------------------


# What is replaced, by what; the line is the one that holds the words; and what is said.
REFUSED = [
    ("[days.3]", "[days.3", "[days.3", "not TOML: expected ']'"),
    ('prompt = "Ask for something', "prompt Ask for something", "prompt Ask", "not TOML: expected"),
    ('each person asks."', "each person asks.", "each person asks.", "not TOML: illegal character"),
    ("[days.3]", "[days.2]  # again", "# again", "not TOML: cannot declare"),
    ('Then <listen>."""', "Then <listen>.", "transcript =", "not TOML: unterminated string"),
    ('Then <listen>."""', 'Then."""\ny = [1,', "y = [", "not TOML: "),
    ('Then <listen>."""', 'Then."""\nnothing', "nothing", "not TOML: expected '='"),
    ('language = "en"', "language =" + "[" * 5000, "language =", "not TOML: it cannot be read"),
    ('language = "en"', "language = " + "1" * 5000, "language =", "not TOML: it cannot be read"),
    ('language = "en"', "a" + ".a" * 2000 + " = 1", "a.a", "'a' is not known here"),
    ('language = "en"', 'language = "English"', "language =", "must be a language tag"),
    ('language = "en"', "language = 1", "language =", "`language` must be text"),
    ('language = "en"', 'lang = "en"', "lang =", "'lang' is not known here. Known: language, "),
    ('language = "en"', '"a\\nb" = 1', '"a\\nb"', "is not known here"),
    ("[days.3]\n", "[days.3]\n[day.3]\n", "[day.3]", "'day' is not known here"),
    ("[days.3]\n", "[days.15]\n", "[days.15]", "'15' is none of the days: 1, 2"),
    ("[days.3]\n", "[days.0]\n", "[days.0]", "'0' is none of the days"),
    ("[days.3]\n", "[days.03]\n", "[days.03]", "'03' is none of the days"),
    ("[days.3]\n", "[days.three]\n", "[days.three]", "'three' is none of the days"),
    ("[steps.3]", "[steps.11]", "[steps.11]", "'11' is none of the steps: 1, 2"),
    ("[practices.act]", "[practices.tell]", "practices.tell", "none of the practices: share, act"),
    ("[days.3]\nprompt", "third", "third", "'third' is not known here"),
    ("[days.14]", "[days.13.media]", "the story of these", "'prompt' is not known here"),
    ("[practices.act]", "[steps.10.media]", "Counts when you did", "'guidance' is not known here"),
    ("[practices.share]\n", "[practices.share]\nmedia = 1\n", "media = 1", "Known: guidance."),
    ('prompt = "Tell it', 'promt = "Tell it', "promt =", "'promt' is not known here"),
    ('prompt = "Tell it', '# "Tell it', "[days.2]", "`prompt` is missing"),
    ('guidance = "Tell friends', '# "Tell friends', "[steps.2]", "`guidance` is missing"),
    ('prompt = "Tell it', 'prompt = " \\t" # "', 'prompt = " \\t', "`prompt` is empty"),
    ('prompt = "Tell it', 'prompt = "' + "x" * 200, "xxx", "characters, and 200 are the most"),
    ('guidance = "Tell fri', 'guidance = "' + "x" * 160, "xxx", "characters, and 160 are the most"),
    ('prompt = "Tell it', 'prompt = "\\u0000', "\\u0000", "a character that cannot be shown"),
    ('prompt = "Tell it', 'prompt = 5 # "', "prompt = 5", "`prompt` must be text in quotes"),
    ('prompt = "Tell it', 'prompt = 1999-01-01 # "', "prompt = 1", "`prompt` must be text"),
    ('prompt = "Tell it', 'prompt = ["a"] # "', "prompt = [", "`prompt` must be text"),
    ("[practices.share]", "[[practices.share]]", "[[prac", "[practices.share] must be a table"),
    ("[days.3]\n", "[days.3]\nmedia = 1\n", "media = 1", "[days.3.media] must be a table"),
    ('kind = "audio"', 'kind = "image"', "kind =", '`kind` must be "audio" or "video"'),
    ('kind = "audio"', "", "[days.2.media]", "`kind` is missing"),
    ('kind = "audio"', 'kind = "audio"\nsrc = "a"', "src =", "'src' is not known here"),
    ("https://media", "http://media", "url =", "`url` must start with https://"),
    ("https://media", "//media", "url =", "`url` must start with https://"),
    ("https://media", "javascript:media", "url =", "`url` must start with https://"),
    ("https://media.example.org", "https://other.example.org", "url =", "other.example.org is not"),
    ("https://media.example.org", "https://sub.media.example.org", "url =", "is not one of MEDIA"),
    ("example.org/two", "example.org.evil.test/two", "url =", "is not one of MEDIA_HOSTS"),
    ("example.org/two", "example.org:8443/two", "url =", "a host name and a path"),
    ("//media.example.org/", "//me:hush@media.example.org/", "url =", "a host name and a path"),
    ("example.org/two", "example.org\\\\@evil.test/two", "url =", "a host name and a path"),
    ("two.mp3", "two words.mp3", "url =", "a host name and a path"),
    ("two.mp3", "två.mp3", "url =", "a host name and a path"),
    ('title = "The second', '# "The second', "[days.2.media]", "`title` is missing"),
    ('title = "The second', 'title = "" # "', 'title = ""', "`title` is empty"),
    ('title = "The', 'title = "' + "x" * 120, "xxx", "characters, and 120 are the most"),
    ('transcript = """', 'transcript = """ """\nnotes = """', "notes =", "'notes' is not known"),
    ("Tell it again.\n\nThen <listen>.", "\n", "transcript =", "`transcript` is empty"),
    ("Tell it again.\n", "x" * 50_001, "transcript =", "characters, and 50000 are the most"),
    ('Then <listen>."""', 'Then\\u0007"""', "transcript =", "a character that cannot be shown"),
]


@pytest.mark.parametrize(
    ("old", "new", "where", "words"), REFUSED, ids=[words for *_, words in REFUSED]
)
def test_pack_is_refused_in_one_line_that_says_which_line(
    write: Write, old: str, new: str, where: str, words: str
) -> None:
    assert WITH_MEDIA.count(old) == 1
    text = WITH_MEDIA.replace(old, new)

    with pytest.raises(PromptPackError) as refusal:
        prompts.load(write(text), HOSTS)

    said = str(refusal.value)
    assert said.startswith(f"prompts.toml, line {line_of(text, where)}: ")
    assert words in said
    assert said.isprintable()


@pytest.mark.parametrize("where", re.findall(r"^\[(.+?)\]", SHIPPED, re.M))
def test_pack_without_one_of_its_parts_is_refused_where_it_belongs(
    write: Write, where: str
) -> None:
    before, rest = SHIPPED.split(f"[{where}]")
    text = before + re.sub(r".*\n.*\n", "", rest, count=1)
    headers = re.findall(r"^\[.+?\]", before, re.M)
    line = line_of(text, headers[-1]) if headers else 1

    with pytest.raises(PromptPackError) as refusal:
        prompts.load(write(text))

    below = f" Put it below {headers[-1]}." if headers else ""
    assert str(refusal.value) == f"prompts.toml, line {line}: [{where}] is missing.{below}"


def test_pack_is_refused_with_the_right_line_below_text_of_many_lines(write: Write) -> None:
    text = MEDIA + SHIPPED.replace('language = "en"', "").replace('"Counts when you did', '"" # "')

    with pytest.raises(PromptPackError) as refusal:
        prompts.load(write(text), HOSTS)

    line = line_of(text, '"" # "')
    assert str(refusal.value) == f"prompts.toml, line {line}: `guidance` is empty."


@pytest.mark.parametrize("section", ["days = 5", "days = []", "[[days]]"])
def test_pack_whose_days_are_no_tables_is_refused(write: Write, section: str) -> None:
    with pytest.raises(PromptPackError, match=r"line 2: \[days\] must be a table\.$"):
        prompts.load(write(f"# Days\n{section}"))


def test_pack_that_is_no_text_is_refused_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "prompts.toml"
    words = "person beside you in line"
    path.write_bytes(SHIPPED.replace(words, "Kölner").encode("latin-1"))

    with pytest.raises(PromptPackError) as refusal:
        prompts.load(path)

    line = line_of(SHIPPED, words)
    assert str(refusal.value) == f"prompts.toml, line {line}: this is not UTF-8."


@pytest.mark.parametrize("name", ["nothing.toml", ""])
def test_pack_that_cannot_be_read_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(PromptPackError, match=r"^PROMPT_PACK names a file we cannot read: "):
        prompts.load(tmp_path / name)


def test_pack_cut_at_any_line_is_refused(write: Write) -> None:
    lines = SHIPPED.rstrip().split("\n")

    for kept in range(len(lines)):
        with pytest.raises(PromptPackError, match=r"^prompts\.toml, line \d+: "):
            prompts.load(write("\n".join(lines[:kept])))
    assert prompts.load(write("\n".join(lines))) == prompts.pack()


@given(st.integers(0, len(WITH_MEDIA)), st.integers(0, 40), st.text(max_size=5))
@example(0, len(WITH_MEDIA), "")
def test_pack_changed_anywhere_is_read_or_refused_with_a_line(
    at: int, removed: int, added: str
) -> None:
    text = WITH_MEDIA[:at] + added + WITH_MEDIA[at + removed :]

    try:
        _Reader("p", text.encode("utf-8", "surrogatepass"), HOSTS).pack()
    except PromptPackError as refusal:
        said = str(refusal)
    else:
        return
    found = re.fullmatch(r"p, line (\d+): .+", said)
    assert found, said
    assert 1 <= int(found[1]) <= text.count("\n") + 1


# --- What stands in the way of a start -----------------------------------------------------------


@pytest.mark.parametrize("command", [["manage.py", "check"], ["-c", "import breakthrough.wsgi"]])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SHIPPED.replace("[days.9]", "[days.99]"), "line 33: '99' is none of the days: "),
        (WITH_MEDIA, "line 96: media.example.org is not one of MEDIA_HOSTS."),
    ],
    ids=["a day is wrong", "a host is not let in"],
)
def test_start_with_a_broken_pack_ends_with_one_line(
    write: Write, command: list[str], text: str, said: str
) -> None:
    ended = _python(*command, PROMPT_PACK=str(write(text)))

    assert ended.returncode == 1
    assert ended.stderr.startswith(f"prompts.toml, {said}")
    assert len(ended.stderr.splitlines()) == 1


def test_start_with_a_whole_pack_and_its_hosts_goes_on(write: Write) -> None:
    pack = write(WITH_MEDIA)

    ended = _python("manage.py", "check", PROMPT_PACK=str(pack), MEDIA_HOSTS="media.example.org")

    assert ended.returncode == 0, ended.stderr


def test_pack_of_a_relative_path_is_looked_for_in_the_folder_of_the_project() -> None:
    ended = _python("manage.py", "check", PROMPT_PACK="docs/nothing.toml")

    assert str(ROOT / "docs/nothing.toml") in ended.stderr


def _python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


# --- Audio and video -----------------------------------------------------------------------------


def test_media_is_the_browsers_own_player_a_title_and_a_transcript(write: Write) -> None:
    media = prompts.load(write(WITH_MEDIA), HOSTS).days[2].media
    assert media is not None

    audio = render_to_string("program/prompts/media.html", {"media": media})
    video = render_to_string("program/prompts/media.html", {"media": replace(media, kind="video")})

    for html, player in ((audio, "<audio controls"), (video, "<video controls")):
        assert player in html
        assert 'preload="none"' in html
        assert 'src="https://media.example.org/two.mp3?a=1&amp;b=2"' in html
        assert '<figcaption lang="en">The second day, read aloud</figcaption>' in html
        assert "<p>Tell it again.</p>\n\n<p>Then &lt;listen&gt;.</p>" in html
    assert "<video" not in audio
    assert "<audio" not in video


def test_media_may_go_with_a_step(write: Write) -> None:
    pack = prompts.load(write(SHIPPED + MEDIA.replace("days.2", "steps.2")), HOSTS)

    assert pack.steps[2].media is not None
    assert pack.days[2].media is None


# --- Where it stands -----------------------------------------------------------------------------


def test_prompts_import_nothing_above_them() -> None:
    tree = ast.parse((ROOT / "program/prompts.py").read_text())
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    lowest = contracts["contracts"][0]["layers"][-1].split(" : ")

    imported = [
        node.module.removeprefix("program.")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("program")
    ]
    assert "prompts" in lowest
    assert set(imported) <= set(lowest)
