"""docs/asvs.md leads to checks that there are, and counts its own rows."""

import re
from collections import Counter
from pathlib import Path

TESTS = Path(__file__).parent
PAGE = (TESTS.parent / "docs" / "asvs.md").read_text("utf-8")
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| [12] \| (.+?) \| (.+?) \| (.*?) \|$", re.MULTILINE)


def test_checks_are_there() -> None:
    named = {name for row in ROW.findall(PAGE) for name in re.findall(r"\btest_\w+", row[3])}
    there = {file.stem for file in TESTS.rglob("test_*.py")}

    assert len(named) > 30
    assert named <= there


def test_totals_are_those_of_the_rows() -> None:
    rows = ROW.findall(PAGE)
    count = Counter(row[1].strip("*") for row in rows)
    told = dict(re.findall(r"^\| ([A-Z].+?) \| (\d+) \|$", PAGE, re.MULTILINE))

    assert len({row[0] for row in rows}) == len(rows) == 253
    assert told == {
        "Requirements of levels 1 and 2": "253",
        "Apply to this site": str(253 - count["—"]),
        "Met": str(count["met"]),
        "Partly met": str(count["partly"]),
        "Not met": str(count["not met"]),
        "Up to whoever runs the site": str(count["host"]),
    }
