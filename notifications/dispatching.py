"""Getting messages out: claim a batch, write the attempts, send on threads outside any transaction, settle.

One thread talks to the database, the others to providers. What is urgent is claimed first and looked for again while a
batch is under way, and a quarter of the threads is never given to anything else.
"""

import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import structlog
from django.db import transaction

from kit.ids import uuid7
from kit.outbox import Settlement, SingleFlight, persistently
from notifications import composing, conf, delivery, ledger, metrics, outcomes
from notifications.delivery import Result
from notifications.lanes import Lane
from notifications.models import Attempt, Message
from notifications.providers import registry
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
    """Tell whether anything waits to be sent and is held by nobody."""
    return Message.objects.due(now).exists()


def recover() -> int:
    """Take back what a killed process had claimed, without waiting for its leases to end; return how many.

    Only for the start of a process that is the only one: the embedded set-up.
    """
    return Message.objects.abandon_leases()


@cache
def _pool() -> ThreadPoolExecutor:
    """Return this process's sending threads. They outlive a run, because each keeps a connection open."""
    return ThreadPoolExecutor(conf.threads(), thread_name_prefix="sending")


@dataclass(slots=True, eq=False)
class _Job:
    """A claimed message on its way: whose turn it is to carry it, and since when we hold it."""

    message: Message
    providers: tuple[Provider, ...]
    claimed: float
    attempt: Attempt
    turn: int = 0

    @property
    def provider(self) -> Provider:
        return self.providers[self.turn]


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

    def drain(self) -> int:
        """Run until there is nothing left to do, or no time; return how many messages were settled."""
        settled = 0
        while True:
            self._collect()
            self._claim()
            jobs, unsent = self._take()
            if not (jobs or unsent or self._flying or self._results):
                return settled
            settled += self._write(jobs, unsent)
            for job in jobs:
                self._launch(job)

    def _collect(self) -> None:
        """Take in the results that are there. Every free thread has work already, so there is time to wait for one."""
        if self._flying and not self._results:
            done, _ = wait(self._flying, timeout=CLAIM_INTERVAL, return_when=FIRST_COMPLETED)
            self._results += [(self._flying.pop(future), future.result()) for future in done]

    def _claim(self) -> None:
        """Lease the next batch while there is time for one; only what is urgent while enough of the rest is held.

        A claim that came back short is not repeated at every turn, unless there is nothing else to do.
        """
        moment, low = time.monotonic(), len(self._others) < self._threads
        idle = not any((self._flying, self._results, self._urgent, self._others, self._suspects))
        if moment >= self._ends or (not idle and moment < (self._next_any if low else self._next_urgent)):
            return
        rows = Message.objects.all() if low else Message.objects.filter(lane=Lane.URGENT)
        now, batch = self._clock(), conf.batch()
        claimed = persistently(
            lambda: rows.claim(now=now, lease=conf.lease(), limit=batch, status=Message.Status.SENDING)
        )
        if len(claimed) < batch:
            self._next_urgent = moment + CLAIM_INTERVAL
            self._next_any = self._next_urgent if low else self._next_any
        self._admit(claimed, now, moment)

    def _admit(self, claimed: list[Message], now: datetime, moment: float) -> None:
        """Put claimed messages into their queues, and those that kill their workers out of the way."""
        poisoned = ledger.close_lost([message for message in claimed if message.lease_until is not None], now)
        for message in claimed:
            if message.pk in poisoned:
                log.error("message_poisoned", message=str(message.pk))
                Message.objects.settle([Settlement(message, outcomes.failed("poison"))])
                continue
            job = _Job(message, registry.providers_of(message.channel), moment, Attempt())
            urgent = message.lane == Lane.URGENT
            suspect = message.claims > SUSPECT_CLAIMS
            (self._suspects if suspect else self._urgent if urgent else self._others).append(job)

    def _take(self) -> tuple[list[_Job], list[Settlement]]:
        """Return the jobs to send now, as many as there are threads for, and what to write on those not sent."""
        jobs: list[_Job] = []
        unsent: list[Settlement] = []
        others = sum(job.message.lane != Lane.URGENT for job in self._flying.values())
        now = self._clock()
        while queue := self._next_queue(len(self._flying) + len(jobs), others):
            job = queue.popleft()
            if settlement := _not_to_be_sent(job, now, too_long=self._has_held_too_long(job)):
                unsent.append(settlement)
                continue
            job.attempt = Attempt(
                id=uuid7(),
                message=job.message,
                claim=job.message.fence,
                provider=job.provider.name,
                started_at=now,
            )
            jobs.append(job)
            others += job.message.lane != Lane.URGENT
        return jobs, unsent

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
        settlements = unsent + [
            Settlement(job.message, outcomes.following(job.message, result, now))
            for job, result in results
            if not self._passed_on(job, result)
        ]
        opened = [job.attempt for job in jobs]

        def write() -> int:
            with transaction.atomic():
                ledger.close_attempts(closed, now)
                ledger.open_attempts(opened)
                return Message.objects.settle(settlements)

        settled = persistently(write)
        metrics.count_deliveries((attempt.provider, result.outcome) for attempt, result in closed)
        return settled

    def _passed_on(self, job: _Job, result: Result) -> bool:
        """Give the message to the next provider, if there is one and nothing speaks against it."""
        if result.outcome != Attempt.Outcome.ACCEPTED:
            log.warning("attempt_failed", message=str(job.message.pk), provider=job.provider.name, error=result.error)
        if not result.may_go_elsewhere or job.turn + 1 == len(job.providers):
            return False
        job.turn += 1
        (self._urgent if job.message.lane == Lane.URGENT else self._others).appendleft(job)
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
        self._flying[_pool().submit(delivery.hand_over, job.provider, outgoing)] = job


def _not_to_be_sent(job: _Job, now: datetime, *, too_long: bool) -> Settlement | None:
    """Return what to write on a message that is too late, has no way out, or has been held too long to begin."""
    message = job.message
    if message.expires_at is not None and message.expires_at <= now:
        return Settlement(message, outcomes.failed("expired"))
    if not job.providers:
        result = Result(outcome=Attempt.Outcome.MISCONFIGURED, error="no_provider")
        return Settlement(message, outcomes.following(message, result, now))
    if too_long:
        return Settlement(message, {"status": Message.Status.QUEUED, "claims": message.claims - 1})
    return None
