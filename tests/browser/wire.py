"""A line between the browser and the server that can be away, slow, cut or answered by something
in between. A worker's requests go through it like a page's, which devtools do not promise.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

Trouble = Callable[["Asked"], str]


@dataclass(frozen=True)
class Asked:
    method: str
    path: str


def fine(_asked: Asked) -> str:
    return ""


def away(_asked: Asked) -> str:
    return "away"


@dataclass
class Wire:
    """`trouble` says of each request what happens to it: "" nothing; "away"; "cut", which means
    that the server does it and the answer is lost; "slow", or "late" on the way back; or a status
    that is answered instead.
    """

    server_url: str
    trouble: Trouble = fine
    asked: list[Asked] = field(default_factory=list)
    delay: float = 0.3  # seconds, when slow

    def count(self, method: str) -> int:
        return sum(asked.method == method for asked in self.asked)

    @property
    def url(self) -> str:
        return f"http://localhost:{self._listener.getsockname()[1]}"

    def start(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        self._listener.close()

    @contextmanager
    def down(self) -> Iterator[None]:
        self.trouble = away
        yield
        self.trouble = fine

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _address = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError, ValueError):
            head, body = _read(client)
            first, *lines = head.decode("latin-1").split("\r\n")
            asked = Asked(*first.split(" ")[:2])
            self.asked.append(asked)
            trouble = self.trouble(asked)
            if trouble == "away":
                return
            if trouble.isdecimal():
                client.sendall(f"HTTP/1.1 {trouble} X\r\nContent-Length: 0\r\n\r\n".encode())
                return
            if trouble == "slow":
                time.sleep(self.delay)
            kept = [line for line in lines if not line.lower().startswith("connection:")]
            head = "\r\n".join([first, *kept, "Connection: close", "", ""]).encode("latin-1")
            to = urlsplit(self.server_url)
            with socket.create_connection((to.hostname, to.port)) as server:
                server.sendall(head + body)
                answer = b"".join(iter(lambda: server.recv(65536), b""))
            if trouble == "late":
                time.sleep(self.delay)
            if trouble != "cut":
                client.sendall(answer)


def _read(client: socket.socket) -> tuple[bytes, bytes]:
    """The head without its end, and the whole body."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = client.recv(65536)
        if not more:
            raise ValueError("nothing was asked")
        data += more
    head, _end, body = data.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    length = int(lengths[0].split(b":")[1]) if lengths else 0
    while len(body) < length:
        body += client.recv(65536)
    return head, body
