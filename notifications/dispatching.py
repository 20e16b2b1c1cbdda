"""Getting messages out: claim a batch, write the attempts, send on threads outside any transaction, settle.

One thread talks to the database, the others to providers. What is urgent is claimed first and looked for again while a
batch is under way, also when the run's time is over, and a quarter of the threads is never given to anything else.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime
from functools import cache
from typing import Any

import structlog
from django.db import transaction

from kit.outbox import Settlement, SingleFlight, persistently
from notifications import chains, composing, conf, delivery, doubts, ledger, metrics, outcomes, receipts, usage
from notifications.breakers import Board
from notifications.claims import CLAIM_INTERVAL, Claims
from notifications.delivery import Result
from notifications.jobs import Job, Waiting
from notifications.models import Attempt, Message

log = structlog.get_logger(__name__)

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


class _Run:
    """One run of the dispatcher: everything here happens on one thread, all but `delivery.hand_over`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ends = time.monotonic() + conf.run_time()
        self._hold = conf.lease().total_seconds() / 2
        self._threads = conf.threads()
        self._flying: dict[Future[Result], Job] = {}
        self._results: list[tuple[Job, Result]] = []
        self._board = Board()
        self._waiting = Waiting(self._threads)
        self._claims = Claims(clock, self._board, self._waiting, ends=self._ends)
        self._bell = _flight.next_call

    def drain(self) -> int:
        """Run until there is nothing left to do, or no time; return how many messages were settled."""
        settled = 0
        while True:
            self._collect()
            persistently(self._board.look)
            idle = not (self._flying or self._results or self._waiting)
            self._claims.lease_more(idle=idle, lingering=self._is_lingering())
            jobs, unsent = self._take()
            if not (jobs or unsent or self._flying or self._results or self._waiting):
                self._tell(at_once=True)
                return settled
            settled += self._write(jobs, unsent)
            for job in jobs:
                self._launch(job)

    def _collect(self) -> None:
        """Take in the results that are there. Every free thread has work already, so there is time to wait for one."""
        if self._flying and not self._results:
            awaited: list[Future[Any]] = [*self._flying, self._bell]
            done, _ = wait(awaited, timeout=CLAIM_INTERVAL, return_when=FIRST_COMPLETED)
            self._results += [(self._flying.pop(call), call.result()) for call in done & self._flying.keys()]
        elif self._board.purse.is_short and not self._results:
            time.sleep(CLAIM_INTERVAL)  # all that is held waits for a rate
        if self._bell.done():
            self._bell = _flight.next_call
            self._claims.hurry()

    def _take(self) -> tuple[list[Job], list[Settlement]]:
        """Return the jobs to send now, as many as there are threads for, and what to write on those not sent."""
        jobs: list[Job] = []
        unsent: list[Settlement] = []
        short: list[tuple[deque[Job], Job]] = []
        others = sum(not job.is_urgent for job in self._flying.values())
        now = self._clock()
        self._board.purse.open()
        while queue := self._waiting.next_queue(len(self._flying) + len(jobs), others):
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

    def _may_call(self, name: str, job: Job, waiting: int, now: datetime) -> bool:
        """Tell whether a provider's rate and quota have room for one more."""
        want, state = min(waiting, self._threads), self._board.state(name)
        return persistently(lambda: self._board.purse.take(state, want, urgent=job.is_urgent, now=now))

    def _may_probe(self, name: str, now: datetime) -> bool:
        """Tell whether the one probe of a provider is ours."""
        return persistently(lambda: self._board.begin_probe(name, now))

    def _has_held_too_long(self, job: Job) -> bool:
        """Tell whether too little of the lease, or of this run, is left to begin."""
        moment = time.monotonic()
        over = moment >= self._ends and not (job.is_urgent and self._is_lingering())
        return over or moment - job.claimed > self._hold

    def _is_lingering(self) -> bool:
        """Tell whether the run has to wait for calls of its own time: codes go on beside them, and it ends with them."""
        return any(job.claimed < self._ends for job in self._flying.values())

    def _write(self, jobs: list[Job], unsent: list[Settlement]) -> int:
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
        reporting = [(job, result) for job, result in results if job.provider.guarantees.reports]

        def write() -> int:
            with transaction.atomic():
                ledger.close_attempts(closed, now)
                ledger.begin(jobs)
                settled = Message.objects.settle(settlements)
                if reporting:
                    named = [result.provider_id for _, result in reporting]
                    receipts.match([job.message.pk for job, _ in reporting], named, now)
                usage.count(figures, now)
                return settled

        settled = persistently(write)
        for job in jobs:
            job.keep_notes()
        self._board.learn(((job.attempt.provider, result, job.step.probe) for job, result in results), now)
        self._tell()
        metrics.count_deliveries((attempt.provider, result.outcome) for attempt, result in closed)
        return settled

    def _tell(self, *, at_once: bool = False) -> None:
        persistently(lambda: self._board.tell(self._clock(), at_once=at_once))

    def _passed_on(self, job: Job, result: Result, now: datetime) -> bool:
        """Give the message to the next provider, if there is one and nothing speaks against it."""
        outcomes.note(job.message, job.provider, result)
        if result.outcome != Attempt.Outcome.ACCEPTED:
            log.warning("attempt_failed", message=str(job.message.pk), provider=job.provider.name, error=result.error)
        job.tried.add(job.provider.name)
        if not (result.may_go_elsewhere and chains.may_go_on(job.message, self._board, now, job.tried)):
            return False
        self._waiting.put_back(job)
        return True

    def _launch(self, job: Job) -> None:
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
        doubt = doubts.doubt_of(job.attempt, job.doubted) if job.step.look else None
        call = _pool().submit(delivery.hand_over, job.provider, outgoing, doubt=doubt, send=job.step.send)
        self._flying[call] = job


def _figures_of(ended: Sequence[tuple[Job, Settlement]]) -> list[usage.Settled]:
    """Return what counts of jobs that were settled."""
    return [one for job, its in ended for one in usage.following(job.message, job.attempt.provider, its.changes)]
