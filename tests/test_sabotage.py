"""bin/sabotage takes guards away, which it can do only while they stand where the list says."""

import ast
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GUARDS = tomllib.loads((ROOT / "tests/sabotage/guards.toml").read_text("utf-8"))["guard"]


@pytest.mark.parametrize("guard", GUARDS, ids=[guard["name"] for guard in GUARDS])
def test_guard_stands_where_the_list_says_and_has_a_check(guard: dict[str, str]) -> None:
    text = (ROOT / guard["file"]).read_text("utf-8")
    path, _, name = guard["check"].partition("::")
    functions = {
        node.name
        for node in ast.parse((ROOT / path).read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef)
    }

    assert text.count(guard["find"]) == 1, guard["find"]
    assert not name or name.partition("[")[0] in functions
