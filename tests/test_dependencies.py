"""Every package is accounted for: in words, by its license and in the bill of materials."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from breakthrough.development import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]


def ask(question: str, folder: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(folder / "bin/dependencies"), question],
        env=os.environ | environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def copy_of_the_locks(folder: Path) -> Path:
    (folder / "bin").mkdir()
    for name in ("bin/dependencies", "pyproject.toml", "requirements.txt"):
        shutil.copy(ROOT / name, folder / name)
    for name in ("requirements-server.txt", "requirements-dev.txt"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def test_every_package_that_is_named_has_its_row_and_no_other() -> None:
    named = [*PROJECT["dependencies"], *(each for extra in EXTRAS.values() for each in extra)]
    rows = re.findall(r"^\| `([a-z0-9-]+)` \|", (ROOT / "docs/dependencies.md").read_text(), re.M)

    assert sorted(rows) == sorted(re.split(r"[\[>]", name)[0] for name in named)


def test_every_license_is_one_that_a_host_can_live_with() -> None:
    ended = ask("licenses")

    assert ended.returncode == 0, ended.stdout
    assert re.search(r"^django +6\.1\S* +BSD-3-Clause$", ended.stdout, re.MULTILINE)


def test_bill_of_materials_holds_every_package_of_the_lock(tmp_path: Path) -> None:
    folder = copy_of_the_locks(tmp_path)
    assert ask("sbom", folder).returncode == 0

    bill = json.loads((folder / "sbom.cdx.json").read_text())

    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    found = {part["name"]: part for part in bill["components"]}
    lock = (ROOT / "requirements.txt").read_text()
    assert set(re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE)) <= found.keys()
    assert found["django"]["purl"].startswith("pkg:pypi/django@6.1")
    assert len(found["django"]["hashes"][0]["content"]) == 64
    assert found["django"]["licenses"] == [{"license": {"id": "BSD-3-Clause"}}]


def test_a_lock_without_a_hash_is_refused(tmp_path: Path) -> None:
    folder = copy_of_the_locks(tmp_path)
    lock = folder / "requirements.txt"
    lock.write_text(f"{lock.read_text()}\nleftpad==1.0\n    # via nobody\n")

    ended = ask("sbom", folder)

    assert ended.returncode == 1
    assert ended.stderr == "requirements.txt: leftpad has no hash. Run: make lock\n"


def test_where_the_index_cannot_be_asked_it_says_so_in_a_line(tmp_path: Path) -> None:
    folder = copy_of_the_locks(tmp_path)

    ended = ask("fresh", folder, UV_OFFLINE="1", UV_NO_CACHE="1")

    assert ended.returncode == 2
    assert ended.stderr == "The package index cannot be asked, so nobody knows.\n"
