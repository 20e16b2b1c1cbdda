"""Everybody who listens to this process, and the one look for all of them, once a second.

A stream is only offered what is new. One whose client is slow takes it later, from the database, from where it stopped:
nothing piles up in memory for it, and nothing is lost to it.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

import structlog

from kit.clock import utcnow
from kit.errors import Throttled, Unavailable
from notifications.metrics import STREAMS_ENDED
from notifications.streams import conf, reading
from notifications.streams.door import Door, Listener
from notifications.streams.reading import Frame, Stand

POLL_EVERY = 1.0  # seconds
VERIFY_EVERY = 3.0  # seconds: with a poll on top an ended session's stream lasts no longer than five
STALE_AFTER = 15.0  # seconds without a look, after which this process is of no use
THREADS = 4  # on which those who come are let in, each with a connection
RETRY_WHEN_FULL, RETRY_OF_PERSON = 5, 30  # seconds

log = structlog.get_logger(__name__)

Result = TypeVar("Result")


class End(StrEnum):
    """Why a stream ends, as its client is told."""

    TOKEN_EXPIRED = "token_expired"  # noqa: S105 - a word, not a secret
    SESSION_ENDED = "session_ended"
    SLOW = "slow"
    RESTART = "restart"
    GONE = "gone"  # the client went; nobody is told


@dataclass(frozen=True, slots=True)
class Offer:
    """What has changed between two numbers of an inbox. Without frames it was too much to read for all."""

    base: int
    stand: Stand
    frames: list[Frame] | None


class Stream:
    """One client that listens. Touched on the loop alone, once it is there."""

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self.offer: Offer | None = None
        self.end: End | None = None
        self.woken = asyncio.Event()

    def wake(self, offer: Offer) -> None:
        """Offer something to the client. What it has not taken yet is forgotten: it will look for itself."""
        self.offer = offer
        self.woken.set()

    def stop(self, reason: End) -> None:
        """End the stream, unless it ends already."""
        if self.end is None:
            self.end = reason
            self.woken.set()


class Hub:
    """The streams of this process."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._lock = threading.Lock()
        self._streams: set[Stream] = set()
        self._known: dict[UUID, int | None] = {}
        self._closing = False
        self._emptied = asyncio.Event()
        self._looked = time.monotonic()
        # One thread for the looks, so that those who come never keep it from those who are there.
        self._looker = ThreadPoolExecutor(1, thread_name_prefix="looking")
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="streams")

    def __len__(self) -> int:
        return len(self._streams)

    @property
    def is_well(self) -> bool:
        """Whether this process takes people in and has looked for them lately."""
        return not self._closing and time.monotonic() - self._looked < STALE_AFTER

    def require_room(self) -> None:
        """Raise `Unavailable` where no further stream is taken, before anything is read for it."""
        if self._closing or len(self._streams) >= conf.streams():
            raise Unavailable(RETRY_WHEN_FULL, "No further stream is served here now. Try again in a moment.")

    def join(self, listener: Listener) -> Stream:
        """Take a client in. Raises `Unavailable` or, for one person's streams beyond her share, `Throttled`."""
        with self._lock:
            self.require_room()
            own = sum(stream.listener.person == listener.person for stream in self._streams)
            if own >= conf.streams_of_person():
                raise Throttled(RETRY_OF_PERSON, "Too many streams of this inbox are open. Close one.")
            stream = Stream(listener)
            self._streams.add(stream)
            self._known.setdefault(listener.person, None)
        return stream

    def leave(self, stream: Stream) -> None:
        """Let a client go."""
        with self._lock:
            self._streams.discard(stream)
            person = stream.listener.person
            if all(other.listener.person != person for other in self._streams):
                self._known.pop(person, None)
        if self._closing and not self._streams:
            self._emptied.set()
        STREAMS_ENDED.count(reason=str(stream.end or End.GONE))

    async def on_thread(self, call: Callable[[], Result]) -> Result:
        """Return what a call returns that uses the database."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: reading.with_connection(call))

    async def run(self) -> None:
        """Look for everybody, again and again, until the task is cancelled."""
        verified = time.monotonic()
        while True:
            started = time.monotonic()
            try:
                await self._look()
                if started - verified >= VERIFY_EVERY:
                    verified = started
                    await self._verify(utcnow())
                self._looked = time.monotonic()
            except Exception as error:  # noqa: BLE001 - a database that is away comes back
                log.warning("streams_not_looked_for", error=type(error).__name__)
            await asyncio.sleep(max(0.05, POLL_EVERY - (time.monotonic() - started)))

    async def close(self, seconds: float) -> None:
        """Tell everybody to come again elsewhere, and wait until they are told."""
        self._closing = True
        for stream in self._all():
            stream.stop(End.RESTART)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._emptied.wait(), seconds if self._streams else 0)

    def forget_threads(self) -> None:
        """Let the threads end, with their connections: nobody is served any more."""
        for pool in (self._looker, self._threads):
            pool.shutdown(wait=False, cancel_futures=True)

    async def _look(self) -> None:
        """Offer each stream what is new, by one statement for all, and few more for those with whom something is."""
        streams, known = self._all(), dict(self._known)
        if not known:
            return
        offers = await self._looking(lambda: _offers(known))
        for person, offer in offers.items():
            if person in self._known:
                self._known[person] = offer.stand.seq
        for stream in streams:
            if stream.listener.person in offers:
                stream.wake(offers[stream.listener.person])

    async def _verify(self, now: datetime) -> None:
        """End the streams of those whose session or account has ended, and of tokens that are over."""
        streams = self._all()
        going_on = []
        for stream in streams:
            if stream.listener.ends_at <= now:
                stream.stop(End.TOKEN_EXPIRED)
            else:
                going_on.append(stream.listener)
        if not going_on:
            return
        gone = await self._looking(lambda: set(self._door.find_gone(going_on, now)))
        for stream in streams:
            if stream.listener in gone:
                stream.stop(End.SESSION_ENDED)

    async def _looking(self, call: Callable[[], Result]) -> Result:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._looker, lambda: reading.with_connection(call))

    def _all(self) -> Collection[Stream]:
        with self._lock:
            return list(self._streams)


def _offers(known: dict[UUID, int | None]) -> dict[UUID, Offer]:
    """Return what is new to those of whom a number is known; of others only how their inboxes stand."""
    stands = reading.stands_of(known)
    moved = {person: seq for person, seq in known.items() if seq is None or stands.get(person, Stand()).seq > seq}
    frames = reading.frames_behind({person: seq for person, seq in moved.items() if seq is not None})
    offers = {}
    for person, seq in moved.items():
        stand = stands.get(person, Stand())
        offers[person] = Offer(stand.seq if seq is None else seq, stand, frames.get(person, []))
    return offers
