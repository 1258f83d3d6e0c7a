"""Several machines on one: two web nodes, two workers, nginx, PgBouncer, a primary and a replica.

All of it from Debian's packages, each on a port of its own, set up by the files that
deploy/many-machines hands to hosts. `python -m tests.drills.machines` keeps it running to be looked
at.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from string import Template

import psutil
import psycopg

from tests.resilience.launched import ROOT, copied_project, free_port
from tests.resilience.site import Site, ask
from tests.waiting import wait_until

CONFIGURATION = ROOT / "deploy" / "many-machines"
POSTGRES = Path("/usr/lib/postgresql")
USER = "postgres"
NGINX = """
daemon off;
pid $FOLDER/nginx.pid;
error_log $FOLDER/nginx.log warn;
events {}
http {
    access_log off;
    client_body_temp_path $FOLDER/body;
    proxy_temp_path $FOLDER/proxy;
    fastcgi_temp_path $FOLDER/other;
    uwsgi_temp_path $FOLDER/other;
    scgi_temp_path $FOLDER/other;
    include $FOLDER/two-weeks.conf;
}
"""
Process = subprocess.Popen[bytes]


@dataclass
class Machines(Site):
    """A Site whose `port` is the proxy's, and whose database is PostgreSQL of Debian."""

    ports: dict[str, int] = field(default_factory=dict)
    running: dict[str, Process] = field(default_factory=dict)

    # --- Starting and ending all of it ---

    def start_all(self) -> None:
        self._take_port("primary")
        self.database_url = self._url("primary")
        self._make_primary()
        self._take_port("replica")
        self._make_replica()
        self.manage("collectstatic", "--no-input", "--verbosity=0")
        self.manage("migrate", "--verbosity=0")
        for name in ("pooler", "web-1", "web-2"):
            self._take_port(name)
        self._configure()
        for name in ("pooler", "web-1", "web-2", "proxy", "worker-1", "worker-2"):
            self.start(name)
        wait_until(lambda: self.get("/health/ready") == 200, 120)

    def _take_port(self, name: str) -> None:
        """Shortly before it is used, as whatever else runs on this machine takes some, too."""
        while (port := free_port()) in {self.port, *self.ports.values()}:
            pass
        self.ports[name] = port

    def stop_all(self) -> None:
        for name in reversed(list(self.running)):
            self.end(name, signal.SIGTERM)
        for name in ("replica", "primary"):
            with suppress(subprocess.CalledProcessError):
                self._pg_ctl(name, "stop", "--mode=immediate")

    def start(self, name: str) -> None:
        """A web node, a worker, the pooler or the proxy, which is not running."""
        with (self.folder / f"{name}.output").open("ab") as output:
            self.running[name] = subprocess.Popen(
                self._command(name),
                cwd=self.project,
                env=self._environment(name),
                stdout=output,
                stderr=output,
                start_new_session=True,
                user=USER if name == "pooler" else None,
            )

    def end(self, name: str, number: int) -> None:
        """By SIGKILL the whole of it, as when its machine loses power; else by asking."""
        process = self.running.pop(name)
        if number == signal.SIGKILL:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=30)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def start_what_ended(self) -> int:
        """As systemd does with Restart=always; how many had ended by themselves."""
        ended = [name for name, process in self.running.items() if process.poll() is not None]
        for name in ended:
            self.end_rest(name)
            self.start(name)
        return len(ended)

    def end_rest(self, name: str) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.running.pop(name).pid, signal.SIGKILL)

    def is_ready(self, name: str) -> bool:
        """Whether a web node, asked past the proxy, says that it can serve."""
        host = {"Host": f"localhost:{self.port}"}
        with suppress(OSError, HTTPException):
            return ask(self.ports[name], "GET", "/health/ready", headers=host).status == 200
        return False

    def wait_for(self, name: str) -> None:
        wait_until(lambda: self.is_ready(name), 120)

    def replica_is_gone(self) -> None:
        self._pg_ctl("replica", "stop", "--mode=immediate")

    def restart_primary(self, mode: str) -> None:
        self._pg_ctl("primary", "restart", f"--mode={mode}")

    @contextmanager
    def at(self, name: str) -> "Iterator[psycopg.Connection]":
        with psycopg.connect(self._url(name, "postgres"), autocommit=True) as database:
            yield database

    # --- How each is started ---

    def _command(self, name: str) -> list[str]:
        if name == "pooler":
            return ["/usr/sbin/pgbouncer", str(self.folder / "pgbouncer.ini")]
        if name == "proxy":
            return ["/usr/sbin/nginx", "-c", str(self.folder / "nginx.conf")]
        lines = dict(line.split(": exec python ") for line in _procfile())
        if name.startswith("worker"):
            return [sys.executable, *lines["worker"].split()]
        line = lines["web"].replace("$PORT", str(self.ports[name]))
        return [sys.executable, *line.split()]

    def _environment(self, name: str) -> dict[str, str]:
        if name.startswith("web"):
            return self.variables | {
                "DATABASE_URL": self._url("pooler"),
                "DATABASE_POOLED": "1",
                "REPLICA_URL": self._url("replica"),
                "TRUSTED_PROXY_COUNT": "1",
            }
        return self.variables

    def _url(self, name: str, user: str = "twoweeks") -> str:
        return f"postgresql://{user}@127.0.0.1:{self.ports[name]}/twoweeks"

    def point_at(self, *, but: str = "") -> None:
        """Let the proxy pass on to all web nodes but one, and wait until it has finished what it
        had passed on before."""
        self._configure(but)
        proxy = psutil.Process(self.running["proxy"].pid)
        before = set(proxy.children())
        proxy.send_signal(signal.SIGHUP)
        wait_until(lambda: not before & set(proxy.children()))

    def _configure(self, down: str = "") -> None:
        away = {name: " down" if name == down else "" for name in ("web-1", "web-2")}
        values = {
            "FOLDER": str(self.folder),
            "LISTEN": f"127.0.0.1:{self.port}",
            "WEB_1": f"127.0.0.1:{self.ports['web-1']}{away['web-1']}",
            "WEB_2": f"127.0.0.1:{self.ports['web-2']}{away['web-2']}",
            "PRIMARY_HOST": "127.0.0.1",
            "PRIMARY_PORT": str(self.ports["primary"]),
            "LISTEN_ADDRESS": "127.0.0.1",
            "LISTEN_PORT": str(self.ports["pooler"]),
            "AUTH_TYPE": "any",  # loopback alone; the database lets the same in
            "AUTH_FILE": "",
        }
        ours = {"two-weeks.conf": "nginx.conf", "pgbouncer.ini": "pgbouncer.ini"}
        for name, source in ours.items():
            self._write(name, (CONFIGURATION / source).read_text(), values)
        self._write("nginx.conf", NGINX, values)

    def _write(self, name: str, text: str, values: dict[str, str]) -> None:
        # nginx has variables of its own.
        (self.folder / name).write_text(Template(text).safe_substitute(values))

    # --- PostgreSQL ---

    def _make_primary(self) -> None:
        data = self.folder / "primary"
        how = ("--auth=trust", "--encoding=UTF8")
        self._as_postgres("primary", "initdb", f"--pgdata={data}", *how)
        self._start_postgres("primary")
        with psycopg.connect(
            f"postgresql://postgres@127.0.0.1:{self.ports['primary']}/postgres", autocommit=True
        ) as server:
            server.execute("CREATE ROLE twoweeks LOGIN")
            server.execute("CREATE DATABASE twoweeks OWNER twoweeks")

    def _make_replica(self) -> None:
        data = self.folder / "replica"
        source = f"--dbname=postgresql://postgres@127.0.0.1:{self.ports['primary']}"
        how = ("--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast")
        self._as_postgres("replica", "pg_basebackup", source, f"--pgdata={data}", *how)
        self._start_postgres("replica")

    def _start_postgres(self, name: str) -> None:
        values = {"ADDRESS": "127.0.0.1", "PORT": str(self.ports[name]), "FOLDER": str(self.folder)}
        text = Template((CONFIGURATION / "primary.conf").read_text()).safe_substitute(values)
        with (self.folder / name / "postgresql.conf").open("a") as file:
            file.write(f"\n{text}")
        self._pg_ctl(name, "start")

    def _pg_ctl(self, name: str, verb: str, *words: str) -> None:
        data = f"--pgdata={self.folder / name}"
        self._as_postgres(name, "pg_ctl", verb, data, "--wait", "--timeout=180", *words)

    def _as_postgres(self, name: str, program: str, *words: str) -> None:
        """It refuses root, so Debian's own user runs it. What it and its server say is kept, and
        told where it fails."""
        newest = max(POSTGRES.glob("*/bin"), key=lambda path: int(path.parent.name))
        log = self.folder / f"{name}.log"
        try:
            with log.open("ab") as output:
                subprocess.run(
                    [str(newest / program), *words],
                    check=True,
                    cwd="/",
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    user=USER,
                    group=USER,
                    extra_groups=[],
                )
        except subprocess.CalledProcessError as error:
            error.add_note("\n".join(log.read_text(errors="replace").splitlines()[-40:]))
            raise


def _procfile() -> list[str]:
    return (ROOT / "Procfile").read_text().splitlines()


def missing() -> str:
    """What Debian has to bring for this to run here, or ""."""
    programs = {"nginx": "/usr/sbin/nginx", "pgbouncer": "/usr/sbin/pgbouncer"}
    absent = [name for name, path in programs.items() if not Path(path).exists()]
    if not list(POSTGRES.glob("*/bin/initdb")):
        absent.append("postgresql")
    if os.geteuid() != 0:
        return "This starts PostgreSQL as its own user: run it as root."
    return f"apt install {' '.join(absent)}" if absent else ""


@contextmanager
def running_machines(**environment: str) -> "Iterator[Machines]":
    # Directly in /tmp, as a socket's path may be no longer than 103 bytes.
    folder = Path(tempfile.mkdtemp(prefix="machines-"))
    user = pwd.getpwnam(USER)
    os.chown(folder, user.pw_uid, user.pw_gid)
    folder.chmod(0o755)
    with copied_project() as project:
        machines = Machines(project, folder, environment)
        try:
            machines.start_all()
            yield machines
        finally:
            machines.stop_all()
            shutil.rmtree(folder)


def main() -> None:
    if words := missing():
        sys.exit(words)
    with running_machines(DEBUG="1") as machines:
        machines.manage("demo")
        print(f"http://localhost:{machines.port} · {machines.ports} · Ctrl-C ends all of it")
        with suppress(KeyboardInterrupt):
            signal.pause()


if __name__ == "__main__":
    main()
