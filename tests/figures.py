"""What a run counted or measured, for the console and for docs/figures.md (see bin/figures)."""

import json
import os
from pathlib import Path

Value = str | int | float


def figure(
    check: str, what: str, value: Value, *, bar: str = "", holds: bool | None = None
) -> None:
    """Print one line, and keep it where the environment's FIGURES says.

    `check` is a short name that stays the same from run to run ("C3", "today/reference"), `what`
    says in words what was counted, `bar` is what the figure is held against ("<= 5"). Without
    `holds` it is told for its own sake.
    """
    shown = _shown(value)
    print(f"{check:<24} {shown:>16}  {bar:<14} {verdict(holds):<12} {what}", flush=True)
    if "FIGURES" in os.environ:
        row = {"check": check, "what": what, "value": shown, "bar": bar, "holds": holds}
        with Path(os.environ["FIGURES"]).open("a") as file:
            file.write(f"{json.dumps(row)}\n")


def verdict(holds: bool | None) -> str:
    return {True: "holds", False: "falls short", None: ""}[holds]


def _shown(value: Value) -> str:
    if isinstance(value, bool | str):
        return str(value)
    if isinstance(value, int) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}"
