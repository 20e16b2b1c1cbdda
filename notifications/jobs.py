"""Claimed messages on their way through one dispatcher, and the queues in which they wait for a thread."""

from collections import Counter, defaultdict, deque
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kit.ids import uuid7
from kit.outbox import Settlement
from notifications.chains import Step
from notifications.lanes import Lane
from notifications.models import Attempt, Message
from notifications.providers.base import Provider

SUSPECT_CLAIMS = 3  # claims without an outcome, after which a message is sent alone, so that it takes no others along

# What is decided on a message in memory, and stored with its next attempt or its outcome.
_NOTED = ("tries", "in_doubt", "awaiting", "passed_over")


@dataclass(slots=True, eq=False)
class Job:
    """A claimed message on its way: since when we hold it, whose turn it is, and who has failed it in this claim.

    `leased` is when its lease last began. Moments are those of the monotonic clock.
    """

    message: Message
    claimed: float
    doubted: datetime | None
    attempt: Attempt = field(default_factory=Attempt)
    step: Step = field(default_factory=Step)
    tried: set[str] = field(default_factory=set)
    stored: dict[str, Any] = field(init=False)
    leased: float = field(init=False)

    def __post_init__(self) -> None:
        self.stored = self._noted()
        self.leased = self.claimed

    @property
    def is_urgent(self) -> bool:
        """Tell whether it may have every thread."""
        return self.message.lane == Lane.URGENT

    @property
    def is_suspect(self) -> bool:
        """Tell whether it may kill its worker."""
        return self.message.claims > SUSPECT_CLAIMS

    @property
    def provider(self) -> Provider:
        """The provider whose turn it is. Only for a job that has begun."""
        if self.step.provider is None:
            raise ValueError("nobody's turn: the job has not begun")
        return self.step.provider

    def begin(self, step: Step, now: datetime) -> None:
        """Take a turn: an attempt of its own."""
        self.step = step
        self.attempt = Attempt(
            id=uuid7(),
            message=self.message,
            claim=self.message.fence,
            provider=self.provider.name,
            recipients=self.message.remaining if len(self.message.to) > 1 else None,
            started_at=now,
        )

    def settlement(self, changes: dict[str, Any]) -> Settlement:
        """Return what to write: the outcome, and what was noted on the message on the way."""
        return Settlement(self.message, self._news() | changes)

    def notes(self) -> Settlement:
        """Return what was noted on the message and is not stored yet: nothing, unless something went wrong."""
        return Settlement(self.message, self._news())

    def keep_notes(self) -> None:
        """Take what `notes` returned for stored."""
        self.stored = self._noted()

    def _news(self) -> dict[str, Any]:
        return {name: value for name, value in self._noted().items() if value != self.stored[name]}

    def _noted(self) -> dict[str, Any]:
        values = {name: getattr(self.message, name) for name in _NOTED}
        # A tuple, because equal changes are grouped by hash.
        return values | {"passed_over": tuple(self.message.passed_over)}


class Waiting:
    """The queues of one dispatcher. What is urgent goes first and may have every thread, the rest all but a quarter.

    Of the rest the channel goes next that has the fewest threads: a slow provider keeps no other channel waiting. What
    may kill its worker goes alone, or beside what is urgent, which waits for nothing.
    """

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._most_others = threads - max(1, threads // 4)
        self._urgent: deque[Job] = deque()
        self._suspects: deque[Job] = deque()
        self._others: dict[str, deque[Job]] = defaultdict(deque)

    def __bool__(self) -> bool:
        return bool(self._urgent or self._suspects or any(self._others.values()))

    @property
    def is_low(self) -> bool:
        """Tell whether what is not urgent would not fill the threads."""
        return sum(map(len, self._others.values())) < self._threads

    def add(self, job: Job) -> None:
        """Put a job behind the others of its kind."""
        self._queue_of(job).append(job)

    def put_back(self, job: Job) -> None:
        """Put a job before all others of its kind."""
        self._queue_of(job).appendleft(job)

    def next_queue(self, busy: Collection[Job]) -> deque[Job] | None:
        """Return the queue whose turn it is beside the jobs that have a thread; None when none is free for it."""
        if len(busy) >= self._threads:
            return None
        if self._urgent:
            return self._urgent
        others = [job for job in busy if job.is_suspect or not job.is_urgent]
        if self._suspects:
            return None if others else self._suspects
        return self._next_channel(others)

    def _next_channel(self, busy: Collection[Job]) -> deque[Job] | None:
        if len(busy) >= self._most_others or any(job.is_suspect for job in busy):
            return None
        held = Counter(job.message.channel for job in busy)
        waiting = [channel for channel, queue in self._others.items() if queue]
        return self._others[min(waiting, key=held.__getitem__)] if waiting else None

    def _queue_of(self, job: Job) -> deque[Job]:
        if job.is_suspect:
            return self._suspects
        return self._urgent if job.is_urgent else self._others[job.message.channel]
