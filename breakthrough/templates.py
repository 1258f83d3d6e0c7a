"""Templates without their indentation, which is for us: a tenth of a page on the wire.

Only the source is changed, once, when it is loaded: what people wrote comes in later. Lines stay
lines, so that errors name the right ones.
"""

import re
from typing import Any

from django.template.loaders import app_directories, filesystem

INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)


class FilesystemLoader(filesystem.Loader):
    def get_contents(self, origin: Any) -> str:
        return unindented(origin.name, super().get_contents(origin))


class AppDirectoriesLoader(app_directories.Loader):
    def get_contents(self, origin: Any) -> str:
        return unindented(origin.name, super().get_contents(origin))


def unindented(name: str, source: str) -> str:
    return INDENTATION.sub("", source) if name.endswith(".html") else source
