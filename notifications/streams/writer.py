"""One client's stream: all that it does not know yet, then whatever comes, each number once and in order."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from notifications.streams import events, reading
from notifications.streams.hub import End, Hub, Offer, Stream
from notifications.streams.reading import Frame, Stand

HEARTBEAT_EVERY = 15.0  # seconds: what stands between closes a line that is silent for a minute
MOST_SECONDS = 20.0  # for one write; a client that takes no more is let go

Send = Callable[[dict[str, Any]], Awaitable[None]]


class Writer:
    """Writes a stream from the number that its client knows, or from now on where it knows none."""

    def __init__(self, hub: Hub, stream: Stream, send: Send, *, known: int | None) -> None:
        self._hub = hub
        self._stream = stream
        self._send = send
        self._known = known
        self._position = 0  # every change up to it was written
        self._stand_told = -1

    async def run(self) -> None:
        """Write until the stream ends. Whoever cancels this wants nothing more to be written."""
        try:
            await self._write(events.RETRY)
            await self._begin()
            while self._stream.end is None:
                await self._step()
            await self._write(events.end(self._stream.end), last=True)
        except TimeoutError:
            self._stream.stop(End.SLOW)

    async def _begin(self) -> None:
        """Tell what the client does not know. What it says it knows of the future it does not know."""
        stand = await self._hub.on_thread(self._stand)
        self._position = stand.seq if self._known is None else min(self._known, stand.seq)
        await self._catch_up()

    async def _step(self) -> None:
        try:
            await asyncio.wait_for(self._stream.woken.wait(), HEARTBEAT_EVERY)
        except TimeoutError:
            await self._write(events.HEARTBEAT)
            return
        self._stream.woken.clear()
        offer, self._stream.offer = self._stream.offer, None
        if offer is not None and offer.stand.seq > self._stand_told:
            await self._take(offer)

    async def _take(self, offer: Offer) -> None:
        """Write what is offered, or read it where the offer begins behind what the client was told."""
        if offer.frames is None or self._position < offer.base:
            await self._catch_up()
            return
        frames = [frame for frame in offer.frames if frame.seq > self._position]
        await self._tell(frames, offer.stand)

    async def _catch_up(self) -> None:
        """Write everything behind the position, a page at a time, and how the inbox stands then."""
        while True:
            stand, frames = await self._hub.on_thread(lambda: (self._stand(), self._page()))
            if len(frames) < reading.PAGE:
                await self._tell(frames, stand)
                return
            self._position = frames[-1].seq
            await self._write(b"".join(frame.text for frame in frames))

    async def _tell(self, frames: Sequence[Frame], stand: Stand) -> None:
        """Write the last changes and how the inbox stood just before they were read.

        What was written in between is among them, and not yet in that: the next look corrects it.
        """
        self._position = max([self._position, stand.seq, *(frame.seq for frame in frames)])
        self._stand_told = stand.seq
        state = events.state(seq=self._position, unread=stand.unread)
        await self._write(b"".join([*(frame.text for frame in frames), state]))

    def _stand(self) -> Stand:
        person = self._stream.listener.person
        return reading.stands_of([person]).get(person, Stand())

    def _page(self) -> list[Frame]:
        return reading.page_behind(self._stream.listener.person, self._position)

    async def _write(self, text: bytes, *, last: bool = False) -> None:
        """Send some of the stream. Raises TimeoutError when the client has taken nothing for too long."""
        message = {"type": "http.response.body", "body": text, "more_body": not last}
        await asyncio.wait_for(self._send(message), MOST_SECONDS)
