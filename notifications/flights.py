"""The calls that a process has under way, and the results that are not written yet.

Both outlive a run that the database broke off: what a provider has said is never lost while the process lives.
"""

import sys
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime
from functools import cache
from typing import Any

import structlog

from notifications import composing, conf, delivery, doubts, outcomes
from notifications.delivery import Result
from notifications.jobs import Job
from notifications.models import Attempt

log = structlog.get_logger(__name__)


# Seconds. A thread that a mail server has answered waits so long for the interpreter while another computes, at each of
# its answers; with Python's own 5 ms a code took twice as long beside bulk mail.
SWITCH_INTERVAL = 0.001


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    """Return this process's sending threads. They outlive a run, because each keeps a connection open."""
    sys.setswitchinterval(SWITCH_INTERVAL)
    return ThreadPoolExecutor(threads, thread_name_prefix="sending")


class Flights:
    """Jobs in the air, and those that have landed. For one run at a time."""

    def __init__(self) -> None:
        self.landed: list[tuple[Job, Result]] = []
        self._flying: dict[Future[Result], Job] = {}

    def __bool__(self) -> bool:
        return bool(self._flying or self.landed)

    @property
    def flying(self) -> list[Job]:
        """Return the jobs that are with a provider now."""
        return list(self._flying.values())

    def launch(self, job: Job, now: datetime) -> None:
        """Build the message here, where the database is, and send it there, where the provider is."""
        try:
            outgoing = composing.outgoing_of(job.message, now)
        except Exception as error:  # noqa: BLE001 - kinds and templates of other apps may raise anything
            # Without the trace, which may show the link or code in it.
            log.error("message_not_built", message=str(job.message.pk), error=type(error).__name__)  # noqa: TRY400 - as above
            self._land(job, delivery.unbuilt(error))
            return
        if outgoing is None:
            self._land(job, delivery.WITHDRAWN)
            return
        doubt = doubts.doubt_of(job.attempt, job.doubted) if job.step.look else None
        call = _pool(conf.threads()).submit(delivery.hand_over, job.provider, outgoing, doubt=doubt, send=job.step.send)
        self._flying[call] = job

    def await_landing(self, bell: Future[None], seconds: float) -> None:
        """Wait until a call has ended, somebody rings, or so many seconds are over."""
        awaited: list[Future[Any]] = [*self._flying, bell]
        done, _ = wait(awaited, timeout=seconds, return_when=FIRST_COMPLETED)
        for call in done & self._flying.keys():
            self._land(self._flying.pop(call), call.result())

    def _land(self, job: Job, result: Result) -> None:
        """Take in a result, and note on its message in memory what it says."""
        outcomes.note(job.message, job.provider, result)
        if result.outcome != Attempt.Outcome.ACCEPTED:
            log.warning("attempt_failed", message=str(job.message.pk), provider=job.provider.name, error=result.error)
        job.tried.add(job.provider.name)
        self.landed.append((job, result))
