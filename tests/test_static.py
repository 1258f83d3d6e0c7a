"""Many files in the source, one style sheet and one script on the wire."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import brotli
import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.templatetags.static import static
from pytest_django import Settings

from breakthrough.development import ROOT

CSS, JS = ROOT / "static/css", ROOT / "static/js"
IMPORT = re.compile(r'@import url\("([^"]+)"\) layer\((\w+)\);')
SHEETS = {"app.css", "program.css", "visitor.css"}
SCRIPTS = {"app.js", "program.js", "visitor.js"}
# It holds what a package ships and the one thing that the page does with it.
ALONE = {"passkeys.js", "not-sent.js"}
# The worker itself, and what it names to the pages.
OF_THE_WORKER = {"worker.js", "worker-store.js", "not-sent.js"}
LAYERS = "@layer reset, tokens, base, layout, components, pages, utilities;"


@pytest.fixture
def collected(tmp_path: Path, settings: Settings) -> Path:
    settings.STATIC_ROOT = tmp_path
    backend = "breakthrough.static.BundledStaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": backend}}
    call_command("collectstatic", interactive=False, verbosity=0)
    return tmp_path


def test_bundles_are_hashed_compressed_and_import_nothing(collected: Path) -> None:
    for name in [*(f"css/{sheet}" for sheet in SHEETS), *(f"js/{script}" for script in SCRIPTS)]:
        bundle = _file(collected, name)

        text = bundle.read_text()
        assert re.fullmatch(r"(app|program|visitor)\.[0-9a-f]{12}\.(css|js)", bundle.name)
        assert not re.search(r"@import|^import ", text, re.MULTILINE)
        assert brotli.decompress(Path(f"{bundle}.br").read_bytes()).decode() == text


def test_bundle_is_made_anew_when_only_what_it_imports_has_changed(collected: Path) -> None:
    part = collected / "js/entries.js"
    part.write_text("updated();")  # newer than its source, so it stays

    call_command("collectstatic", interactive=False, verbosity=0)

    hashed = json.loads((collected / "staticfiles.json").read_text())["paths"]["js/app.js"]
    assert "updated();" in (collected / hashed).read_text()


@pytest.mark.parametrize("sheet", ["program.css", "visitor.css"])
def test_style_sheet_holds_the_same_rules_in_the_same_order_as_the_source(
    collected: Path, sheet: str
) -> None:
    bundle = _file(collected, f"css/{sheet}").read_text()

    source = [
        f"@layer {layer} {{{(CSS / name).read_text()}}}"
        for name, layer in [*_imports("app.css"), *_imports(sheet)]
    ]
    assert _words(bundle) == _words("\n".join([LAYERS, *source]))


def test_every_source_is_in_a_style_sheet() -> None:
    imported = {name for sheet in SHEETS for name, _layer in _imports(sheet)}

    assert imported == {str(p.relative_to(CSS)) for p in CSS.rglob("*.css")} - SHEETS


@pytest.mark.parametrize("script", sorted(SCRIPTS))
def test_script_holds_every_file_in_a_block_of_its_own(collected: Path, script: str) -> None:
    bundle = _file(collected, f"js/{script}").read_text()

    assert "".join(bundle.split()) == "".join(f"{_packages(script)}{_blocks(script)}".split())


def test_every_script_is_in_a_script_or_linked_by_itself() -> None:
    imported = {name for script in SCRIPTS for name in _scripts(script)}
    pages = "".join(path.read_text() for path in (ROOT / "templates").rglob("*.html"))
    linked = set(re.findall(r"static 'js/([^']+)'", pages)) | OF_THE_WORKER

    assert imported | linked == {p.name for p in JS.glob("*.js")}
    assert not imported & linked


@pytest.mark.parametrize("path", [p for p in CSS.rglob("*.css") if p.name not in SHEETS])
def test_sources_of_the_style_sheet_can_move_into_it(path: Path) -> None:
    # Bundled, an address beside a file in components/ would be one beside app.css.
    assert not re.search(r"url\((?!\s*[\"']?(#|data:))|@import|@charset", path.read_text())


@pytest.mark.parametrize("path", [p for p in JS.glob("*.js") if p.name not in SCRIPTS | ALONE])
def test_sources_of_the_script_can_move_into_it(path: Path) -> None:
    # In a block nothing is imported or exported, and no comment may hide the end of it.
    text = path.read_text()
    assert not re.search(r"^(import|export|await)\b", text, re.MULTILINE)
    assert text.endswith("\n")


def _file(collected: Path, name: str) -> Path:
    return collected / static(name).removeprefix("/static/")


def _imports(sheet: str) -> list[tuple[str, str]]:
    return IMPORT.findall((CSS / sheet).read_text())


def _scripts(script: str) -> list[str]:
    return re.findall(r'^import "\./([^"]+)";$', (JS / script).read_text(), re.MULTILINE)


def _packages(script: str) -> str:
    """What a package ships, as it is."""
    names = re.findall(r'^import "\.\./([^"]+)";$', (JS / script).read_text(), re.MULTILINE)
    files = [finders.find(name) for name in names]
    return "".join(f"{Path(str(file)).read_text()};" for file in files)


def _blocks(script: str) -> str:
    if names := _scripts(script):
        return "".join(f"{{{_blocks(name)}}}" for name in names)
    return _uncommented((JS / script).read_text())


def _words(css: str) -> list[str]:
    uncommented = re.sub(r"/\*.*?\*/", " ", css, flags=re.DOTALL)
    return list(_tokens(re.sub(r"([:,])\s+", r"\1", uncommented)))


def _tokens(css: str) -> Iterator[str]:
    yield from re.findall(r"[{};]|[^\s{};]+", css)


def _uncommented(js: str) -> str:
    return re.sub(r"(^\s*|\s)(/\*.*?\*/|// [^\n]*)", "", js, flags=re.DOTALL | re.MULTILINE)
