"""Getting messages out: claim a batch, write the attempts, send on threads outside any transaction, settle.

One thread talks to the database, the others to providers. What is urgent is claimed first and looked for again while a
batch is under way, also when the run's time is over, and a quarter of the threads is never given to anything else.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime

from kit.clock import utcnow
from kit.outbox import DatabaseTime, Settlement, SingleFlight, persistently
from notifications import chains, conf, metrics, settling
from notifications.breakers import Board
from notifications.claims import CLAIM_INTERVAL, Claims
from notifications.delivery import WITHDRAWN, Result
from notifications.flights import Flights
from notifications.jobs import Job, Waiting
from notifications.models import Message
from notifications.settling import Turn

Clock = Callable[[], datetime]

_flight = SingleFlight()
_flights = Flights()
_time = DatabaseTime()


def drain(clock: Clock) -> int | None:
    """Send what is due until nothing is, or until the run has lasted long enough; return how many were settled.

    One run at a time in a process: a call during a run makes that run look again, and returns None at once. It goes by
    the database's clock, as all processes do: `clock` only says how much of it goes by.
    """

    def run() -> int:
        persistently(lambda: _time.look(utcnow))
        return _Run(lambda: clock() + _time.ahead, _flights).drain()

    return _flight.run(run)


def is_due(now: datetime) -> bool:
    """Tell whether anything waits that can be sent, and is held by nobody. One statement where nothing does.

    Also whether this process holds results that it could not write.
    """
    now += _time.ahead
    due = Message.objects.due(now)
    if _flights.landed or not due.exists():
        return bool(_flights.landed)
    board = Board()
    board.look()
    return due.exclude(channel__in=chains.survey(board, now).blocked).exists()


def recover() -> int:
    """Take back what a killed process had claimed, without waiting for its leases to end; return how many.

    Only for the start of a process that is the only one: the embedded set-up.
    """
    return Message.objects.abandon_leases()


class _Run:
    """One run of the dispatcher: everything here happens on one thread, all but `delivery.hand_over`.

    It takes over what a run before it could not finish.
    """

    def __init__(self, clock: Clock, flights: Flights | None = None) -> None:
        self._clock = clock
        self._ends = time.monotonic() + conf.run_time()
        self._hold = conf.lease().total_seconds() / 2
        self._threads = conf.threads()
        self._settled = 0
        self._flights = Flights() if flights is None else flights
        self._board = Board()
        self._waiting = Waiting(self._threads)
        self._claims = Claims(clock, self._board, self._waiting, ends=self._ends)
        self._bell = _flight.next_call

    def drain(self) -> int:
        """Run until there is nothing left to do, or no time; return how many messages were settled."""
        self._put_out([], [])
        while True:
            self._collect()
            self._renew()
            persistently(self._board.look)
            idle = not (self._flights or self._waiting)
            self._claims.lease_more(idle=idle, lingering=self._is_lingering())
            jobs, unsent = self._take()
            if not (jobs or unsent or self._flights or self._waiting):
                self._tell(at_once=True)
                return self._settled
            self._put_out(jobs, unsent)

    def _collect(self) -> None:
        """Take in the results that are there. Every free thread has work already, so there is time to wait for one."""
        if self._flights.flying and not self._flights.landed:
            self._flights.await_landing(self._bell, CLAIM_INTERVAL)
        elif self._board.purse.is_short and not self._flights.landed:
            time.sleep(CLAIM_INTERVAL)  # all that is held waits for a rate
        if self._bell.done():
            self._bell = _flight.next_call
            self._claims.hurry()

    def _renew(self) -> None:
        """Keep the leases of what flies: a call may last longer than any of them."""
        moment = time.monotonic()
        if ending := [job for job in self._flights.flying if moment - job.leased > self._hold / 2]:
            rows = [job.message for job in ending]
            persistently(lambda: Message.objects.renew(rows, lease=conf.lease()))
            for job in ending:
                job.leased = moment

    def _take(self) -> tuple[list[Job], list[Settlement]]:
        """Return the jobs to send now, as many as there are threads for, and what to write on those not sent."""
        jobs: list[Job] = []
        unsent: list[Settlement] = []
        short: list[tuple[deque[Job], Job]] = []
        busy = self._flights.flying
        now = self._clock()
        self._board.purse.open()
        while queue := self._waiting.next_queue(busy):
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
                busy.append(job)
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
        """Tell whether the run has to wait for calls of its own time. Codes go on beside them; it ends with them."""
        return any(job.claimed < self._ends for job in self._flights.flying)

    def _put_out(self, jobs: Sequence[Job], unsent: Sequence[Settlement]) -> None:
        """Send what is urgent before anything else is written; then write, and send, the rest."""
        if urgent := [job for job in jobs if job.is_urgent]:
            self._write(urgent)
        others = [job for job in jobs if not job.is_urgent]
        if others or unsent or self._flights.landed:
            self._write(others, unsent, self._flights.landed)

    def _write(
        self, jobs: Sequence[Job], unsent: Sequence[Settlement] = (), landed: Sequence[tuple[Job, Result]] = ()
    ) -> None:
        """Settle what has come back, open the attempts of what goes out, and launch the jobs of those.

        Results that cannot be written are kept. Jobs whose messages are not ours any more are dropped.
        """
        results, now = tuple(landed), self._clock()
        passed_on = [job for job, result in results if self._may_be_passed_on(job, result, now)]
        settled, begun = settling.write(Turn(results=results, passed_on=passed_on, unsent=unsent, begun=jobs), now)
        del self._flights.landed[: len(results)]
        self._settled += settled
        for job in passed_on:
            self._waiting.put_back(job)
        dropped = [(job, WITHDRAWN) for job in jobs if job not in begun]
        known = [*results, *dropped]
        self._board.learn(((job.attempt.provider, result, job.step.probe) for job, result in known), now)
        self._tell()
        metrics.count_deliveries((job.attempt.provider, result.outcome) for job, result in results)
        for job in begun:
            job.keep_notes()
            self._flights.launch(job, self._clock())

    def _tell(self, *, at_once: bool = False) -> None:
        persistently(lambda: self._board.tell(self._clock(), at_once=at_once))

    def _may_be_passed_on(self, job: Job, result: Result, now: datetime) -> bool:
        """Tell whether there is a next provider, and nothing speaks against it."""
        return result.may_go_elsewhere and chains.may_go_on(job.message, self._board, now, job.tried)
