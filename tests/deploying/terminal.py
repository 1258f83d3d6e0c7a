"""What a host types, as docs/hosting.md has it, in a clean Debian."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.deploying import clean_root

ROOT = clean_root.ROOT
HOSTING, KEYS = ROOT / "docs/hosting.md", ROOT / "docs/keys.md"
BARE = {
    "PATH": clean_root.BARE_PATH,
    "HOME": "/root",
    "DEBIAN_FRONTEND": "noninteractive",
    "SYSTEMD_OFFLINE": "1",  # so that systemctl passes over what only systemd could do
}
# Which chapters each part of `make image-check` goes through; tests/test_deploying.py holds the
# pages to it. Lines that begin with `docker` are always the containers'.
BY_ROOT = ("Under systemd", "Behind a proxy of your own")
BY_USE = ("Is it well?", "Backups")


def commands(page: Path, heading: str = "") -> list[str]:
    """The lines of the code blocks of a chapter, or of the whole page."""
    text = page.read_text()
    if heading:
        text = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"^ *```sh\n(.*?)```", text, re.DOTALL | re.MULTILINE)
    return [line.strip() for block in blocks for line in block.splitlines() if line.strip()]


def is_for_docker(command: str) -> bool:
    return "docker compose " in command


@dataclass
class Terminal:
    """`cd` lasts, as it would in the terminal of a person."""

    root: Path
    folder: str = "/root"
    count: int = 0

    def type(self, command: str) -> str:
        """What it says; everything ends where it fails."""
        print(f"     {command}", flush=True)
        self.count += 1
        if command.startswith("cd ") and "&&" not in command:
            self.folder = command.removeprefix("cd ")
            return ""
        environment = BARE | clean_root.handed_on()
        # In doctor it fails for what is missing yet: the mail server and the worker.
        text = f"{command} || true" if command.endswith("doctor") else command
        return clean_root.run(self.root, ["/bin/sh", "-c", text], self.folder, environment)

    def offer_the_source(self) -> None:
        """What is committed here, under the address that the page names."""
        source = self.root / "srv/source.git"
        subprocess.run(["git", "clone", "--quiet", "--bare", str(ROOT), str(source)], check=True)
        subprocess.run(["chown", "--recursive", "0:0", str(source)], check=True)
        config = '[url "/srv/source.git"]\n\tinsteadOf = https://git.example.org/two-weeks.git\n'
        (self.root / "root/.gitconfig").write_text(config)

    def offer_a_newer_version(self) -> None:
        """The same with one commit more."""
        who = "git -c user.name=us -c user.email=us@example.org -C /srv/source.git"
        made = f"{who} commit-tree HEAD^{{tree}} -p HEAD -m newer"
        clean_root.run(self.root, ["sh", "-c", f"{who} update-ref HEAD $({made})"], "/", BARE)
