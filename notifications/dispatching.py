"""Getting messages out: claim a batch, write the attempts, send on threads outside any transaction, settle.

One thread talks to the database, the others to providers. What is urgent is claimed first and looked for again while a
batch is under way, and a quarter of the threads is never given to anything else.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction

from kit.ids import uuid7
from kit.outbox import OutboxQuerySet, Settlement, SingleFlight, persistently
from notifications import chains, composing, conf, delivery, ledger, metrics, outcomes, receipts, usage
from notifications.breakers import Board
from notifications.chains import Step
from notifications.delivery import Result
from notifications.lanes import Lane
from notifications.models import Attempt, Message
from notifications.providers.base import Provider

log = structlog.get_logger(__name__)

CLAIM_INTERVAL = 0.1  # seconds: how soon an urgent message is noticed while others are being sent
SUSPECT_CLAIMS = 3  # claims without an outcome, after which a message is sent alone, so that it takes no others along

Clock = Callable[[], datetime]

_flight = SingleFlight()


def drain(clock: Clock) -> int | None:
    """Send what is due until nothing is, or until the run has lasted long enough; return how many were settled.

    One run at a time in a process: a call during a run makes that run look again, and returns None at once.
    """
    return _flight.run(lambda: _Run(clock).drain())


def is_due(now: datetime) -> bool:
    """Tell whether anything waits that can be sent, and is held by nobody. One statement where nothing does."""
    due = Message.objects.due(now)
    if not due.exists():
        return False
    board = Board()
    board.look()
    return due.exclude(channel__in=chains.survey(board, now).blocked).exists()


def recover() -> int:
    """Take back what a killed process had claimed, without waiting for its leases to end; return how many.

    Only for the start of a process that is the only one: the embedded set-up.
    """
    return Message.objects.abandon_leases()


@cache
def _pool() -> ThreadPoolExecutor:
    """Return this process's sending threads. They outlive a run, because each keeps a connection open."""
    return ThreadPoolExecutor(conf.threads(), thread_name_prefix="sending")


# What is decided on a message in memory, and stored with its outcome.
_NOTED = ("tries", "in_doubt", "awaiting", "passed_over")


@dataclass(slots=True, eq=False)
class _Job:
    """A claimed message on its way: since when we hold it, whose turn it is, and who has failed it in this claim."""

    message: Message
    claimed: float
    doubted: datetime | None
    attempt: Attempt = field(default_factory=Attempt)
    step: Step = field(default_factory=Step)
    tried: set[str] = field(default_factory=set)
    stored: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.stored = self._noted()

    @property
    def is_urgent(self) -> bool:
        return self.message.lane == Lane.URGENT

    @property
    def provider(self) -> Provider:
        """The provider whose turn it is. Only for a job that has begun."""
        assert self.step.provider is not None  # noqa: S101 - else it would not have begun  # nosec B101
        return self.step.provider

    def begin(self, step: Step, now: datetime) -> None:
        """Take a turn: an attempt of its own."""
        self.step = step
        self.attempt = Attempt(
            id=uuid7(),
            message=self.message,
            claim=self.message.fence,
            provider=self.provider.name,
            started_at=now,
        )

    def settlement(self, changes: dict[str, Any]) -> Settlement:
        """Return what to write: the outcome, and what was noted on the message on the way."""
        noted = {name: value for name, value in self._noted().items() if value != self.stored[name]}
        return Settlement(self.message, noted | changes)

    def _noted(self) -> dict[str, Any]:
        values = {name: getattr(self.message, name) for name in _NOTED}
        # A tuple, because equal changes are grouped by hash.
        return values | {"passed_over": tuple(self.message.passed_over)}


class _Run:
    """One run of the dispatcher: everything here happens on one thread, all but `delivery.hand_over`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ends = time.monotonic() + conf.run_time()
        self._hold = conf.lease().total_seconds() / 2
        self._threads = conf.threads()
        self._reserve = max(1, self._threads // 4)
        self._next_urgent = 0.0
        self._next_any = 0.0
        self._urgent: deque[_Job] = deque()
        self._others: deque[_Job] = deque()
        self._suspects: deque[_Job] = deque()
        self._flying: dict[Future[Result], _Job] = {}
        self._results: list[tuple[_Job, Result]] = []
        self._board = Board()

    def drain(self) -> int:
        """Run until there is nothing left to do, or no time; return how many messages were settled."""
        settled = 0
        while True:
            self._collect()
            persistently(self._board.look)
            self._claim()
            jobs, unsent = self._take()
            if not (jobs or unsent or self._flying or self._results or self._holds_any()):
                self._tell(at_once=True)
                return settled
            settled += self._write(jobs, unsent)
            for job in jobs:
                self._launch(job)

    def _holds_any(self) -> bool:
        return any((self._urgent, self._others, self._suspects))

    def _collect(self) -> None:
        """Take in the results that are there. Every free thread has work already, so there is time to wait for one."""
        if self._flying and not self._results:
            done, _ = wait(self._flying, timeout=CLAIM_INTERVAL, return_when=FIRST_COMPLETED)
            self._results += [(self._flying.pop(future), future.result()) for future in done]
        elif self._board.purse.is_short and not self._results:
            time.sleep(CLAIM_INTERVAL)  # all that is held waits for a rate

    def _claim(self) -> None:
        """Lease the next batch while there is time for one; only what is urgent while enough of the rest is held.

        A claim that came back short is not repeated at every turn, unless there is nothing else to do. What no provider
        can carry now is left alone; a channel whose provider is to be probed gives one message for it.
        """
        moment, low = time.monotonic(), len(self._others) < self._threads
        idle = not (self._flying or self._results or self._holds_any())
        if moment >= self._ends or (not idle and moment < (self._next_any if low else self._next_urgent)):
            return
        now, batch = self._clock(), conf.batch()
        channels = chains.survey(self._board, now)
        rows = Message.objects.exclude(channel__in=channels.unready)
        claimed = self._lease(rows if low else rows.filter(lane=Lane.URGENT), now, batch)
        if len(claimed) < batch:
            self._next_urgent = moment + CLAIM_INTERVAL
            self._next_any = self._next_urgent if low else self._next_any
        for channel in channels.probing:
            claimed += self._lease(Message.objects.filter(channel=channel), now, 1)
        self._admit(claimed, now, moment)

    def _lease(self, rows: OutboxQuerySet[Message], now: datetime, limit: int) -> list[Message]:
        status = Message.Status.SENDING
        return persistently(lambda: rows.claim(now=now, lease=conf.lease(), limit=limit, status=status))

    def _admit(self, claimed: list[Message], now: datetime, moment: float) -> None:
        """Put claimed messages into their queues, and those that kill their workers out of the way."""
        lost = [message for message in claimed if message.lease_until is not None]
        poisoned = persistently(lambda: ledger.close_lost(lost, now))
        told = persistently(lambda: self._told_of(claimed, now))
        doubted = persistently(lambda: ledger.doubted_since(claimed))
        for message in claimed:
            if message.pk in told:
                continue
            if message.pk in poisoned:
                log.error("message_poisoned", message=str(message.pk))
                ended = Settlement(message, outcomes.failed("poison"))
                persistently(lambda ended=ended: Message.objects.settle([ended]))  # type: ignore[misc]
                continue
            job = _Job(message, moment, doubted.get(message.pk))
            suspect = message.claims > SUSPECT_CLAIMS
            (self._suspects if suspect else self._urgent if job.is_urgent else self._others).append(job)

    def _told_of(self, claimed: list[Message], now: datetime) -> set[UUID]:
        """Return the claimed messages that a receipt has settled, which came before anybody knew whose it was."""
        doubtful = [message.pk for message in claimed if message.in_doubt or message.awaiting]
        return receipts.match(doubtful, (), now, ours=True) if doubtful else set()

    def _take(self) -> tuple[list[_Job], list[Settlement]]:
        """Return the jobs to send now, as many as there are threads for, and what to write on those not sent."""
        jobs: list[_Job] = []
        unsent: list[Settlement] = []
        short: list[tuple[deque[_Job], _Job]] = []
        others = sum(not job.is_urgent for job in self._flying.values())
        now = self._clock()
        self._board.purse.open()
        while queue := self._next_queue(len(self._flying) + len(jobs), others):
            job = queue.popleft()
            if self._has_held_too_long(job):
                unsent.append(job.settlement(chains.waiting(job.message)))
                continue
            step = chains.next_step(job.message, self._board, now, doubted=job.doubted, tried=job.tried)
            if step.provider is None:
                unsent.append(job.settlement(step.changes or {}))
            elif not self._may_call(step.provider.name, job, len(queue) + 1, now):
                short.append((queue, job))
            elif step.probe and not self._may_probe(step.provider.name, now):
                queue.appendleft(job)  # another process was first: somebody else's turn
            else:
                job.begin(step, now)
                jobs.append(job)
                others += not job.is_urgent
        for queue, job in reversed(short):
            queue.appendleft(job)
        return jobs, unsent

    def _may_call(self, name: str, job: _Job, waiting: int, now: datetime) -> bool:
        """Tell whether a provider's rate and quota have room for one more."""
        want, state = min(waiting, self._threads), self._board.state(name)
        return persistently(lambda: self._board.purse.take(state, want, urgent=job.is_urgent, now=now))

    def _may_probe(self, name: str, now: datetime) -> bool:
        """Tell whether the one probe of a provider is ours."""
        return persistently(lambda: self._board.begin_probe(name, now))

    def _has_held_too_long(self, job: _Job) -> bool:
        """Tell whether too little of the lease, or of this run, is left to begin."""
        moment = time.monotonic()
        return moment >= self._ends or moment - job.claimed > self._hold

    def _next_queue(self, busy: int, others: int) -> deque[_Job] | None:
        """Return the queue whose turn it is, or None when no thread is free for what waits."""
        if self._suspects:
            return None if busy else self._suspects
        if self._urgent and busy < self._threads:
            return self._urgent
        if self._others and busy < self._threads and others < self._threads - self._reserve:
            return self._others
        return None

    def _write(self, jobs: list[_Job], unsent: list[Settlement]) -> int:
        """Settle what has come back and open the attempts of what goes out, in one transaction."""
        results, self._results = self._results, []
        now = self._clock()
        closed = [(job.attempt, result) for job, result in results]
        ended = [
            (job, job.settlement(outcomes.following(job.message, job.provider, result, now)))
            for job, result in results
            if not self._passed_on(job, result, now)
        ]
        settlements = [*unsent, *(settlement for _, settlement in ended)]
        figures = _figures_of(ended)
        opened = [job.attempt for job in jobs]
        reporting = [(job, result) for job, result in results if job.provider.guarantees.reports]

        def write() -> int:
            with transaction.atomic():
                ledger.close_attempts(closed, now)
                ledger.open_attempts(opened)
                settled = Message.objects.settle(settlements)
                if reporting:
                    named = [result.provider_id for _, result in reporting]
                    receipts.match([job.message.pk for job, _ in reporting], named, now)
                usage.count(figures, now)
                return settled

        settled = persistently(write)
        self._board.learn(((job.attempt.provider, result, job.step.probe) for job, result in results), now)
        self._tell()
        metrics.count_deliveries((attempt.provider, result.outcome) for attempt, result in closed)
        return settled

    def _tell(self, *, at_once: bool = False) -> None:
        persistently(lambda: self._board.tell(self._clock(), at_once=at_once))

    def _passed_on(self, job: _Job, result: Result, now: datetime) -> bool:
        """Give the message to the next provider, if there is one and nothing speaks against it."""
        outcomes.note(job.message, job.provider, result)
        if result.outcome != Attempt.Outcome.ACCEPTED:
            log.warning("attempt_failed", message=str(job.message.pk), provider=job.provider.name, error=result.error)
        job.tried.add(job.provider.name)
        if not (result.may_go_elsewhere and chains.may_go_on(job.message, self._board, now, job.tried)):
            return False
        (self._urgent if job.is_urgent else self._others).appendleft(job)
        return True

    def _launch(self, job: _Job) -> None:
        """Build the message here, where the database is, and send it there, where the provider is."""
        try:
            outgoing = composing.outgoing_of(job.message, self._clock())
        except Exception as error:  # noqa: BLE001 - kinds and templates of other apps may raise anything
            # Without the trace, which may show the link or code in it.
            log.error("message_not_built", message=str(job.message.pk), error=type(error).__name__)  # noqa: TRY400 - as above
            self._results.append((job, delivery.unbuilt(error)))
            return
        if outgoing is None:
            self._results.append((job, delivery.WITHDRAWN))
            return
        call = _pool().submit(delivery.hand_over, job.provider, outgoing, look=job.step.look, send=job.step.send)
        self._flying[call] = job


def _figures_of(ended: Sequence[tuple[_Job, Settlement]]) -> list[usage.Settled]:
    """Return what counts of jobs that were settled."""
    return [one for job, its in ended for one in usage.following(job.message, job.attempt.provider, its.changes)]
