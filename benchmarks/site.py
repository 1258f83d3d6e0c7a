"""The app and the reference as a server runs them, each with granian's options of the Procfile."""

import http.client
import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from tests.resilience.launched import free_port

ROOT = Path(__file__).resolve().parent.parent
# Behind the one proxy that ends TLS, as docs/hosting.md has it; wrk plays that proxy.
HOST = "two-weeks.test"
BEHIND_PROXY = {"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"}


def environment(database_url: str) -> dict[str, str]:
    """Of a public site: nothing here is switched off that a server has on."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "DJANGO_SETTINGS_MODULE": "breakthrough.settings",
        "DEBUG": "0",
        "SITE_URL": f"https://{HOST}",
        "TRUSTED_PROXY_COUNT": "1",
        "DATABASE_URL": database_url,
        "SECRET_KEY": secrets.token_hex(40),
        "MFA_KEYS": "b25seS1mb3ItYmVuY2hlcy1vbmx5LWZvci1iZW5jaDE=",
        "EMAIL_URL": "smtp://127.0.0.1:9",  # nobody listens, and nothing is sent
    }


class Server:
    """A granian that answers on `port`; its processes are in `process` and its children."""

    def __init__(self, process: psutil.Popen, port: int) -> None:
        self.process, self.port = process, port

    @property
    def memory(self) -> int:
        """Bytes of all its processes; what several share counts once (PSS)."""
        processes = [self.process, *self.process.children(recursive=True)]
        return sum(each.memory_full_info().pss for each in processes)

    def ask(
        self, method: str, path: str, headers: dict[str, str], body: str | None = None
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        web = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            web.request(method, path, body, headers)
            answer = web.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            web.close()


@contextmanager
def served(
    run: dict[str, str],
    workers: int,
    application: str = "breakthrough.wsgi",
    *,
    at_localhost: bool = False,
) -> Iterator[Server]:
    """`at_localhost`: asked by its own address, without a proxy before it."""
    port = free_port()
    if at_localhost:
        run = run | {"SITE_URL": f"http://localhost:{port}", "TRUSTED_PROXY_COUNT": "0"}
    command = _of_procfile("web")
    command = command.replace("$PORT", str(port)).replace("breakthrough.wsgi", application)
    command = re.sub(r"--workers \d+", f"--workers {workers}", command)
    command = command.replace("exec python", f"exec '{sys.executable}'")
    process = psutil.Popen(["/bin/sh", "-c", command], cwd=ROOT, env=run)
    server = Server(process, port)
    try:
        is_public = application == "breakthrough.wsgi" and not at_localhost
        _wait_for(server, HOST if is_public else "localhost")
        yield server
    finally:
        process.terminate()
        process.wait(timeout=30)


def _of_procfile(name: str) -> str:
    lines = (ROOT / "Procfile").read_text().splitlines()
    return next(line.partition(": ")[2] for line in lines if line.startswith(f"{name}:"))


def _wait_for(server: Server, host: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.process.poll() is None:
        with suppress(OSError):
            server.ask("GET", "/health/live", {"Host": host})
            return
        time.sleep(0.05)
    sys.exit("The server did not answer.")


def manage(run: dict[str, str], *arguments: str) -> None:
    subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=run, check=True)
