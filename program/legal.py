"""A host's own terms or privacy page: plain text that becomes headings, paragraphs and lists.

Blank lines separate blocks. A block that begins with "# " is a heading, one whose lines begin with
"- " a list; everything else is a paragraph. Nothing in it is read as HTML.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class Block:
    kind: Literal["heading", "list", "paragraph"]
    # The items of a list, or the one text of any other.
    lines: tuple[str, ...]


def blocks_of(file: Path) -> list[Block]:
    text = file.read_text("utf-8").replace("\r\n", "\n")
    return [_block(part) for part in text.split("\n\n") if part.strip()]


def _block(part: str) -> Block:
    lines = [line.strip() for line in part.strip().split("\n")]
    if lines[0].startswith("# "):
        return Block("heading", (" ".join(lines).removeprefix("# "),))
    if all(line.startswith("- ") for line in lines):
        return Block("list", tuple(line.removeprefix("- ") for line in lines))
    return Block("paragraph", (" ".join(lines),))
