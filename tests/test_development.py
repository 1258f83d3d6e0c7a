import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from breakthrough import development


def test_read_env_file_fills_only_what_is_unset(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / ".env"
    file.write_text(
        "# A comment=1\n\nPORT=8001\nexport SITE_URL='http://a.test'\nDEBUG=0\nodd line\n"
    )
    monkeypatch.setattr(os, "environ", {"DEBUG": "1"})

    development.read_env_file(file)

    assert os.environ == {"PORT": "8001", "SITE_URL": "http://a.test", "DEBUG": "1"}


def test_secret_key_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / ".data" / "secret_key"

    first = development.made_once(path, lambda: "a key")

    assert first == "a key"
    assert development.made_once(path, lambda: "another") == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["secret_key"]


def test_fill_environment_keeps_debug_off_where_somebody_set_a_secret_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    production = {
        "SECRET_KEY": "s" * 50,
        "SITE_URL": "https://a.test",
        "DATABASE_URL": "postgresql:///a",
    }
    monkeypatch.setattr(os, "environ", dict(production))
    monkeypatch.setattr(development, "ROOT", Path("/nowhere"))

    development.fill_environment()

    assert os.environ == production


def test_manage_py_on_an_old_python_says_what_to_do() -> None:
    old = "import sys, runpy; sys.version_info = (3, 9, 0); runpy.run_path('manage.py')"

    ended = subprocess.run(
        [sys.executable, "-c", old],
        cwd=development.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 1
    assert ended.stderr.startswith("Two Weeks needs Python 3.12 or newer and this is 3.9")
    assert len(ended.stderr.splitlines()) == 1
