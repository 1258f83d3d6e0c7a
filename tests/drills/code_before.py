"""The code that still runs when the migrations of a release have been applied."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.migration_rules import BEFORE_THE_FIRST_RELEASE
from tests.resilience.launched import ROOT


@dataclass(frozen=True)
class CodeBefore:
    folder: Path
    # Which code that is, for the figures.
    name: str


@contextmanager
def code_before() -> Iterator[CodeBefore]:
    """The last release; before there is any, the first code that has every migration which may
    break what was before it. It runs with the packages of now."""
    tag = _git(
        "tag", "--list", "v*", "--merged", "HEAD", "--no-contains", "HEAD", "--sort=-v:refname"
    ).partition("\n")[0]
    commit = tag or _first_with_the_free_migrations()
    # A database of the drill may still be ending in it.
    with tempfile.TemporaryDirectory(prefix="before-", ignore_cleanup_errors=True) as temporary:
        Path(temporary).chmod(0o711)  # if we are root, PostgreSQL's user has to walk through
        folder = Path(temporary) / "code"
        _git("worktree", "add", "--detach", str(folder), commit)
        try:
            yield CodeBefore(folder, tag or commit[:7])
        finally:
            _git("worktree", "remove", "--force", str(folder))


def _first_with_the_free_migrations() -> str:
    files = [f"{app}/migrations/{number}_*.py" for app, number in BEFORE_THE_FIRST_RELEASE.items()]
    commit = _git(
        "log", "-1", "--topo-order", "--no-renames", "--format=%H", "--diff-filter=A", "--", *files
    )
    assert commit, "The drill reads the history: run it in a whole clone."
    return commit


def _git(*words: str) -> str:
    done = subprocess.run(
        ["/usr/bin/env", "git", *words], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()
