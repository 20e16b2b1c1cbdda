"""A service for breached passwords of our own, over real HTTP, that can also be slow, wrong or away."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

from accounts import breached


class BreachService(ThreadingHTTPServer):
    """Knows the words in `known`, and keeps the paths that it was asked for in `asked`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.known = {"correct horse battery"}
        self.asked: list[str] = []
        self.fault = ""
        self.ended = Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def lines(self, prefix: str) -> str:
        digests = [breached.sha1(word).hex().upper() for word in sorted(self.known)]
        found = [f"{digest[5:]}:{number}" for number, digest in enumerate(digests, 3) if digest.startswith(prefix)]
        return "\r\n".join(["0" * 35 + ":7", *found, "F" * 35 + ":0"])


class _Handler(BaseHTTPRequestHandler):
    server: BreachService

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        if self.server.fault == "silent":
            self.server.ended.wait(10)
        status = {"error": 500, "redirect": 302}.get(self.server.fault, 200)
        body = self.server.lines(self.path[-5:]).encode()
        body = {"garbage": b"\xff\xfe" * 50, "endless": b"A" * 3_000_000}.get(self.server.fault, body)
        self.send_response(status)
        self.send_header("Location", f"{self.server.address}/elsewhere")
        self.send_header("Content-Length", str(len(body) + 5 * (self.server.fault == "dripping")))
        self.end_headers()
        try:
            self._send(body)
        except OSError:
            return

    def _send(self, body: bytes) -> None:
        if self.server.fault != "dripping":
            self.wfile.write(body)
            return
        for octet in body:
            self.wfile.write(bytes([octet]))
            time.sleep(0.05)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextmanager
def served() -> Iterator[BreachService]:
    with BreachService() as service:
        thread = Thread(target=service.serve_forever, daemon=True)
        thread.start()
        yield service
        service.ended.set()
        service.shutdown()
        thread.join()
