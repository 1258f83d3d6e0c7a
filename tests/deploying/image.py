"""`make image-check`: build the image by deploy/Dockerfile's own lines, start what compose.yaml
starts, and use it as a new person would. In a clean Debian and a network of its own, as root.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.deploying import clean_root, dockerfile
from tests.deploying.terminal import HOSTING, commands
from tests.deploying.visitor import Visitor, sign_up_and_check_off
from tests.figures import figure
from tests.sink import Sink, running_sink
from tests.waiting import wait_until

ROOT = clean_root.ROOT
FOLDER = ROOT / ".data" / "image"
SITE_URL = "https://two-weeks.test"
RECIPE = ROOT / "deploy/Dockerfile"
COMPOSE = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())["services"]

# What a new container is given to do, and of which service it is.
RUN = re.compile(r"docker compose .* run --rm (?:--no-TTY )?(\w+) (.*)$")


def main() -> None:
    clean_root.check_machine()
    if sys.argv[1:] == ["in its own network"]:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        with running_sink() as sink:
            Site(dockerfile.read(RECIPE)[-1], sink).try_it()
        return
    began = time.monotonic()
    FOLDER.mkdir(parents=True, exist_ok=True)
    image = clean_root.build(dockerfile.read(RECIPE), FOLDER)
    figure("image/build", "seconds to build the image", int(time.monotonic() - began))
    figure("image/size", "megabytes of the image, its Debian and its Python in it", size_of(image))
    database_root(FOLDER)
    again = [sys.executable, "-m", "tests.deploying.image", "in its own network"]
    sys.exit(subprocess.run(["unshare", "--net", *again], cwd=ROOT, check=False).returncode)


def size_of(root: Path) -> int:
    said = subprocess.run(["du", "-sm", str(root)], capture_output=True, text=True, check=True)
    return int(said.stdout.split()[0])


def database_root(folder: Path) -> Path:
    """What the image postgres:<version> is made of: a Debian with its own PostgreSQL."""
    root = folder / "postgres"
    version = COMPOSE["db"]["image"].removeprefix("postgres:")
    if not (root / f"usr/lib/postgresql/{version}/bin/postgres").exists():
        base = dockerfile.read(RECIPE)[0].base
        clean_root.copy_of(clean_root._image(base, folder), root)
        install = (
            f"apt-get update && apt-get install --yes --no-install-recommends postgresql-{version}"
        )
        bare = {"PATH": clean_root.BARE_PATH, "DEBIAN_FRONTEND": "noninteractive"}
        clean_root.run(root, ["/bin/sh", "-c", install], "/", bare)
    return root


@dataclass
class Site:
    """What compose.yaml starts, each process in a root folder as its container would be."""

    image: dockerfile.Stage
    sink: Sink

    def try_it(self) -> None:
        self.root, self.environment = FOLDER / "image", dict(self._environment())
        (self.root / "etc/hosts").write_text("127.0.0.1 localhost db web\n")
        with self._database():
            began = time.monotonic()
            self._run("migrate")
            with self._running("web") as web, self._running("worker"):
                self._wait_for(self.image.health_command, "the health check of the image")
                self._wait_for(health_of("worker"), "the health check of the worker")
                figure("image/ready", "seconds from an empty database to a site that is well",
                       int(time.monotonic() - began))  # fmt: skip
                visitor = Visitor(SITE_URL)
                sign_up_and_check_off(visitor, self.sink, "nina@example.org")
                say("a sign-up, its code by mail, two weeks and a first stone")
                assert self._cannot_write(), "its own files can be written to"
                say("the processes cannot change their own files")
                self._secrets_are_not_in_the_image()
                self._run("backup")
                self._doctor()
                web.terminate()
                assert web.wait(20) == 0, web.returncode
                say("the web server ends in order")
            self._restore()

    def _environment(self) -> Iterator[tuple[str, str]]:
        """ENV of the image, then what deploy/new-env writes, as Docker would read it."""
        yield from self.image.environment.items()
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / ".env"
            new_env = [str(ROOT / "deploy/new-env"), str(file), SITE_URL]
            mail = f"smtp://127.0.0.1:{self.sink.port}"
            subprocess.run([*new_env, mail, "host@example.org"], check=True)
            for line in file.read_text().splitlines():
                name, equals, value = line.partition("=")
                if equals and not line.startswith("#"):
                    yield name, value.strip("'")

    def _command(self, service: str, command: Sequence[str], *, user: str = "") -> list[str]:
        root = FOLDER / "postgres" if service == "db" else self.root
        environment = self.environment | {"PATH": self.image.environment["PATH"]}
        folder = "/" if service == "db" else self.image.folder
        return clean_root.entered(
            root, command, work=folder, environment=environment,
            user=user or self.image.user, is_read_only=service != "db",
            writable=[mount.split(":")[1] for mount in COMPOSE[service].get("volumes", [])],
        )  # fmt: skip

    @contextmanager
    def _running(self, service: str) -> Iterator[subprocess.Popen[bytes]]:
        command = COMPOSE[service].get("command", self.image.command)
        process = subprocess.Popen(self._command(service, command))
        try:
            yield process
        finally:
            process.terminate()
            process.wait(30)

    def _run(self, service: str) -> None:
        command = [str(word).replace("$$", "$") for word in COMPOSE[service]["command"]]
        if service == "backup":  # the first of its rounds
            command[-1] = re.sub(r"while (.*?); do .*", r"\1", command[-1])
        subprocess.run(self._command(service, command), check=True)
        say(f"{service}: {shlex.join(command)}")

    @contextmanager
    def _database(self) -> Iterator[None]:
        root, of = FOLDER / "postgres", COMPOSE["db"]
        programs = f"/usr/lib/postgresql/{of['image'].removeprefix('postgres:')}/bin"
        clean_root.run(
            root, ["sh", "-c", "rm -rf /data && install -d -o postgres -m 700 /data"], "/", {}
        )
        secret = self.environment["POSTGRES_PASSWORD"]
        (root / "secret").write_text(secret)
        made = f"{programs}/initdb --pgdata /data --username two-weeks --pwfile /secret"
        made += f" --auth-host scram-sha-256 {of['environment']['POSTGRES_INITDB_ARGS']}"
        quiet = ["sh", "-c", f"{made} >/dev/null 2>&1"]
        subprocess.run(self._command("db", quiet, user="postgres"), check=True)
        server = f"{programs}/{of['command'].strip()} -D /data -c unix_socket_directories=/tmp"
        process = subprocess.Popen(self._command("db", shlex.split(server), user="postgres"))
        try:
            self._wait_for_database(programs)
            yield
        finally:
            process.terminate()
            process.wait(60)

    def _wait_for_database(self, programs: str) -> None:
        _cmd, program, *options = COMPOSE["db"]["healthcheck"]["test"]
        self._wait_for([f"{programs}/{program}", *options], "the health check of PostgreSQL", "db")
        create = [f"{programs}/createdb", "--host=/tmp", "--username=two-weeks", "two-weeks"]
        subprocess.run(self._command("db", create, user="postgres"), check=True)

    def _wait_for(self, command: Sequence[str], what: str, service: str = "web") -> None:
        asking = self._command(service, command, user="postgres" if service == "db" else "")

        def is_well() -> bool:
            return subprocess.run(asking, check=False, capture_output=True).returncode == 0

        wait_until(is_well, 120)
        say(what)

    def _restore(self) -> None:
        """What the page hands to new containers: back it comes, also from another machine."""
        given = [RUN.search(line) for line in commands(HOSTING, "Backups")]
        restore, extract, release = [(of[1], shlex.split(of[2])) for of in given if of]
        self._give(*restore)
        with tempfile.TemporaryDirectory() as elsewhere:
            for file in (self.root / "backups").iterdir():
                shutil.move(file, elsewhere)
            # As the new site's own: newer, and empty.
            (self.root / "backups/two-weeks-99990101T000000000000Z.dump").touch()
            copy = ["tar", "--create", "--directory", elsewhere, "."]
            self._give(*extract, told=subprocess.run(copy, check=True, capture_output=True).stdout)
        self._give(*restore)
        self._give(*release)
        with self._running("web"):
            self._wait_for(self.image.health_command, "the health check of what was restored")
        figure("image/restored", "commands for containers that stand in a backup's chapter, run", 4)

    def _give(self, service: str, command: Sequence[str], told: bytes = b"") -> None:
        subprocess.run(self._command(service, command), input=told, check=True)
        say(f"{service}: {shlex.join(command)}")

    def _cannot_write(self) -> bool:
        touch = self._command("web", ["touch", "/app/manage.py"])
        return subprocess.run(touch, check=False, capture_output=True).returncode != 0

    def _secrets_are_not_in_the_image(self) -> None:
        found = [str(file.relative_to(self.root)) for file in (self.root / "app").rglob("*")
                 if file.name in {".env", ".git", ".data", "secret_key", "mfa_keys"}]  # fmt: skip
        assert found == [], found
        say("no key and no .env in the image")

    def _doctor(self) -> None:
        asked = self._command("web", ["python", "manage.py", "doctor"])
        done = subprocess.run(asked, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        say(f"doctor: {done.stdout.splitlines()[-1]}")


def health_of(service: str) -> list[str]:
    return list(COMPOSE[service]["healthcheck"]["test"][1:])


def say(words: str) -> None:
    print(f"ok   {words}", flush=True)


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
