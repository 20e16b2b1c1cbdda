"""What the fakes share: they take, keep and answer over real HTTP, do as the next of their moves says, and report.

Another process steers one by `POST /_fake/moves` (a list of moves), reads `GET /_fake/delivered`, and lets it report by
`POST /_fake/report` (`provider_id`, `event`).
"""

import argparse
import json
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Self
from urllib.parse import parse_qs, parse_qsl, urlsplit

import requests

CONTROL = "/_fake/"
AGAIN = "Idempotency-Replay"
PASSING = frozenset({0, 409, 429})  # no answer, and those that nobody keeps


@dataclass(frozen=True)
class Seen:
    """A request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    at: float = field(default_factory=time.time)

    @property
    def json(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.body)
        return document

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    def queried(self, name: str) -> str:
        """Return a value of the query."""
        return (parse_qs(urlsplit(self.path).query).get(name) or [""])[0]


@dataclass(frozen=True)
class Reply:
    """An answer."""

    status: int = 200
    document: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Move:
    """What becomes of the next message: taken or not, answered late, otherwise, or not at all."""

    take: bool = False
    status: int = 0
    document: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0
    hang_up: bool = False


class Fake:
    """One service. `moves` are used up one by each message; when there is none it takes what comes."""

    name: ClassVar[str]
    replay_status: ClassVar[int] = 409
    keeps_errors: ClassVar[bool] = False
    good: ClassVar[int] = 200

    def __init__(self, *, port: int = 0, callback: str = "", secret: str = "") -> None:
        self.callback, self.secret = callback, secret
        self.moves: deque[Move] = deque()
        self.seen: list[Seen] = []
        self.delivered: list[dict[str, Any]] = []
        self.reports: list[int] = []
        self._answers: dict[str, tuple[bytes, Reply]] = {}
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler_of(self))
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def is_message(self, seen: Seen) -> bool:
        """Tell whether a request hands over a message."""
        raise NotImplementedError

    def refusal(self, seen: Seen) -> Reply | None:
        """Return how a request is refused that is not in order."""
        raise NotImplementedError

    def deliver(self, seen: Seen) -> tuple[dict[str, Any], Any]:
        """Return what is to be kept of a message, with `provider_id`, and the document that it is answered with."""
        raise NotImplementedError

    def look_up(self, seen: Seen) -> Reply:
        """Answer any other request."""
        raise NotImplementedError

    def report(self, provider_id: str, event: str, **more: Any) -> int:
        """Report an event of a message, signed, and return the status that it was answered with."""
        raise NotImplementedError

    @property
    def config(self) -> dict[str, Any]:
        """Return what a provider needs to know of it."""
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        """Return the variables that let a service use it."""
        return {f"{self.name}_{name}".upper(): _written(value) for name, value in self.config.items()}

    def post(self, **request: Any) -> int:
        """Post a report and note how it was answered."""
        status = requests.post(self.callback, timeout=15, allow_redirects=False, **request).status_code
        self.reports.append(status)
        return status

    def answer(self, seen: Seen) -> tuple[Reply, Move]:
        """Return what a request is answered with, and how."""
        if seen.path.startswith(CONTROL):
            return self._steer(seen), Move(take=True)
        with self._lock:
            self.seen.append(seen)
            if not self.is_message(seen):
                return self.refusal(seen) or self.look_up(seen), Move(take=True)
            move = self.moves.popleft() if self.moves else Move(take=True)
            if not move.take:
                return self._noted(seen, move), move
            reply = self.refusal(seen) or self._take(seen)
            return (self._noted(seen, move) if move.status else reply), move

    def _noted(self, seen: Seen, move: Move) -> Reply:
        """Return what a move answers, and from now on each call under this key where errors are kept."""
        reply = Reply(move.status, move.document, move.headers)
        key = seen.headers.get("Idempotency-Key", "")
        if key and self.keeps_errors and move.status not in PASSING:
            self._answers[key] = (seen.body, reply)
        return reply

    def _take(self, seen: Seen) -> Reply:
        key = seen.headers.get("Idempotency-Key", "")
        if key in self._answers:
            body, reply = self._answers[key]
            if body != seen.body:
                return Reply(self.replay_status, self.other_words())
            return Reply(reply.status, reply.document, {AGAIN: "true"})
        kept, document = self.deliver(seen)
        self.delivered.append({"key": key, **kept})
        reply = Reply(self.good, document)
        if key:
            self._answers[key] = (seen.body, reply)
        return reply

    def other_words(self) -> Any:
        """Return what a key is answered with that has been used for other words."""
        return {"name": "invalid_idempotent_request", "message": "This idempotency key has been used."}

    def _steer(self, seen: Seen) -> Reply:
        if seen.path == f"{CONTROL}delivered":
            return Reply(document=self.delivered)
        if seen.path == f"{CONTROL}moves":
            self.moves.extend(Move(**one) for one in json.loads(seen.body))
            return Reply(document=[asdict(one) for one in self.moves])
        return Reply(document={"status": self.report(**seen.json)})


def _written(value: Any) -> str:
    return ",".join(f"{key}={one}" for key, one in value.items()) if isinstance(value, Mapping) else str(value)


def _handler_of(fake: Fake) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            reply, move = fake.answer(Seen(self.command, self.path, dict(self.headers.items()), body))
            time.sleep(move.seconds)
            if move.hang_up:
                self.close_connection = True
                return
            content = b"" if reply.document is None else json.dumps(reply.document).encode()
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            with suppress(ConnectionError):  # who asked may have gone
                self.end_headers()
                self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name in the standard library
            pass

    return Handler


def serve(kind: type[Fake]) -> None:
    """Run a fake as a process of its own until a signal comes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--callback", default="", help="where it reports")
    parser.add_argument("--secret", default="", help="what it signs with")
    arguments = parser.parse_args()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with kind(port=arguments.port, callback=arguments.callback, secret=arguments.secret) as fake:
        sys.stdout.write("".join(f"{name}={value}\n" for name, value in fake.environment().items()))
        sys.stdout.flush()
        stop.wait()
