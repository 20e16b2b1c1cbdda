"""Clients of the stream application within the process: no socket, the same calls as a server makes."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from kit.errors import InvalidToken, NotAuthenticated
from kit.middleware import RequestContext, SecurityHeaders
from kit.origin import Origin
from notifications.streams.app import StreamApp
from notifications.streams.conf import PATH
from notifications.streams.door import Listener
from notifications.streams.hub import Hub

SECONDS = 10.0


@dataclass
class FakeDoor:
    """Lets everybody in by her id, until `gone` names her; `seen` is whom it was asked about again."""

    gone: set[UUID] = field(default_factory=set)
    seen: list[int] = field(default_factory=list)
    lasts: timedelta = timedelta(minutes=30)

    def admit(self, *, authorization: str, origin: Origin, now: datetime) -> Listener:
        if not authorization:
            raise NotAuthenticated
        scheme, _, person = authorization.partition(" ")
        if scheme != "Bearer":
            raise InvalidToken
        return Listener(person=UUID(person), ends_at=now + self.lasts, proof=None)

    def find_gone(self, listeners: Collection[Listener], now: datetime) -> Collection[Listener]:
        self.seen.append(len(listeners))
        return [one for one in listeners if one.person in self.gone]


class Client:
    """One request, and what came back."""

    def __init__(self, app: StreamApp, *, method: str = "GET", path: str = PATH, **headers: str) -> None:
        names = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        self._scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": b"",
            "client": ("127.0.0.1", 1),
            "headers": [(b"host", b"testserver"), *names],
        }
        self._app = app
        self._left = asyncio.Event()
        self._news = asyncio.Event()
        self.takes = asyncio.Event()
        self.takes.set()
        self.head: dict[str, Any] = {}
        self.body = b""
        self.is_over = False
        self.task = asyncio.create_task(app(self._scope, self._receive, self._send))

    @property
    def status(self) -> int:
        return int(self.head["status"])

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in self.head["headers"]}

    @property
    def problem(self) -> tuple[int, str]:
        return self.status, json.loads(self.body)["code"]

    def events(self, kind: str = "") -> list[tuple[int | None, Any]]:
        """Return what has come, each with its id: of one kind, or of all."""
        found = []
        for block in self.body.decode().split("\n\n"):
            lines = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line and line[0] != ":")
            if "event" in lines and kind in ("", lines["event"]):
                found.append((int(lines["id"]) if "id" in lines else None, json.loads(lines["data"])))
        return found

    async def until(self, probe: Callable[[], Any]) -> Any:
        """Wait until something has come that satisfies a probe, and return what that returns."""

        async def wait() -> Any:
            while not (found := probe()):
                self._news.clear()
                await self._news.wait()
            return found

        return await asyncio.wait_for(wait(), SECONDS)

    async def answered(self) -> "Client":
        """Wait for the whole of an answer that is no stream."""
        await self.until(lambda: self.is_over)
        return self

    async def leave(self) -> None:
        """Hang up."""
        self._left.set()
        await asyncio.wait_for(self.task, SECONDS)

    async def _receive(self) -> dict[str, Any]:
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        await self.takes.wait()
        if message["type"] == "http.response.start":
            self.head = message
        else:
            self.body += message["body"]
            self.is_over = not message.get("more_body", False)
        self._news.set()


@dataclass
class House:
    """The application and its hub, looking for everybody."""

    hub: Hub
    app: StreamApp
    door: FakeDoor
    clients: list[Client] = field(default_factory=list)

    def call(self, person: UUID | None = None, **options: str) -> Client:
        """Ask for a stream, or whatever the options say."""
        headers = {"authorization": f"Bearer {person}"} if person else {}
        client = Client(self.app, **{**headers, **options})
        self.clients.append(client)
        return client

    async def listen(self, person: UUID, **options: str) -> Client:
        """Ask for a stream and wait until it has begun."""
        client = self.call(person, **options)
        await client.until(lambda: client.events("state"))
        return client


@asynccontextmanager
async def serving(door: FakeDoor | None = None) -> AsyncIterator[House]:
    """Serve streams for the length of a block."""
    guard = door or FakeDoor()
    hub = Hub(guard)
    house = House(hub, StreamApp(hub=hub, door=guard, middleware=[RequestContext, SecurityHeaders]), guard)
    looking = asyncio.create_task(hub.run())
    try:
        yield house
    finally:
        for client in house.clients:
            await client.leave()
        looking.cancel()
        hub.forget_threads()


def run(scene: Callable[[House], Awaitable[None]], door: FakeDoor | None = None) -> None:
    """Play a scene on a loop of its own."""

    async def play() -> None:
        async with serving(door) as house:
            await scene(house)

    asyncio.run(play())
