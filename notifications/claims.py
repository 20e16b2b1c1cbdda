"""What a dispatcher leases: which messages, how many and how often, and what a dead worker left of them."""

import time
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import structlog

from kit.outbox import OutboxQuerySet, Settlement, persistently
from notifications import chains, conf, ledger, outcomes, receipts, unwanted
from notifications.breakers import Board
from notifications.jobs import Job, Waiting
from notifications.lanes import Lane
from notifications.models import Message

log = structlog.get_logger(__name__)

CLAIM_INTERVAL = 0.1  # seconds: how soon what is urgent is noticed beside other calls, where no bell is heard


class Claims:
    """The claims of one dispatcher's run, which ends at the moment `ends` of the monotonic clock."""

    def __init__(self, clock: Callable[[], datetime], board: Board, waiting: Waiting, *, ends: float) -> None:
        self._clock = clock
        self._board = board
        self._waiting = waiting
        self._ends = ends
        self._next_urgent = 0.0
        self._next_any = 0.0

    def hurry(self) -> None:
        """Look at the next turn: somebody rang."""
        self._next_urgent = self._next_any = 0.0

    def lease_more(self, *, idle: bool, lingering: bool) -> None:
        """Lease the next batch while there is time for one; only what is urgent while enough of the rest is held.

        After the end nothing is leased, but for what is urgent while the run lingers.

        A claim that came back short is not repeated at every turn, unless there is nothing else to do. What no provider
        can carry now is left alone; a channel whose provider is to be probed gives one message for it.
        """
        moment = time.monotonic()
        over = moment >= self._ends
        low = self._waiting.is_low and not over
        if (over and not lingering) or not self._is_time(moment, low=low, idle=idle):
            return
        now, batch = self._clock(), conf.batch()
        channels = chains.survey(self._board, now)
        urgent = Message.objects.filter(lane=Lane.URGENT)
        rows = (Message.objects.all() if low else urgent).exclude(channel__in=channels.unready)
        claimed = self._lease(rows, now, batch)
        if len(claimed) < batch:
            self._next_urgent = moment + CLAIM_INTERVAL
            self._next_any = self._next_urgent if low else self._next_any
        for channel in channels.probing:
            claimed += self._lease((urgent if over else Message.objects.all()).filter(channel=channel), now, 1)
        self._admit(claimed, now, moment)

    def _is_time(self, moment: float, *, low: bool, idle: bool) -> bool:
        return idle or moment >= (self._next_any if low else self._next_urgent)

    def _lease(self, rows: OutboxQuerySet[Message], now: datetime, limit: int) -> list[Message]:
        status = Message.Status.SENDING
        return persistently(lambda: rows.claim(now=now, lease=conf.lease(), limit=limit, status=status))

    def _admit(self, claimed: list[Message], now: datetime, moment: float) -> None:
        """Put claimed messages into their queues, and those that kill their workers out of the way."""
        lost = [message for message in claimed if message.lease_until is not None]
        poisoned = persistently(lambda: ledger.close_lost(lost, now))
        told = persistently(lambda: told_of(claimed, now))
        gone = persistently(lambda: unwanted.withdraw(claimed, now))
        doubted = persistently(lambda: ledger.doubted_since(claimed))
        for message in claimed:
            if message.pk in told or message.pk in gone:
                continue
            if message.pk in poisoned:
                _give_up(message)
                continue
            self._waiting.add(Job(message, moment, doubted.get(message.pk)))


def told_of(claimed: list[Message], now: datetime) -> set[UUID]:
    """Return the claimed messages that a receipt has settled, which came before anybody knew whose it was."""
    doubtful = [message.pk for message in claimed if message.in_doubt or message.awaiting]
    return receipts.match(doubtful, (), now, ours=True) if doubtful else set()


def _give_up(message: Message) -> None:
    log.error("message_poisoned", message=str(message.pk))
    ended = Settlement(message, outcomes.failed("poison"))
    persistently(lambda: Message.objects.settle([ended]))
