"""What goes over the wire to a browser, whoever in it asks: a page, or a worker behind the pages.

A browser's own tools tell of one or the other; here all bytes pass.
"""

import re
import socket
import socketserver
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

REQUEST = re.compile(rb"[A-Z]+ (\S+) HTTP/1\.1\r\n")


class Wire(socketserver.ThreadingTCPServer):
    """Hands on what is asked of it to the server at `port`, and counts what comes back by path."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", 0), Connection)
        self.behind = ("127.0.0.1", port)
        self.bytes: Counter[str] = Counter()

    @property
    def url(self) -> str:
        return f"http://localhost:{self.server_address[1]}"


class Connection(socketserver.BaseRequestHandler):
    """HTTP/1.1 asks once it has its answer, so what comes is of the path that was asked last."""

    server: Wire
    path = ""

    def handle(self) -> None:
        with socket.create_connection(self.server.behind) as behind:
            threading.Thread(target=self._answer, args=[behind], daemon=True).start()
            while data := self.request.recv(65536):
                if asked := REQUEST.match(data):
                    self.path = urlsplit(asked[1].decode()).path
                behind.sendall(data)

    def _answer(self, behind: socket.socket) -> None:
        try:
            while data := behind.recv(65536):
                self.server.bytes[self.path] += len(data)
                self.request.sendall(data)
        except OSError:
            return  # the browser has gone


@contextmanager
def counted(port: int) -> Iterator[Wire]:
    with Wire(port) as wire:
        threading.Thread(target=wire.serve_forever, daemon=True).start()
        yield wire
        wire.shutdown()
