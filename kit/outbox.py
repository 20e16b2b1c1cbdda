"""An outbox in the database: rows that are work to be done, claimed by one worker at a time and settled once.

The table is the queue and the truth; a broker only wakes somebody up. A claim is a lease (counted in the
database's own time, so that no two workers' clocks are compared) and a fencing number (so that a worker
that slept through its lease can settle nothing any more). A row whose `due_at` is empty is done with.
"""

import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any, Self, TypeVar

import structlog
from django.db import InterfaceError, OperationalError, connection, models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

log = structlog.get_logger(__name__)

Row = TypeVar("Row", bound="OutboxRow")
Result = TypeVar("Result")


class OutboxQuerySet(models.QuerySet[Row]):
    """The queue's own verbs. Every write is conditional; the number of rows it changed is the verdict."""

    def due(self, now: datetime) -> Self:
        """Return the rows whose moment has come and that no live lease holds, oldest first within each lane."""
        free = Q(lease_until=None) | Q(lease_until__lt=Now())
        return self.filter(free, due_at__lte=now).order_by("lane", "due_at")

    def claim(self, *, now: datetime, lease: timedelta, limit: int, **changes: Any) -> list[Row]:
        """Lease up to `limit` due rows to the caller and return them, the most pressing lane first.

        Each returned row carries its new `fence` and `claims`; its `lease_until` is still the old one, so a
        row that comes with a lease was left behind by a worker that died. `changes` are written along.
        """
        with transaction.atomic(using=self.db):
            # On SQLite the transaction itself (BEGIN IMMEDIATE) is the lock, and select_for_update does nothing.
            rows = list(self.due(now).select_for_update(skip_locked=True)[:limit])
            if rows:
                self.model._default_manager.filter(pk__in=[row.pk for row in rows]).update(
                    lease_until=Now() + lease, fence=F("fence") + 1, claims=F("claims") + 1, **changes
                )
        for row in rows:
            row.fence += 1
            row.claims += 1
        return rows

    def settle(self, settlements: "Iterable[Settlement]") -> int:
        """Write outcomes, each only where its fence still holds; return how many rows took theirs.

        Equal outcomes go in one statement. The lease ends; `claims` starts again from zero, because an
        outcome, even a failure, shows that the row does not kill its worker.
        """
        return self._write(settlements, lease_until=None, claims=0)

    def note(self, settlements: "Iterable[Settlement]") -> int:
        """Write what is known so far of rows that stay claimed, each only where its fence still holds."""
        return self._write(one for one in settlements if one.changes)

    def held(self, rows: "Iterable[OutboxRow]") -> Self:
        """Return those of claimed rows that nobody else has claimed, or ended, since."""
        keys: dict[int, list[Any]] = defaultdict(list)
        for row in rows:
            keys[row.fence].append(row.pk)
        ours = (Q(pk__in=of_fence, fence=fence) for fence, of_fence in keys.items())
        return self.filter(reduce(or_, ours, Q(pk__in=())), lease_until__isnull=False)

    def renew(self, rows: "Iterable[OutboxRow]", *, lease: timedelta) -> int:
        """Begin the leases of claimed rows anew, also of one that has run out and that nobody wanted."""
        return self.held(rows).update(lease_until=Now() + lease)

    def _write(self, settlements: "Iterable[Settlement]", **always: Any) -> int:
        groups: dict[tuple[int, tuple[tuple[str, Any], ...]], list[Any]] = defaultdict(list)
        for settlement in settlements:
            groups[settlement.row.fence, tuple(settlement.changes.items())].append(settlement.row.pk)
        taken = 0
        for (fence, changes), keys in groups.items():
            held = self.model._default_manager.filter(pk__in=keys, fence=fence)
            taken += held.update(**(always | dict(changes)))
        return taken

    def abandon_leases(self) -> int:
        """Declare every lease expired. Only for a process that knows it is the only one (embedded, at its start)."""
        return self.exclude(lease_until=None).update(lease_until=Now() - timedelta(days=1))


class OutboxRow(models.Model):
    """The columns of the queue. A concrete model adds an index on (lane, due_at) where due_at is not empty."""

    lane = models.PositiveSmallIntegerField(help_text="The lower, the more pressing.")
    due_at = models.DateTimeField(null=True, help_text="When to take it up next; empty once there is nothing to do.")
    lease_until = models.DateTimeField(null=True, editable=False)
    fence = models.PositiveIntegerField(default=0, editable=False, help_text="How often it has ever been claimed.")
    claims = models.PositiveSmallIntegerField(default=0, editable=False, help_text="Claims since the last outcome.")

    class Meta:
        abstract = True


@dataclass(frozen=True, slots=True)
class Settlement:
    """What to write on a claimed row. An outcome that ends the work sets `due_at` to None."""

    row: OutboxRow
    changes: dict[str, Any]


def backoff(tries: int, *, base: timedelta, cap: timedelta) -> timedelta:
    """Return how long to wait after `tries` failures: exponential with full jitter: many do not return as one."""
    ceiling = min(cap.total_seconds(), base.total_seconds() * 2 ** min(max(tries - 1, 0), 30))
    return timedelta(seconds=ceiling * random.random())  # nosec B311  # noqa: S311 - spreads load; nothing is guessed from it


def persistently(write: Callable[[], Result], *, pauses: Sequence[float] = (0.2, 0.5, 1, 2, 4)) -> Result:
    """Return what `write` returns, trying again while the database is away for a moment.

    Losing an outcome means doing the work twice, so it is worth some seconds. `write` must bear being repeated after a
    commit whose answer was lost. Inside somebody else's transaction there is one try only.
    """
    for pause in pauses:
        try:
            return write()
        except (OperationalError, InterfaceError) as error:
            if connection.in_atomic_block:
                raise
            log.warning("outbox_write_failed", error=type(error).__name__)
            connection.close()
            time.sleep(pause)
    return write()


class DatabaseTime:
    """How far the database's clock is ahead of ours: what machines compare with each other goes by that one clock.

    Less than a second counts as nothing: clocks that are kept right differ by as little. SQLite is of one machine.
    """

    def __init__(self) -> None:
        self.ahead = timedelta()

    def look(self, clock: Callable[[], datetime]) -> None:
        """Compare it with a clock. One statement, on PostgreSQL alone."""
        if connection.vendor != "postgresql":
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            [moment] = cursor.fetchone()
        ahead = moment - clock()
        self.ahead = ahead if abs(ahead) >= timedelta(seconds=1) else timedelta()


@dataclass(slots=True)
class Bell:
    """Wakes a worker after the commit. Ringing may fail: the sweeper finds what was missed.

    After a failure the bell is silent for `pause` seconds, so that a dead broker costs one caller a
    moment and the next ones nothing.
    """

    ring_once: Callable[[], object]
    pause: float = 5.0
    _silent_until: float = field(default=0.0, init=False)

    def ring(self) -> None:
        """Ring now. Never raises."""
        if time.monotonic() < self._silent_until:
            return
        try:
            self.ring_once()
        except Exception as error:  # noqa: BLE001 - a bell is a courtesy; the sweep finds what it missed
            self._silent_until = time.monotonic() + self.pause
            log.warning("bell_failed", error=type(error).__name__)

    def ring_after_commit(self) -> None:
        """Ring once the caller's transaction is committed; not at all if it is rolled back."""
        transaction.on_commit(self.ring, robust=True)


class SingleFlight:
    """Runs a piece of work at most once at a time in this process; a call during a run makes it run once more."""

    def __init__(self) -> None:
        self._running = threading.Lock()
        self._wanted = threading.Event()
        self._turn = threading.Lock()
        self._next_call: Future[None] = Future()

    @property
    def next_call(self) -> Future[None]:
        """What is done once somebody calls from now on: for a run that waits for something else as well."""
        return self._next_call

    def run(self, work: Callable[[], int]) -> int | None:
        """Run `work`, again while somebody asked meanwhile, and return the sum; None when another thread does it."""
        done: int | None = None
        self._wanted.set()
        with self._turn:
            called, self._next_call = self._next_call, Future()
        called.set_result(None)
        while self._wanted.is_set() and self._running.acquire(blocking=False):
            try:
                self._wanted.clear()
                done = (done or 0) + work()
            finally:
                self._running.release()
        return done
