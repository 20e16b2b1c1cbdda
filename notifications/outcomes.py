"""What follows from an attempt's result: sent, failed, or when to try again. Pure: a result in, columns out.

A message that cannot be sent now is not given up before its own end (`expires_at`): a provider that is down for an
hour costs time and no mail.
"""

from datetime import datetime, timedelta
from typing import Any

from kit.outbox import backoff
from notifications.delivery import Result
from notifications.lanes import PATIENCE, Lane, Patience
from notifications.models import Attempt, Message

Outcome = Attempt.Outcome
Status = Message.Status


def following(message: Message, result: Result, now: datetime) -> dict[str, Any]:
    """Return what to write on the message after this result."""
    if result.outcome == Outcome.ACCEPTED:
        return _after_acceptance(message, result, now)
    if result.outcome == Outcome.WITHDRAWN:
        return _ended(Status.SUPPRESSED)
    if result.outcome == Outcome.REFUSED:
        return failed(result.error)
    if result.outcome == Outcome.UNKNOWN and not _patience(message).resend_ambiguous:
        return failed("unknown")
    return _again(message, result, now)


def failed(reason: str) -> dict[str, Any]:
    """Return what to write on a message that will not be tried again."""
    return _ended(Status.FAILED, failure=reason)


def _after_acceptance(message: Message, result: Result, now: datetime) -> dict[str, Any]:
    if not result.deferred:
        return _ended(Status.SENT, sent_at=now)
    # A tuple, because equal changes are grouped by hash.
    return _again(message, result, now) | {"sent_at": message.sent_at or now, "remaining": result.deferred}


def _again(message: Message, result: Result, now: datetime) -> dict[str, Any]:
    patience = _patience(message)
    pause = backoff(message.fence, base=patience.first_pause, cap=patience.longest_pause)
    due_at = now + max(pause, timedelta(seconds=result.retry_after))
    if message.expires_at is not None and due_at >= message.expires_at:
        return failed(result.error or "expired")
    return {"status": Status.QUEUED, "due_at": due_at}


def _ended(status: Message.Status, **more: Any) -> dict[str, Any]:
    return {"status": status, "due_at": None, **more}


def _patience(message: Message) -> Patience:
    return PATIENCE[Lane(message.lane)]
