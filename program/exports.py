"""The one writer of CSV: rows in, text out."""

import csv
import io
from collections.abc import Iterable, Sequence

# A cell that begins with one of these is a formula to a spreadsheet, whoever wrote it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

Cell = str | int


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """RFC 4180; what a spreadsheet would run is defused by a leading apostrophe."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerows([_defused(cell) for cell in row] for row in (header, *rows))
    return file.getvalue()


def _defused(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
