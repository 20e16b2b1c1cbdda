"""A client of the live inbox over a real line, which it may cut: what came, in the order in which it came."""

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Self

from config.testing.processes import Gatehouse

PATH = "/api/v1/inbox/stream"
SECONDS = 20.0


class Listener:
    """One open stream, read by a thread of its own. `status` is 200, or how the service refused it (`problem`)."""

    def __init__(self, house: Gatehouse, access: str = "", *, known: int | None = None, **headers: str) -> None:
        given = {"Authorization": f"Bearer {access}"} if access else {}
        given |= {} if known is None else {"Last-Event-ID": str(known)}
        self._line = http.client.HTTPConnection("127.0.0.1", int(house.settings["STREAM_PORT"]), timeout=60)
        self._line.request("GET", PATH, headers=given | headers)
        self._socket = self._line.sock  # which the library forgets once it has an answer that ends with the line
        self.answer = self._line.getresponse()
        self.status = self.answer.status
        self.problem = {} if self.status == http.client.OK else json.loads(self.answer.read())
        self.events: list[tuple[str, int | None, Any]] = []
        self.is_over = self.status != http.client.OK
        self.over_after = 0.0
        self._begun = time.monotonic()
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._read, daemon=True)
        if not self.is_over:
            self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.cut()

    def told(self, kind: str) -> list[Any]:
        """Return the data of the events of a kind."""
        return [data for name, _, data in list(self.events) if name == kind]

    @property
    def titles(self) -> list[str]:
        """Return the titles of the items that were told."""
        return [item["title"] for item in self.told("item")]

    @property
    def last(self) -> int:
        """Return the last id that came: up to which everything is known."""
        return next((seq for _, seq, _ in reversed(list(self.events)) if seq is not None), 0)

    def wait(self, probe: Callable[[], Any], seconds: float = SECONDS) -> Any:
        """Return the first true answer of a probe; fails when there is none in time."""
        with self._news:
            found = self._news.wait_for(probe, seconds)
        assert found, f"not within {seconds:.0f} s: {self.events[-3:]}"
        return found

    def wait_for_title(self, title: str) -> None:
        """Wait for an item of this title."""
        self.wait(lambda: title in self.titles)

    def begun(self) -> Self:
        """Wait for the first event."""
        assert self.status == http.client.OK, (self.status, self.problem)
        self.wait(lambda: self.events)
        return self

    def cut(self) -> None:
        """Cut the line as a lost network does: at once, without a word."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        if self._thread.ident is not None:
            self._thread.join(5)
        self._line.close()

    def _read(self) -> None:
        fields: dict[str, str] = {}
        with suppress(OSError, ValueError, http.client.HTTPException):
            while line := self.answer.readline():
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name:
                    fields[name] = value
                elif "event" in fields:
                    self._take(fields)
                    fields = {}
                else:
                    fields = {}
        with self._news:
            self.is_over, self.over_after = True, time.monotonic() - self._begun
            self._news.notify_all()

    def _take(self, fields: dict[str, str]) -> None:
        seq = int(fields["id"]) if "id" in fields else None
        with self._news:
            self.events.append((fields["event"], seq, json.loads(fields["data"])))
            self._news.notify_all()
