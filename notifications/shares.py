"""A message to several: what became of it for each of them, and who is still to be reached.

It is told from the receipts that name somebody and the attempts that she was in. Who is reported as failed goes to the
next provider alone; nobody whom it has reached gets it twice. Where a report names nobody, the provider is asked if it
can be; where some are known to have it, and not who, none is written to again.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from kit import canonical
from notifications import chains, outcomes
from notifications.delivery import LOOKED_UP, SILENT
from notifications.lanes import patience_of
from notifications.models import Attempt, Message, Receipt
from notifications.providers import registry

Event, Outcome, Status = Receipt.Event, Attempt.Outcome, Message.Status
Changes = dict[str, Any]

BOUNCED = "bounced"
GOOD = (Event.DELIVERED, Event.READ, Event.COMPLAINED)
BAD = (Event.FAILED, Event.BOUNCED)
_NOT_TAKEN = (Outcome.REFUSED, Outcome.DEFERRED, Outcome.MISCONFIGURED, Outcome.WITHDRAWN)
_WAITING = (Status.QUEUED, Status.SCHEDULED)
_OVER = (Status.FAILED, Status.SUPPRESSED)


class Shares:
    """How a message to several stands with each, by what was told until now. Names are compared in canonical form."""

    def __init__(self, message: Message, attempts: Sequence[Attempt], receipts: Iterable[Receipt]) -> None:
        self._names = {canonical.fold(name): name for name in message.to}
        self._last: dict[str, Attempt] = {}
        self._told: dict[str, list[tuple[str, Attempt | None]]] = defaultdict(list)
        for attempt in attempts:
            for name in map(canonical.fold, attempt.recipients or message.to):
                if _hands_over(attempt, self._last.get(name)):
                    self._last[name] = attempt
        for receipt in receipts:
            self._told[self.named(receipt)].append((receipt.event, attempt_of(receipt, attempts)))

    def named(self, receipt: Receipt) -> str:
        """Return whom a receipt names of the recipients, in canonical form; empty for nobody."""
        name = canonical.fold(receipt.recipient)
        return name if name in self._names else ""

    def standing(self, name: str) -> str:
        """Return the event that somebody's share stands at; `accepted` where nothing was told of it."""
        told = self._told.get(name, ())
        ever = {event for event, _ in told}
        lately = {event for event, attempt in told if attempt is self._last.get(name)}
        if ever.intersection(GOOD):
            return Event.DELIVERED
        if Event.BOUNCED in ever:
            return Event.BOUNCED
        return next((event for event in (Event.FAILED, Event.SENT) if event in lately), Event.ACCEPTED)

    def at(self, *events: str, of: Attempt | None = None) -> list[str]:
        """Return whose share stands at one of these, in the order of the message; of one attempt's if given."""
        asked = (name for name in self._names if name in self._last)
        found = (name for name in asked if of is None or canonical.fold(name) in self._in(of))
        return [self._names[name] for name in found if self.standing(name) in events]

    def is_with(self, name: str, attempt: Attempt) -> bool:
        """Tell whether this was the last attempt that somebody was in."""
        return self._last.get(name) is attempt

    def has_gone_out(self, attempt: Attempt) -> bool:
        """Tell whether an attempt is known to have got the message out to anybody, named or not."""
        out = {Event.SENT, *GOOD}
        return any(event in out and of is attempt for told in self._told.values() for event, of in told)

    def _in(self, attempt: Attempt) -> set[str]:
        return set(map(canonical.fold, attempt.recipients)) if attempt.recipients else set(self._names)


def _hands_over(attempt: Attempt, before: Attempt | None) -> bool:
    """Tell whether an attempt gave a message to its provider; asking after one under the same name did not."""
    asked = attempt.error in (LOOKED_UP, SILENT) and before is not None and before.provider == attempt.provider
    return attempt.outcome not in _NOT_TAKEN and not (asked and before is not None and before.provider_id)


def attempt_of(receipt: Receipt, attempts: Sequence[Attempt]) -> Attempt | None:
    """Return the attempt that a receipt is of: by its provider's name for it, else the provider's last."""
    own = [attempt for attempt in attempts if attempt.provider == receipt.provider]
    named = (attempt for attempt in own if attempt.provider_id == receipt.provider_id != "")
    return next(named, own[-1] if own else None)


def outcome(shares: Shares, attempt: Attempt) -> Attempt.Outcome:
    """Return what an attempt has come to: delivered where all of its recipients have it, undelivered where none."""
    if not shares.at(Event.ACCEPTED, Event.SENT, *BAD, of=attempt):
        return Outcome.DELIVERED
    if not shares.at(Event.ACCEPTED, Event.SENT, Event.DELIVERED, of=attempt):
        return Outcome.UNDELIVERED
    return Outcome.SENT


def changes(message: Message, receipt: Receipt, attempt: Attempt, shares: Shares, now: datetime) -> Changes:
    """Return what a receipt makes of a message to several; what is decided on its providers is noted on it."""
    if not _has_it(message, receipt) and _is_out_of_turn(message, receipt):
        return {}
    if receipt.event == Event.ACCEPTED:
        return accepted(message, receipt, now) if receipt.provider == message.in_doubt else {}
    name = shares.named(receipt)
    if not name:
        return _of_nobody(message, receipt, attempt, shares, now)
    if _is_given_up(name, receipt, attempt, shares) and may_be_passed_on(message, receipt.provider, now):
        return _passed_on(message, receipt, _to_be_reached(message, receipt, shares, shares.at(Event.FAILED)), now)
    return _told_of_one(message, receipt, shares, now)


def _has_it(message: Message, receipt: Receipt) -> bool:
    """Tell whether a receipt is from the provider that has the message, or may have it."""
    return receipt.provider in (message.awaiting, message.in_doubt)


def _is_out_of_turn(message: Message, receipt: Receipt) -> bool:
    """Tell whether what a provider that has it no more tells changes nothing: another is in doubt, or it is over."""
    if message.in_doubt:
        return True  # another may have it: its answer comes first
    return message.status in _OVER and receipt.event not in GOOD


def _is_given_up(name: str, receipt: Receipt, attempt: Attempt, shares: Shares) -> bool:
    """Tell whether this says that somebody's last provider has given up, and nothing better is known of that share."""
    return receipt.event == Event.FAILED and shares.is_with(name, attempt) and shares.standing(name) == Event.FAILED


def may_be_passed_on(message: Message, provider: str, now: datetime) -> bool:
    """Tell whether another provider may have what this one gave up."""
    is_late = message.expires_at is not None and message.expires_at <= now
    return not is_late and message.blanked_at is None and bool(chains.left(message, (provider,)))


def accepted(message: Message, receipt: Receipt, now: datetime) -> Changes:
    """Return what to write on a message in doubt of which its provider says that it has it."""
    provider = registry.find(receipt.provider)
    if provider is None or provider.guarantees.taking_is_sending:
        return outcomes.sent(message, now)
    due_at = now + patience_of(message.lane).silence
    return {"status": Status.SENDING, "failure": "", "awaiting": receipt.provider, "due_at": due_at}


def _to_be_reached(message: Message, receipt: Receipt, shares: Shares, failed: Sequence[str]) -> list[str]:
    """Return who is to be sent to next: those that failed, and those that the message waits to be sent to already."""
    waits = message.status in _WAITING and message.in_doubt != receipt.provider
    waiting = (message.remaining or message.to) if waits else ()
    settled = shares.at(Event.DELIVERED, Event.BOUNCED)
    return [name for name in message.to if name in {*waiting, *failed} and name not in settled]


def _passed_on(message: Message, receipt: Receipt, remaining: list[str], now: datetime) -> Changes:
    if message.status == Status.QUEUED and message.in_doubt != receipt.provider and message.remaining == remaining:
        return {}
    outcomes.pass_over(message, receipt.provider)
    passed = {"awaiting": "", "passed_over": message.passed_over, "remaining": remaining}
    return {"status": Status.QUEUED, "due_at": now, "tries": message.tries + 1, **passed}


def _told_of_one(message: Message, receipt: Receipt, shares: Shares, now: datetime) -> Changes:
    """Return what to write after news of one that sends nothing again: who is left, or how it has ended."""
    if message.status in _WAITING and message.in_doubt != receipt.provider:
        left = _to_be_reached(message, receipt, shares, ())
        return {"remaining": left} if left else _end(message, receipt, shares, now)
    silent = shares.at(Event.ACCEPTED)
    if message.status == Status.SENDING and message.awaiting and silent:
        return {"remaining": silent}
    if message.in_doubt == receipt.provider and message.status not in _OVER and silent:
        return accepted(message, receipt, now) | {"remaining": silent}
    return _end(message, receipt, shares, now)


def _end(message: Message, receipt: Receipt, shares: Shares, now: datetime) -> Changes:
    """Return how a message ends: delivered to all, to none, or sent, and then `partial` where somebody lacks it."""
    at = min(receipt.occurred_at, now)
    end = {"due_at": None, "awaiting": "", "sent_at": message.sent_at or at}
    if not shares.at(Event.ACCEPTED, Event.SENT, *BAD):
        return {"status": Status.DELIVERED, "failure": "", "delivered_at": at, **end}
    if not shares.at(Event.ACCEPTED, Event.SENT, Event.DELIVERED):
        bounced = shares.at(Event.BOUNCED)
        return outcomes.failed(BOUNCED if bounced else outcomes.UNDELIVERED) | {"awaiting": ""}
    lacking = shares.at(*BAD, *((Event.ACCEPTED,) if message.status in _OVER else ()))
    return {"status": Status.SENT, "failure": outcomes.PARTIAL if lacking else "", **end}


def _of_nobody(message: Message, receipt: Receipt, attempt: Attempt, shares: Shares, now: datetime) -> Changes:
    """Return what to write after a report that does not say whom it is about."""
    has_it = _has_it(message, receipt)
    if receipt.event in BAD:
        return _failed_for_nobody(message, receipt, attempt, shares, now)
    if not has_it and message.status in _OVER and receipt.event in GOOD:
        return outcomes.sent(message, now) | {"failure": outcomes.PARTIAL}
    return outcomes.sent(message, now) | {"failure": ""} if has_it else {}


def _failed_for_nobody(message: Message, receipt: Receipt, attempt: Attempt, shares: Shares, now: datetime) -> Changes:
    has_it = _has_it(message, receipt)
    if receipt.event == Event.BOUNCED or shares.has_gone_out(attempt):
        return {"failure": outcomes.PARTIAL} if message.status == Status.SENT else {}
    provider = registry.find(receipt.provider)
    if has_it and provider is not None and provider.guarantees.looks_up:
        return {"status": Status.SENDING, "awaiting": receipt.provider, "due_at": now}
    if not has_it and message.status != Status.SENT:
        return {}
    return _given_up_for_all(message, receipt, attempt, shares, now)


def _given_up_for_all(message: Message, receipt: Receipt, attempt: Attempt, shares: Shares, now: datetime) -> Changes:
    """Return what to write after an attempt that got out to nobody: all go to the next, or the message has failed."""
    names = list(attempt.recipients or message.to)
    if any(not shares.is_with(canonical.fold(name), attempt) for name in names):
        return {}  # some are with another by now: nobody knows whom it is about
    if not may_be_passed_on(message, receipt.provider, now):
        return outcomes.failed(outcomes.UNDELIVERED) | {"awaiting": ""}
    return _passed_on(message, receipt, names, now)
