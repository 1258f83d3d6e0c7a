"""Asking a server as fast as it answers, with wrk."""

import json
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).with_name("requests.lua")


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: str = ""

    def line(self) -> str:
        headers = "\1".join(f"{name}={value}" for name, value in self.headers.items())
        return "\t".join([self.method, self.path, headers, self.body])


@dataclass(frozen=True)
class Load:
    """What one round came to; `p50` and `p99` in microseconds."""

    requests: int
    seconds: float
    bytes: int
    errors: int
    p50: float
    p99: float

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


def check_wrk() -> None:
    if not shutil.which("wrk"):
        sys.exit(
            "The bench needs wrk: apt-get install wrk, or brew install wrk, or build it from"
            " https://github.com/wg/wrk."
        )


def write(requests: Iterable[Request], file: Path) -> Path:
    file.write_text("".join(f"{request.line()}\n" for request in requests))
    return file


def run(port: int, requests: Path, *, connections: int, seconds: float) -> Load:
    """Ends the bench when anything but good answers came."""
    command = [
        *("wrk", "--threads", "1", "--connections", str(connections)),
        *("--duration", f"{seconds}s", "--timeout", "30s", "--latency"),
        *("--script", str(SCRIPT), f"http://127.0.0.1:{port}", "--", str(requests)),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    load = Load(**json.loads(done.stdout.strip().splitlines()[-1]))
    if load.errors or not load.requests:
        sys.exit(f"{requests.name}: {load.errors} of {load.requests} requests failed.")
    return load


def spread(values: list[float], digits: int = 2) -> str:
    """The median, and from where to where."""
    median, low, high = statistics.median(values), min(values), max(values)
    return f"{median:,.{digits}f} ({low:,.{digits}f}-{high:,.{digits}f})"
