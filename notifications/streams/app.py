"""The way in over HTTP: an ASGI application of one path, with the answers, headers and limits of every other call.

What is not the stream itself is Django's: the request, the middlewares that the house names, the problem documents.
They run on a thread, as they do in the API.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from io import BytesIO
from types import SimpleNamespace
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.core.handlers.asgi import ASGIRequest
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse

from kit import problems
from kit.clock import utcnow
from kit.errors import Invalid, Refusal
from kit.requests import origin_of
from notifications.metrics import STREAMS
from notifications.streams import events
from notifications.streams.conf import PATH
from notifications.streams.door import Door
from notifications.streams.hub import Hub, Stream
from notifications.streams.writer import Send, Writer

LIVE, READY = "/health/live", "/health/ready"
PATHS = frozenset({PATH, LIVE, READY})
BUSY_SECONDS = 2
_NUMBER = re.compile(r"[0-9]{1,18}\Z", re.ASCII)

Receive = Callable[[], Awaitable[Any]]
Handler = Callable[[HttpRequest], HttpResponseBase]
Middleware = Callable[[Handler], Handler]


class StreamApp:
    """Serves the streams of a hub."""

    def __init__(self, *, hub: Hub, door: Door, middleware: Sequence[Middleware] = ()) -> None:
        self._hub = hub
        self._door = door
        handler: Handler = self._answer
        for outer in reversed(middleware):
            handler = outer(handler)
        self._handler = handler

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request (ASGI 3.0, HTTP)."""
        if scope["type"] != "http":
            return
        # Without its body, which no call here takes.
        request = ASGIRequest(scope, BytesIO())
        path = request.path_info.rstrip("/")
        if path in PATHS:  # what it is counted under
            request.resolver_match = SimpleNamespace(route=path[1:])  # type: ignore[assignment]
        stream: Stream | None = None
        try:
            head = await self._hub.on_thread(lambda: self._handler(request))
            stream = getattr(request, "stream", None)
            await _begin(send, head)
            if stream is not None and head.streaming:
                await self._serve(stream, request, receive, send)
            else:
                await send({"type": "http.response.body", "body": getattr(head, "content", b"")})
        finally:
            stream = stream or getattr(request, "stream", None)
            if stream is not None:
                self._hub.leave(stream)

    async def _serve(self, stream: Stream, request: ASGIRequest, receive: Receive, send: Send) -> None:
        """Write the stream until it ends or its client has gone."""
        writer = Writer(self._hub, stream, send, known=vars(request)["last_event_id"])
        tasks = {asyncio.ensure_future(writer.run()), asyncio.ensure_future(_gone(receive))}
        try:
            with STREAMS.raised():
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        """Return the head of a stream that has begun, or an answer that is whole."""
        try:
            return self._routed(request)
        except Refusal as refusal:
            return problems.refusal_problem(request, refusal)
        except SuspiciousOperation:
            return problems.problem(request, "parse_error")
        except DatabaseError:
            return problems.problem(request, "unavailable", retry_after=BUSY_SECONDS)

    def _routed(self, request: HttpRequest) -> HttpResponseBase:
        request.get_host()  # raises DisallowedHost
        path = request.path_info.rstrip("/")
        if path not in PATHS:
            return problems.problem(request, "not_found")
        if request.method != "GET":
            answer = problems.problem(request, "method_not_allowed")
            answer["Allow"] = "GET"
            return answer
        if path != PATH:
            return _health(well=path == LIVE or self._hub.is_well)
        return self._admitted(request)

    def _admitted(self, request: HttpRequest) -> HttpResponseBase:
        self._hub.require_room()
        known = _last_event_id(request)
        authorization = request.META.get("HTTP_AUTHORIZATION", "")
        listener = self._door.admit(authorization=authorization, origin=origin_of(request), now=utcnow())
        vars(request).update(stream=self._hub.join(listener), last_event_id=known)
        head = StreamingHttpResponse((), content_type=events.CONTENT_TYPE)
        head["X-Accel-Buffering"] = "no"  # nginx keeps an answer back otherwise until there is more of it
        return head


async def _begin(send: Send, head: HttpResponseBase) -> None:
    headers = [(name.encode("latin-1").lower(), value.encode("latin-1")) for name, value in head.items()]
    await send({"type": "http.response.start", "status": head.status_code, "headers": headers})


async def _gone(receive: Receive) -> None:
    """Return when the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _health(*, well: bool) -> HttpResponse:
    return JsonResponse({"status": "ok" if well else "down"}, status=200 if well else 503)


def _last_event_id(request: HttpRequest) -> int | None:
    """Return up to which number the client knows everything, None where it does not say. Raises `Invalid`."""
    given = request.headers.get("Last-Event-ID", "")
    if not given:
        return None
    if not _NUMBER.match(given):
        raise Invalid("Last-Event-ID", "Send the id of the last event that you have, as it came.")
    return int(given)
