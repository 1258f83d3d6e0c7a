"""Reads a Dockerfile: the few instructions that ours is made of, and no guess at any other."""

import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

KNOWN = {"FROM", "RUN", "COPY", "ENV", "WORKDIR", "USER", "EXPOSE", "HEALTHCHECK", "CMD"}


@dataclass(frozen=True)
class Step:
    """Such as RUN, and all that stands behind it on its line; continued lines are one."""

    instruction: str
    words: str

    def __str__(self) -> str:
        return f"{self.instruction} {self.words}"


@dataclass
class Stage:
    """What one FROM begins. `base` names an image, or an earlier stage."""

    base: str
    name: str
    steps: list[Step] = field(default_factory=list)

    def last(self, instruction: str) -> str:
        """Of what may be said again, such as CMD, the last holds."""
        return [step.words for step in self.steps if step.instruction == instruction][-1]

    @property
    def command(self) -> list[str]:
        return list(json.loads(self.last("CMD")))

    @property
    def health_command(self) -> list[str]:
        """Without the options in front, such as --interval=15s."""
        return list(json.loads(self.last("HEALTHCHECK").partition("CMD ")[2]))

    @property
    def user(self) -> str:
        return self.last("USER")

    @property
    def folder(self) -> str:
        return self.last("WORKDIR")

    @property
    def environment(self) -> dict[str, str]:
        pairs = [step.words for step in self.steps if step.instruction == "ENV"]
        return dict(word.split("=", 1) for pair in pairs for word in shlex.split(pair))


def read(path: Path) -> list[Stage]:
    """The stages in order; the last is the image. ValueError names what is not understood."""
    stages: list[Stage] = []
    for step in _steps(path.read_text()):
        if step.instruction not in KNOWN:
            raise ValueError(f"{path.name}: {step.instruction} is not understood here.")
        if step.instruction == "FROM":
            base, _as, name = step.words.partition(" AS ")
            stages.append(Stage(base, name))
        else:
            stages[-1].steps.append(step)
    return stages


def _steps(text: str) -> list[Step]:
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    whole = re.sub(r" *\\\n *", " ", "\n".join(lines))
    return [Step(*line.split(" ", 1)) for line in whole.splitlines()]


def copied(step: Step) -> tuple[str, list[str], str]:
    """Of COPY: the stage it comes from ("" is the project), what is copied, and where to."""
    words = shlex.split(step.words)
    stage = words.pop(0).removeprefix("--from=") if words[0].startswith("--from=") else ""
    if any(word.startswith("--") for word in words):
        raise ValueError(f"{step} has an option that is not understood here.")
    *sources, target = words
    return stage, sources, target
