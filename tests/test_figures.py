"""The page of figures: a section a run, and each run renews its own."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_figures_are_a_section_of_the_page_that_later_runs_replace(tmp_path: Path) -> None:
    page = tmp_path / "figures.md"

    first = _run(page, "bench", 'figure("today", "Half | whole", 0.5, bar=">= 1", holds=False)')
    other = _run(page, "resilience", 'figure("C1", "Mails twice", 0, bar="0", holds=True)')
    again = _run(page, "bench", 'figure("today", "Twice", 1234567)')

    assert (first.returncode, other.returncode, again.returncode) == (1, 0, 0)
    assert "0 hold, 1 fall short: today" in first.stdout
    text = page.read_text()
    assert "| today | Twice | 1,234,567 |  |  |" in text
    assert "| C1 | Mails twice | 0 | 0 | holds |" in text
    assert text.count("## ") == 2
    assert "Half" not in text
    assert "Django" in text.title()


def test_figures_of_a_run_that_fails_are_not_written(tmp_path: Path) -> None:
    page = tmp_path / "figures.md"

    ended = _run(page, "bench", 'figure("today", "Twice", 2); raise SystemExit(3)')

    assert ended.returncode == 3
    assert "today" in ended.stdout
    assert not page.exists()


def _run(page: Path, section: str, code: str) -> subprocess.CompletedProcess[str]:
    code = f"from tests.figures import figure; {code}"
    return subprocess.run(
        [sys.executable, "bin/figures", section, "--", sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | {"FIGURES_PAGE": str(page)},
        capture_output=True,
        text=True,
        check=False,
    )
