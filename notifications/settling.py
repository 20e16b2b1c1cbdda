"""What a turn of a dispatcher writes in one transaction: what came of calls, what was not sent, what goes out now."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import InterfaceError, OperationalError, transaction

from kit.outbox import Settlement, persistently
from notifications import ledger, outcomes, receipts, usage
from notifications.delivery import Result
from notifications.jobs import Job
from notifications.models import Message

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """Results, of which some are passed on to the next provider; what to write on jobs not sent; jobs that begin."""

    results: Sequence[tuple[Job, Result]] = ()
    passed_on: Collection[Job] = ()
    unsent: Sequence[Settlement] = ()
    begun: Sequence[Job] = ()


def write(turn: Turn, now: datetime) -> tuple[int, list[Job]]:
    """Write a turn; return how many messages were settled, and the jobs that begin and are still ours.

    Raises what a database that is away raises, and may be called again then.

    Where the database takes it not as a whole, each result is written by itself: one takes no others along.
    """
    try:
        return persistently(lambda: _write(turn, now))
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        if not turn.results:
            raise
        # Without the trace and the text, in which the database may quote the row.
        log.error("results_written_singly", error=type(error).__name__)  # noqa: TRY400 - as above
    singly = sum(_write_alone(job, result, turn, now) for job, result in turn.results)
    settled, begun = write(Turn(unsent=turn.unsent, begun=turn.begun), now)
    return singly + settled, begun


def _write_alone(job: Job, result: Result, turn: Turn, now: datetime) -> int:
    alone = Turn(results=[(job, result)], passed_on=turn.passed_on)
    try:
        return persistently(lambda: _write(alone, now))[0]
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001 - the others are to be written
        # Its attempt stays open and its lease ends: it is in doubt then.
        log.error("result_not_written", message=str(job.message.pk), error=type(error).__name__)  # noqa: TRY400 - as above
        return 0


def _write(turn: Turn, now: datetime) -> tuple[int, list[Job]]:
    ended = _ended(turn, now)
    figures = [one for job, its in ended for one in usage.following(job.message, job.attempt.provider, its.changes)]
    with transaction.atomic():
        ledger.close_attempts([(job.attempt, result) for job, result in turn.results], now)
        begun = ledger.begin(turn.begun)
        settled = Message.objects.settle([*turn.unsent, *(settlement for _, settlement in ended)])
        _match_receipts(turn, now)
        usage.count(figures, now)
    return settled, begun


def _ended(turn: Turn, now: datetime) -> list[tuple[Job, Settlement]]:
    """Return what to write on messages that are passed on to nobody."""
    return [
        (job, job.settlement(outcomes.following(job.message, job.provider, result, now)))
        for job, result in turn.results
        if job not in turn.passed_on
    ]


def _match_receipts(turn: Turn, now: datetime) -> None:
    """Heed what providers that report have told already of what they answer now."""
    reporting = [(job, result) for job, result in turn.results if job.provider.guarantees.reports]
    if reporting:
        named = [result.provider_id for _, result in reporting]
        receipts.match([job.message.pk for job, _ in reporting], named, now)
