"""Many small files in the source, one style sheet and one script on the wire."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

CSS_COMMENT = re.compile(r"/\*.*?\*/\s*", re.DOTALL)
CSS_IMPORT = re.compile(r'@import url\("(?P<name>[^"]+)"\)( layer\((?P<layer>[\w-]+)\))?;')
CSS_SPACE = re.compile(r"\s*([{};])\s*|([:,])\s+")
SPACE = re.compile(r"\s*\n\s*")
JS_COMMENT = re.compile(r"^\s*(/\*.*?\*/|//[^\n]*)\s*|[ \t]+// [^\n]*$", re.DOTALL | re.MULTILINE)
JS_IMPORT = re.compile(r'^import "(?P<name>\.\.?/[^"]+)";$', re.MULTILINE)


class BundledStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Puts what a bundle imports in its place, before files are hashed.

    In development the browser follows the imports itself.
    """

    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[Any]:
        if not dry_run:
            for name, bundle in BUNDLES.items():
                if name in paths:
                    storage, path = paths[name]
                    file = Path(self.path(name))
                    # From its source: at an update in place the bundle of before stands here, and
                    # what it imports may be newer.
                    with storage.open(path) as source:
                        file.write_bytes(source.read())
                    file.write_text(bundle(file), "utf-8")
                    paths[name] = (self, name)  # hash the bundle, not the source
        yield from super().post_process(paths, dry_run, **options)


def bundle_css(file: Path) -> str:
    def inlined(match: re.Match[str]) -> str:
        css = bundle_css(file.parent / match["name"])
        return f"@layer {match['layer']} {{\n{css}}}\n" if match["layer"] else css

    css = CSS_COMMENT.sub("", CSS_IMPORT.sub(inlined, file.read_text("utf-8")))
    return CSS_SPACE.sub(r"\1\2", SPACE.sub("\n", css))


def bundle_js(file: Path) -> str:
    def inlined(match: re.Match[str]) -> str:
        imported = file.parent / match["name"]
        if imported.name.endswith(".min.js"):
            return imported.read_text("utf-8") + ";"  # a package's, as it is
        js = bundle_js(imported)
        return f"{{\n{js}}}"  # a block keeps a file's names to itself, as a module does

    js = SPACE.sub("\n", JS_COMMENT.sub("", file.read_text("utf-8")))
    return JS_IMPORT.sub(inlined, js)


def parts_of(name: str) -> list[str]:
    """The names of all files that a browser loads for this one: itself, where it is a bundle."""
    if isinstance(staticfiles_storage, BundledStaticFilesStorage):
        return [name]
    file = Path(str(finders.find(name)))
    found = [match["name"] for match in _imports_of(file.read_text("utf-8"))]
    inner = [os.path.normpath(f"{Path(name).parent}/{each}") for each in found]
    return [name, *(part for each in inner for part in parts_of(each))]


def _imports_of(text: str) -> Iterator[re.Match[str]]:
    yield from CSS_IMPORT.finditer(text)
    yield from JS_IMPORT.finditer(text)


# A page links one style sheet: app.css on Today; program.css and visitor.css, which hold all of it
# and more, on the other pages behind the door and in front of it. app.js is the script behind the
# door, with program.js beside it on the pages that are not Today; visitor.js that in front of it.
# passkeys.js comes with the few pages that ask for one. The last ones are of the service worker, or
# fetched by pages that it has something to say to.
BUNDLES = {
    "css/app.css": bundle_css,
    "css/program.css": bundle_css,
    "css/visitor.css": bundle_css,
    "js/app.js": bundle_js,
    "js/not-sent.js": bundle_js,
    "js/offline-page.js": bundle_js,
    "js/passkeys.js": bundle_js,
    "js/program.js": bundle_js,
    "js/visitor.js": bundle_js,
    "js/worker-store.js": bundle_js,
    "js/worker.js": bundle_js,
}
