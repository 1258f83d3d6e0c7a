"""The other half of `make image-check`: the commands of docs/hosting.md for systemd, as they are
written there, in a clean Debian; then what the units would start, behind Caddy.

Two things are not as on a server: there is no systemd, so that we start what it would, and the
certificate is Caddy's own, as nobody outside can be asked for one.
"""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from tests.deploying import clean_root
from tests.deploying.image import FOLDER, ROOT, say
from tests.deploying.visitor import Visitor, sign_up_and_check_off
from tests.figures import figure
from tests.sink import running_sink
from tests.waiting import wait_until

PAGE = ROOT / "docs/hosting.md"
SERVER = FOLDER / "server"
SITE_URL = "https://twoweeks.example.org"
BARE = {
    "PATH": clean_root.BARE_PATH,
    "HOME": "/root",
    "DEBIAN_FRONTEND": "noninteractive",
    "SYSTEMD_OFFLINE": "1",  # so that systemctl passes over what only systemd could do
}


def main() -> None:
    clean_root.check_machine()
    if sys.argv[1:] == ["in its own network"]:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        use_it()
        return
    clean_root.copy_of(clean_root.debian("trixie", FOLDER), SERVER)
    with database() as start:
        executed = commands("Under systemd")
        for command in executed:
            run(command)
            if command.startswith("apt-get"):
                offer_the_source()
                start()
        words = "commands of docs/hosting.md for systemd, executed as they are written"
        figure("server/commands", words, len(executed))
        again = [sys.executable, "-m", "tests.deploying.server", "in its own network"]
        ended = subprocess.run(["unshare", "--net", *again], cwd=ROOT, check=False)
    sys.exit(ended.returncode)


def commands(heading: str) -> list[str]:
    """The lines of the code blocks of a chapter."""
    chapter = PAGE.read_text().partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"```sh\n(.*?)```", chapter, re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def run(command: str) -> None:
    """`cd` lasts, as it would in the terminal of a person."""
    if command.startswith("cd "):
        run.folder = command.removeprefix("cd ")  # type: ignore[attr-defined]
        return
    print(f"     {command}", flush=True)
    environment = BARE | clean_root._handed_on()
    # Fails in doctor for what is missing here, the mail server and the worker: read what it says.
    is_doctor = command.endswith("doctor")
    text = f"{command} || true" if is_doctor else command
    folder = getattr(run, "folder", "/root")
    clean_root.run(SERVER, ["/bin/sh", "-c", text], folder, environment)


def offer_the_source() -> None:
    """What is committed here, under the address that the page names."""
    source = SERVER / "srv/source.git"
    subprocess.run(["git", "clone", "--quiet", "--bare", str(ROOT), str(source)], check=True)
    subprocess.run(["chown", "--recursive", "0:0", str(source)], check=True)
    config = '[url "/srv/source.git"]\n\tinsteadOf = https://git.example.org/two-weeks.git\n'
    (SERVER / "root/.gitconfig").write_text(config)


@contextmanager
def database() -> Iterator[Callable[[], None]]:
    """Start what `systemctl` would have started by then; by its socket alone, on any machine."""

    def start() -> None:
        quiet = "pg_conftool 17 main set listen_addresses ''"
        clean_root.run(SERVER, ["sh", "-c", quiet], "/", BARE)
        clean_root.run(SERVER, ["pg_ctlcluster", "17", "main", "start"], "/", BARE)

    try:
        yield start
    finally:
        if (SERVER / "usr/bin/pg_ctlcluster").exists():
            stop = "pg_ctlcluster 17 main stop -m fast || true"
            clean_root.run(SERVER, ["sh", "-c", stop], "/", BARE)


def use_it() -> None:
    with ExitStack() as stack:
        sink = stack.enter_context(running_sink())
        settings = SERVER / "etc/two-weeks/env"
        mail = f"EMAIL_URL=smtp://127.0.0.1:{sink.port}"
        settings.write_text(re.sub("EMAIL_URL=.*", mail, settings.read_text()))
        caddyfile = SERVER / "etc/caddy/Caddyfile"
        own = "{\n\tlocal_certs\n\tskip_install_trust\n"
        caddyfile.write_text(re.sub(r"^\{\n", own, caddyfile.read_text(), count=1, flags=re.M))
        web = stack.enter_context(unit("two-weeks-web"))
        stack.enter_context(unit("two-weeks-worker"))
        stack.enter_context(unit("caddy", package="usr/lib/systemd/system"))
        visitor = Visitor(SITE_URL, port=443, is_behind_proxy=True)
        wait_until(lambda: answers(visitor), 120)
        say("the site answers through Caddy, over TLS")
        sign_up_and_check_off(visitor, sink, "nina@example.org")
        say("a sign-up, its code by mail, two weeks and a first stone")
        assert "x-request-id" in visitor.headers
        wait_until(lambda: doctor().startswith("0 broken"), 60)
        say(f"doctor: {doctor()}")
        with unit("two-weeks-backup") as backup:
            assert backup.wait(60) == 0
        assert list((SERVER / "var/lib/two-weeks").glob("*.dump")), "no backup"
        say("the backup of the night")
        web.terminate()
        assert web.wait(20) == 0
    figure("server/first-stone", "sign-ups that came to a first stone, through Caddy", 1)
    restore()


def restore() -> None:
    """As the page has it; who reads `systemctl` there is stopped here already, or not started."""
    for command in commands("Backups"):
        if not command.startswith(("docker", "systemctl")):
            run(command)
    say("the newest backup, put back in place of what was there")


def answers(visitor: Visitor) -> bool:
    try:
        return visitor.get("/health/ready") == 200
    except OSError:
        return False


def doctor() -> str:
    """The last line of what it says."""
    inside = clean_root.entered(
        SERVER, ["/opt/two-weeks/deploy/manage", "doctor"], work="/root", environment=BARE
    )
    done = subprocess.run(inside, capture_output=True, text=True, check=False)
    return (done.stdout.splitlines() or [done.stderr])[-1]


@contextmanager
def unit(name: str, package: str = "etc/systemd/system") -> Iterator[subprocess.Popen[bytes]]:
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
    process = subprocess.Popen(
        clean_root.entered(
            SERVER, shlex.split(command), work=said("WorkingDirectory", "/"),
            environment=environment, user="" if name == "caddy" else said("User"),
        )
    )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
