"""What systemd would start, started by us in the clean Debian."""

import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from tests.deploying import clean_root
from tests.deploying.image import FOLDER
from tests.deploying.terminal import BARE

SERVER = FOLDER / "server"
SITE_URL = "https://twoweeks.example.org"
Process = subprocess.Popen[bytes]


@contextmanager
def unit(name: str, package: str = "etc/systemd/system") -> "Iterator[Process]":
    """Start what ExecStart says, as that user, with that environment, in that folder."""
    text = (SERVER / package / f"{name}.service").read_text()

    def said(key: str, default: str = "") -> str:
        found = re.findall(rf"^{key}=(.*)$", text, re.MULTILINE)
        return str(found[-1]) if found else default

    # Caddy would be given port 443 and this folder by systemd; here it is root.
    environment = {"PATH": clean_root.BARE_PATH, "HOME": "/var/lib/caddy"}
    if file := said("EnvironmentFile"):
        for line in (SERVER / file.lstrip("/")).read_text().splitlines():
            key, equals, value = line.partition("=")
            if equals and not key.startswith("#"):
                environment[key] = shlex.split(value)[0] if value else ""
    command = re.sub(r"\$\{(\w+)\}", lambda found: environment[found[1]], said("ExecStart"))
    user = "" if name == "caddy" else said("User")
    folder = said("WorkingDirectory", "/")
    with started(shlex.split(command), folder, environment, user) as process:
        yield process


@contextmanager
def started(
    command: Sequence[str],
    folder: str = "/",
    environment: Mapping[str, str] = BARE,
    user: str = "",
) -> "Iterator[Process]":
    inside = clean_root.entered(SERVER, command, work=folder, environment=environment, user=user)
    process = subprocess.Popen(inside)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)
