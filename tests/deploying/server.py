"""The other half of `make image-check`: the commands of docs/hosting.md for systemd, as they are
written there, in a clean Debian; then what the units would start, behind Caddy and behind nginx.

Two things are not as on a server: there is no systemd, so that we start what it would, and the
certificate is Caddy's own or ours, as nobody outside can be asked for one.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.deploying import clean_root
from tests.deploying.image import FOLDER, ROOT, say
from tests.deploying.terminal import BARE, BY_ROOT, HOSTING, KEYS, Terminal, commands, is_for_docker
from tests.deploying.units import SERVER, SITE_URL, started, unit
from tests.deploying.visitor import Visitor, code_in, log_in, sign_up_and_check_off
from tests.figures import figure
from tests.sink import Sink, running_sink
from tests.waiting import wait_until

SETTINGS = SERVER / "etc/two-weeks/env"
BACKUPS = SERVER / "var/lib/two-weeks"
METRICS_TOKEN = "only-for-this-check-0123456789-0123456789"
OWN_CERTIFICATE = (
    "folder=/etc/letsencrypt/live/twoweeks.example.org && mkdir -p $folder && openssl req -x509"
    " -newkey rsa:2048 -noenc -days 1 -subj /CN=twoweeks.example.org"
    " -keyout $folder/privkey.pem -out $folder/fullchain.pem"
)


def main() -> None:
    clean_root.check_machine()
    if sys.argv[1:] == ["in its own network"]:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        use_it()
        return
    clean_root.copy_of(clean_root.debian("trixie", FOLDER), SERVER)
    terminal = Terminal(SERVER)
    with database() as start:
        for command in [each for chapter in BY_ROOT for each in commands(HOSTING, chapter)]:
            if command == "git pull":
                terminal.offer_a_newer_version()
            terminal.type(OWN_CERTIFICATE if command.startswith("certbot") else command)
            if command.startswith("apt-get update"):
                terminal.offer_the_source()
                start()
        terminal.type("systemd-analyze verify /etc/systemd/system/two-weeks-*")
        say("systemd-analyze finds nothing wrong in the units as they are installed")
        words = "commands for a server with systemd, executed as they are written, but for certbot"
        figure("server/commands", words, terminal.count - 2)
        again = [sys.executable, "-m", "tests.deploying.server", "in its own network"]
        ended = subprocess.run(["unshare", "--net", *again], cwd=ROOT, check=False)
    sys.exit(ended.returncode)


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
    terminal = Terminal(SERVER, "/opt/two-weeks")
    change_settings(METRICS_TOKEN=METRICS_TOKEN)
    visitor = Visitor(SITE_URL, port=443, is_behind_proxy=True)
    with running_sink() as sink:
        change_settings(EMAIL_URL=f"smtp://127.0.0.1:{sink.port}")
        with ExitStack() as stack:
            web = stack.enter_context(unit("two-weeks-web"))
            stack.enter_context(unit("two-weeks-worker"))
            with caddy():
                wait_until(lambda: answers(visitor), 120)
                say("the site answers through Caddy, over TLS")
                sign_up_and_check_off(visitor, sink, "nina@example.org")
                say("a sign-up, its code by mail, two weeks and a first stone")
                assert "x-request-id" in visitor.headers
                let_the_administrator_in(sink)
            look_whether_it_is_well(terminal)
            with started(["nginx", "-g", "daemon off;"]):
                wait_until(lambda: answers(visitor), 60)
                assert visitor.get("/today/") == 200
                assert "My sister on the phone" in visitor.page
                say("the same session through nginx, over TLS")
                ask_for_metrics()
            web.terminate()
            assert web.wait(20) == 0
        change_keys(terminal, visitor)
        restore(terminal, visitor)
    figure("server/first-stone", "sign-ups that came to a first stone, through Caddy", 1)
    words = "commands of a site in use (health, keys, backup, restore), executed as written"
    figure("server/commands", words, terminal.count)


def change_settings(**values: str) -> None:
    """As a host would in an editor; restarting is another matter."""
    text = SETTINGS.read_text()
    for name, value in values.items():
        text = re.sub(rf"^{name}=.*\n", "", text, flags=re.MULTILINE)
        text += f"{name}='{value}'\n" if value else ""
    SETTINGS.write_text(text)


def setting(name: str) -> str:
    found = re.search(rf"^{name}='(.*)'$", SETTINGS.read_text(), re.MULTILINE)
    assert found, name
    return found[1]


@contextmanager
def caddy() -> Iterator[None]:
    """With a certificate that it makes itself."""
    caddyfile = SERVER / "etc/caddy/Caddyfile"
    own = "{\n\tlocal_certs\n\tskip_install_trust\n"
    caddyfile.write_text(re.sub(r"^\{\n", own, caddyfile.read_text(), count=1, flags=re.M))
    with unit("caddy", package="usr/lib/systemd/system"):
        yield


def answers(visitor: Visitor) -> bool:
    try:
        return visitor.get("/health/ready") == 200
    except OSError:
        return False


def let_the_administrator_in(sink: Sink) -> None:
    """Who is named in the fourth line of the page, by a code; then a second factor is asked for."""
    host = Visitor(SITE_URL, port=443, is_behind_proxy=True)
    assert host.get("/accounts/login/code/") == 200
    assert host.fill_in("email", email="you@example.org") == 200
    assert host.fill_in("code", code=code_in(sink, "you@example.org")) == 200
    assert host.get("/staff/") == 200
    assert host.path != "/staff/", "staff need a second factor"
    say(f"the first administrator logs in by a code, and is led to {host.path}")


def look_whether_it_is_well(terminal: Terminal) -> None:
    for command in commands(HOSTING, "Is it well?"):
        assert terminal.type(command).strip().endswith("200")
    wait_until(lambda: doctor().startswith("0 broken"), 60)
    say(f"doctor: {doctor()}")


def doctor() -> str:
    """The last line of what it says."""
    inside = clean_root.entered(
        SERVER, ["/opt/two-weeks/deploy/manage", "doctor"], work="/root", environment=BARE
    )
    done = subprocess.run(inside, capture_output=True, text=True, check=False)
    return (done.stdout.splitlines() or [done.stderr])[-1]


def ask_for_metrics() -> None:
    stranger = Visitor(SITE_URL, port=443, is_behind_proxy=True)
    assert stranger.get("/metrics") == 404
    stranger.sends["Authorization"] = f"Bearer {METRICS_TOKEN}"
    assert stranger.get("/metrics") == 200
    assert "two_weeks_request_seconds_count" in stranger.page
    say("metrics for who has the token, and no page for others")


def change_keys(terminal: Terminal, visitor: Visitor) -> None:
    """docs/keys.md, both at once; without the 30 days between, so that the session goes on that
    begins meanwhile. tests/test_key_rotation.py says what becomes of the others."""
    secret, factors, rotate = (each for each in commands(KEYS) if not is_for_docker(each))
    old, old_of_factors = setting("SECRET_KEY"), setting("MFA_KEYS")
    new, new_of_factors = terminal.type(secret).strip(), terminal.type(factors).strip()
    change_settings(
        SECRET_KEY=new, SECRET_KEY_FALLBACKS=old, MFA_KEYS=f"{new_of_factors} {old_of_factors}"
    )
    with restarted(visitor):
        assert is_logged_in(visitor)
        visitor.cookies.clear()
        log_in(visitor, "nina@example.org")
    terminal.type(rotate)
    change_settings(SECRET_KEY_FALLBACKS="", MFA_KEYS=new_of_factors)
    with restarted(visitor):
        assert is_logged_in(visitor)
    say("new keys beside the old ones, and alone: nobody is logged out")


@contextmanager
def restarted(visitor: Visitor) -> Iterator[None]:
    """The web server, as after a change of settings, behind nginx."""
    with unit("two-weeks-web"), started(["nginx", "-g", "daemon off;"]):
        wait_until(lambda: answers(visitor), 60)
        yield


def is_logged_in(visitor: Visitor) -> bool:
    assert visitor.get("/today/") == 200
    return visitor.path == "/today/"


def restore(terminal: Terminal, visitor: Visitor) -> None:
    """As the page has it; on the way the files are brought in from elsewhere, too."""
    lines = [each for each in commands(HOSTING, "Backups") if not is_for_docker(each)]
    for command in lines:
        if command == "systemctl start two-weeks-backup":
            with unit("two-weeks-backup") as backup:
                assert backup.wait(60) == 0
            say("the backup of the night")
        if command.startswith("rm "):
            bring_elsewhere()
        terminal.type(command)
        if command.startswith("install "):
            terminal.type(next(each for each in lines if " restore " in each))
            say("the files of a backup, brought in from another machine and restored")
    visitor.cookies.clear()
    with restarted(visitor):
        log_in(visitor, "nina@example.org")
        assert visitor.get("/today/") == 200
        assert "My sister on the phone" in visitor.page
    say("who logs in to the restored site finds the stone and its words")


def bring_elsewhere() -> None:
    """What the site here has backed up itself meanwhile is newer, and empty."""
    elsewhere = SERVER / "opt/two-weeks/backups"
    elsewhere.mkdir()
    found: list[Path] = list(BACKUPS.iterdir())
    assert found, "no backup"
    for file in found:
        file.rename(elsewhere / file.name)
        os.chown(elsewhere / file.name, 0, 0)
    (BACKUPS / "two-weeks-99990101T000000000000Z.dump").touch()


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
