"""Messages that have outlived their use while nobody could send them: ended together.

What only waits is ended without being claimed. What a worker held when it died may have gone out, and what a provider
has taken and not reported on is past expiring: both are claimed, as a dispatcher would that can carry their channel.
"""

from datetime import datetime
from typing import Any

from django.db.models import Case, F, Value, When

from kit.outbox import Settlement
from notifications import chains, claims, conf, ledger, outcomes
from notifications.breakers import FIRST_PAUSE, Board
from notifications.models import Message

AT_ONCE = 500


def end(now: datetime) -> int:
    """Fail the waiting messages whose own end has come, 500 in a statement; return how many."""
    late = Message.objects.filter(due_at__lte=now, expires_at__lte=now, lease_until=None, awaiting="")
    reason = Case(When(in_doubt="", then=Value(outcomes.EXPIRED)), default=Value(outcomes.UNKNOWN))
    ended = 0
    while keys := list(late.values_list("pk", flat=True)[:AT_ONCE]):
        ended += late.filter(pk__in=keys).update(
            status=Message.Status.FAILED, failure=reason, due_at=None, fence=F("fence") + 1
        )
        if len(keys) < AT_ONCE:
            break
    return ended


def end_left(now: datetime) -> int:
    """End what a dead worker or a silent provider left behind, and whose own end has come; return how many.

    Dispatchers do so too, but claim nothing of a channel that nobody carries, perhaps for ever. A provider that can
    still tell what became of a message is waited for, as they do.
    """
    board = Board()
    board.look()
    blocked = chains.survey(board, now).blocked
    left = Message.objects.filter(expires_at__lte=now, channel__in=blocked).exclude(lease_until=None, awaiting="")
    ended = 0
    while rows := left.claim(now=now, lease=conf.lease(), limit=AT_ONCE):
        ledger.close_lost([row for row in rows if row.lease_until is not None], now)
        told = claims.told_of(rows, now)
        changes = [(row, _changes(row, board, now)) for row in rows if row.pk not in told]
        Message.objects.settle(Settlement(row, its) for row, its in changes)
        ended += sum(its["due_at"] is None for _, its in changes)
    return ended


def _changes(message: Message, board: Board, now: datetime) -> dict[str, Any]:
    step = chains.next_step(message, board, now, doubted=None, tried=())
    return step.changes or chains.waiting(message, now + FIRST_PAUSE)
