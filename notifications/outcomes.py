"""What follows from an attempt's result: sent, failed, or when to try again. Pure: a result in, columns out.

A message that cannot be sent now is not given up before its own end (`expires_at`): a provider that is down for an
hour costs time and no mail.
"""

from datetime import datetime, timedelta
from typing import Any

from kit.outbox import backoff
from notifications.delivery import Result
from notifications.lanes import patience_of
from notifications.models import Attempt, Message
from notifications.providers.base import Provider

Outcome = Attempt.Outcome
Status = Message.Status

UNDELIVERED, UNKNOWN, EXPIRED, PARTIAL = "undelivered", "unknown", "expired", "partial"


def note(message: Message, provider: Provider, result: Result) -> None:
    """Write on the message in memory what a result says of its tries and doubts. `following` is what to store.

    While it is in doubt whether an earlier try was taken, no failure of a later one settles that.
    """
    if result.outcome == Outcome.UNKNOWN:
        message.in_doubt = message.in_doubt if message.awaiting else provider.name
    elif result.outcome in (Outcome.ACCEPTED, Outcome.REFUSED, Outcome.WITHDRAWN):
        message.in_doubt = ""
        message.tries += bool(result.deferred)  # who is left is asked for under another key
        if result.deferred and message.awaiting:
            pass_over(message, provider.name)  # it was asked, and has got it out to the others alone
    else:
        if result.is_resolved and message.in_doubt == provider.name:
            message.in_doubt = ""
        message.tries += not message.in_doubt  # in doubt the key stays
        if result.outcome == Outcome.UNDELIVERED:
            pass_over(message, provider.name)


def pass_over(message: Message, name: str) -> None:
    """Note in memory that a provider took the message and did not get it out."""
    message.awaiting = ""
    message.passed_over = [*(one for one in message.passed_over if one != name), name]


def following(message: Message, provider: Provider, result: Result, now: datetime) -> dict[str, Any]:
    """Return what to write on the message after this result, when nobody else can try it now."""
    if result.outcome == Outcome.ACCEPTED:
        return _after_acceptance(message, provider, result, now)
    if result.outcome == Outcome.WITHDRAWN:
        return _ended(Status.SUPPRESSED)
    if result.outcome == Outcome.REFUSED:
        return failed(result.error)
    if result.outcome == Outcome.UNKNOWN:
        return _after_doubt(message, provider, result, now)
    return again(message, result, now)


def failed(reason: str) -> dict[str, Any]:
    """Return what to write on a message that will not be tried again."""
    return _ended(Status.FAILED, failure=reason)


def sent(message: Message, now: datetime) -> dict[str, Any]:
    """Return what to write on a message that has gone out."""
    return _ended(Status.SENT, sent_at=message.sent_at or now, awaiting="")


def undelivered(message: Message, now: datetime) -> dict[str, Any]:
    """Return what to write on a message that no provider is left for: of several recipients others may have it."""
    is_partial = message.sent_at is not None and len(message.remaining or message.to) < len(message.to)
    return sent(message, now) | {"failure": PARTIAL} if is_partial else failed(UNDELIVERED)


def expired(message: Message) -> dict[str, Any]:
    """Return what to write on a message whose own end has come. Of one that a provider took nobody knows more."""
    return failed(UNKNOWN if message.in_doubt or message.awaiting else EXPIRED) | {"awaiting": ""}


def again(message: Message, result: Result, now: datetime) -> dict[str, Any]:
    """Return when to try again: when the provider said, else after a pause that grows with the failures.

    A provider that asks for more than the longest pause is left alone for as long as it says, but by then another one
    may have come back.
    """
    patience = patience_of(message.lane)
    wait = min(timedelta(seconds=result.retry_after), patience.longest_pause)
    if not wait:
        failures = message.fence if message.in_doubt or result.is_ours else message.tries
        wait = backoff(failures, base=patience.first_pause, cap=patience.longest_pause)
    return _queued(message, result.error, now + wait, now)


def _after_acceptance(message: Message, provider: Provider, result: Result, now: datetime) -> dict[str, Any]:
    if result.deferred:
        # A tuple, because equal changes are grouped by hash.
        return again(message, result, now) | {"sent_at": message.sent_at or now, "remaining": result.deferred}
    guarantees = provider.guarantees
    if message.awaiting or guarantees.taking_is_sending or not guarantees.reports:
        return sent(message, now)
    due_at = now + patience_of(message.lane).silence
    return {"status": Status.SENDING, "awaiting": provider.name, "due_at": due_at}


def _after_doubt(message: Message, provider: Provider, result: Result, now: datetime) -> dict[str, Any]:
    patience = patience_of(message.lane)
    if message.awaiting:
        due_at = now + max(patience.silence, timedelta(seconds=result.retry_after))
        return {"status": Status.SENDING, "due_at": due_at}
    if not (patience.resend_ambiguous or provider.guarantees.keys or provider.guarantees.looks_up):
        return failed(UNKNOWN)
    return again(message, result, now)


def _queued(message: Message, error: str, due_at: datetime, now: datetime) -> dict[str, Any]:
    """Return when to try again, which is once more before the message's own end."""
    if message.expires_at is not None and due_at >= message.expires_at:
        due_at = message.expires_at - patience_of(message.lane).first_pause
        if due_at <= now:
            return failed(UNKNOWN if message.in_doubt else error or EXPIRED)
    return {"status": Status.QUEUED, "due_at": due_at}


def _ended(status: Message.Status, **more: Any) -> dict[str, Any]:
    return {"status": status, "due_at": None, **more}
