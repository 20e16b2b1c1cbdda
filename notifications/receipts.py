"""What providers tell later of messages they took: each event once, in any order, also before its attempt is known.

An event moves its attempt on and never back. It moves the message only while that is with the same provider: once it
has gone elsewhere, what the first provider says late is history. A message that a worker holds is left to that worker,
which looks for what was told meanwhile when it settles.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import BooleanField, F, Q
from django.db.models.expressions import ExpressionWrapper
from django.db.models.functions import Now

from kit import canonical
from kit.tenants import HOUSE
from notifications import bell, digests, outcomes, shares, suppressions
from notifications.channels import Channel
from notifications.models import Attempt, Message, Receipt, Suppression

Event = Receipt.Event
Outcome = Attempt.Outcome
Status = Message.Status

MATCHED_FOR = timedelta(hours=1)  # an event whose message is not known by then belongs to somebody else
AT_ONCE = 500

# What an event makes of its attempt, and the order in which attempts move on.
OUTCOME_OF = {
    Event.ACCEPTED: Outcome.ACCEPTED,
    Event.SENT: Outcome.SENT,
    Event.FAILED: Outcome.UNDELIVERED,
    Event.BOUNCED: Outcome.UNDELIVERED,
    Event.DELIVERED: Outcome.DELIVERED,
    Event.READ: Outcome.DELIVERED,
    Event.COMPLAINED: Outcome.DELIVERED,
}
RANK = {Outcome.ACCEPTED: 1, Outcome.SENT: 2, Outcome.UNDELIVERED: 3, Outcome.DELIVERED: 4}
SUPPRESSING = (Event.BOUNCED, Event.COMPLAINED, Event.STOPPED)
_WITH_ANOTHER = (Outcome.OPEN, Outcome.ACCEPTED, Outcome.SENT, Outcome.DELIVERED, Outcome.UNKNOWN)
_ENDED = (Status.DELIVERED, Status.CANCELLED)


def take(
    *,
    provider: str,
    event_id: str,
    event: Receipt.Event,
    provider_id: str = "",
    message_id: UUID | None = None,
    recipient: str = "",
    detail: str = "",
    occurred_at: datetime,
    now: datetime,
) -> bool:
    """Take in an event that a provider has proven to be its own; return False when it was seen before.

    It is found by the provider's name for the message, else by ours. Nothing but this may be told to the provider.
    """
    with transaction.atomic():
        receipt = Receipt(
            provider=provider,
            event_id=event_id[:255],
            event=event,
            provider_id=provider_id[:255],
            recipient=recipient[:254],
            detail=detail[:255],
            occurred_at=occurred_at,
            received_at=now,
        )
        found = _message_of(receipt, message_id)
        message = _locked(found) if found else None
        receipt.message = message
        if message is not None and _is_erased(message):
            _hold_back_unseen(receipt, message, now)
        Receipt.objects.bulk_create([receipt], ignore_conflicts=True)
        if not Receipt.objects.filter(pk=receipt.pk).exists():
            return False
        if message is None:
            _stop(receipt, now)
        elif not message.is_held:  # type: ignore[attr-defined]
            _handle(receipt, message, now)
    return True


def match(messages: Collection[UUID], provider_ids: Collection[str], now: datetime, *, ours: bool = False) -> set[UUID]:
    """Handle what was told of messages before it was known whose it was; return those whose row has changed by it.

    With `ours` the caller holds them: what changes is held by nobody then. One statement when there is nothing.
    """
    known = [name for name in provider_ids if name]
    waiting = Receipt.objects.filter(Q(message__in=messages) | Q(provider_id__in=known), handled_at=None)
    return _handle_all(waiting.order_by("occurred_at", "id"), now, ours=ours)


def match_late(now: datetime) -> int:
    """Handle what was told at the very moment at which its attempt was closed; return how many messages changed."""
    lately = Receipt.objects.filter(handled_at=None, received_at__gte=now - MATCHED_FOR)
    return len(_handle_all(lately.order_by("-id")[:AT_ONCE], now))


def _handle_all(waiting: Iterable[Receipt], now: datetime, *, ours: bool = False) -> set[UUID]:
    changed: set[UUID] = set()
    for receipt in waiting:
        with transaction.atomic():
            found = receipt.message_id or _message_of(receipt, None)
            message = _locked(found) if found else None
            if message is not None and (ours or not message.is_held) and _handle(receipt, message, now):  # type: ignore[attr-defined]
                changed.add(message.pk)
    return changed


def _message_of(receipt: Receipt, message_id: UUID | None) -> UUID | None:
    attempts = Attempt.objects.filter(provider=receipt.provider).order_by("-id")
    if receipt.provider_id:
        by_name = attempts.filter(provider_id=receipt.provider_id).values_list("message", flat=True).first()
        if by_name is not None:
            return by_name
    if message_id is None:
        return None
    return attempts.filter(message=message_id).values_list("message", flat=True).first()


def _locked(pk: UUID) -> Message | None:
    """Return a message that nobody else settles now, and whether a worker holds it."""
    held = ExpressionWrapper(Q(lease_until__isnull=False, lease_until__gt=Now()), output_field=BooleanField())
    return Message.objects.select_for_update().annotate(is_held=held).filter(pk=pk).first()


def _handle(receipt: Receipt, message: Message, now: datetime) -> bool:
    """Let a receipt move its attempt and its message on; tell whether the message's row has changed."""
    attempts = list(message.attempts.order_by("id"))
    attempt = shares.attempt_of(receipt, attempts)
    if attempt is None or attempt.outcome == Outcome.OPEN:
        return False
    moving = _changes_of_several if len(message.to) > 1 else _changes_of_one
    changes = moving(message, receipt, attempt, attempts, now)
    if message.blanked_at is not None and changes.get("due_at") is not None:
        changes = {}  # what it said is forgotten: nothing brings it back into the queue
    _suppress(receipt, message, now)
    if changes:
        Message.objects.filter(pk=message.pk).update(
            **changes, lease_until=None, claims=0, fence=F("fence") + 1, in_doubt=""
        )
        bell.ring_after_commit()
        if message.kind:
            digests.follow(Message.objects.get(pk=message.pk))
    Receipt.objects.filter(pk=receipt.pk).update(message=message, handled_at=now)
    return bool(changes)


def _is_erased(message: Message) -> bool:
    """Tell whether the person that a message was for has been erased: nothing of her is kept anew."""
    return message.blanked_at is not None and not message.to


def _changes_of_one(
    message: Message, receipt: Receipt, attempt: Attempt, attempts: Sequence[Attempt], now: datetime
) -> dict[str, Any]:
    """Move the attempt of a message to one recipient on; return what to write on the message."""
    outcome = OUTCOME_OF.get(Event(receipt.event))
    if outcome is None or not _move_attempt(attempt, outcome, receipt.detail):
        return {}
    later = attempts[attempts.index(attempt) + 1 :]
    elsewhere = any(one.provider != attempt.provider and one.outcome in _WITH_ANOTHER for one in later)
    return {} if elsewhere else _changes(message, receipt, now)


def _changes_of_several(
    message: Message, receipt: Receipt, attempt: Attempt, attempts: Sequence[Attempt], now: datetime
) -> dict[str, Any]:
    """Move the attempt of a message to several on, by what all of its recipients came to; return what to write."""
    if OUTCOME_OF.get(Event(receipt.event)) is None or message.status in _ENDED:
        return {}
    told = [*message.receipts.exclude(pk=receipt.pk), receipt]
    parts = shares.Shares(message, attempts, told)
    _move_attempt(attempt, shares.outcome(parts, attempt), receipt.detail)
    changes = shares.changes(message, receipt, attempt, parts, now)
    return changes if any(getattr(message, name) != value for name, value in changes.items()) else {}


def _move_attempt(attempt: Attempt, outcome: Attempt.Outcome, detail: str) -> bool:
    """Move an attempt on; tell whether the event may move the message too: it is no older news than what is known."""
    was = RANK.get(Outcome(attempt.outcome), 0)
    if RANK[outcome] > was:
        said = {"detail": detail} if detail else {}
        Attempt.objects.filter(pk=attempt.pk).update(outcome=outcome, **said)
    return RANK[outcome] >= was


def _changes(message: Message, receipt: Receipt, now: datetime) -> dict[str, Any]:
    """Return what an event makes of the message that its provider has, or had last."""
    event = Event(receipt.event)
    if message.status in _ENDED:
        return {}
    if event in shares.GOOD:
        at = min(receipt.occurred_at, now)
        end = {"due_at": None, "awaiting": "", "failure": "", "sent_at": message.sent_at or at, "delivered_at": at}
        return {"status": Status.DELIVERED, **end}
    if event in (Event.FAILED, Event.BOUNCED):
        return _given_up(message, receipt, now)
    if event == Event.SENT and receipt.provider in (message.awaiting, message.in_doubt):
        return outcomes.sent(message, now) | {"failure": ""}
    if event == Event.ACCEPTED and receipt.provider == message.in_doubt:
        return shares.accepted(message, receipt, now)
    return {}


def _given_up(message: Message, receipt: Receipt, now: datetime) -> dict[str, Any]:
    """Return what to write on a message that its provider could not deliver: the next one has it, if there is one."""
    if receipt.provider not in (message.awaiting, message.in_doubt) and message.status != Status.SENT:
        return {}
    if receipt.event == Event.BOUNCED:
        return outcomes.failed(shares.BOUNCED) | {"awaiting": ""}
    may_be_passed_on = shares.may_be_passed_on(message, receipt.provider, now)
    outcomes.pass_over(message, receipt.provider)
    passed = {"awaiting": "", "passed_over": message.passed_over}
    if not may_be_passed_on:
        return outcomes.failed(outcomes.UNDELIVERED) | passed
    return {"status": Status.QUEUED, "due_at": now, "tries": message.tries + 1, **passed}


def _suppress(receipt: Receipt, message: Message, now: datetime) -> None:
    # Of several recipients nobody knows who is meant, unless she is named.
    address = receipt.recipient or (message.recipient if len(message.to) == 1 else "")
    if receipt.event in SUPPRESSING:
        suppressions.learn(
            tenant=message.tenant,
            channel=message.channel,
            address=address,
            reason=_reason_of(receipt, message.channel),
            detail=receipt.detail,
            message=message.pk,
            now=now,
        )


def _hold_back_unseen(receipt: Receipt, message: Message, now: datetime) -> None:
    """Heed what somebody who is erased wants no more of, and keep nothing of her but that, under a digest."""
    address = canonical.fold(receipt.recipient)
    receipt.recipient = receipt.detail = ""
    if receipt.event in (Event.COMPLAINED, Event.STOPPED) and address:
        place = suppressions.Place(message.channel, address, tenant=message.tenant)
        reason = _reason_of(receipt, message.channel)
        suppressions.learn(tenant=place.tenant, channel=place.channel, address=address, reason=reason, now=now)
        suppressions.erase(place)


def _reason_of(receipt: Receipt, channel: str) -> str:
    """Return why an address is held back: who wants no more mail still gets what must arrive, STOP is of numbers."""
    if receipt.event == Event.STOPPED and channel == Channel.EMAIL:
        return Suppression.Reason.UNSUBSCRIBED
    return receipt.event


def _stop(receipt: Receipt, now: datetime) -> None:
    """Heed a STOP that answers no message of ours in particular."""
    if receipt.event != Event.STOPPED or not receipt.recipient:
        return
    named, _, address = receipt.recipient.rpartition(":")
    channel = named or (Channel.EMAIL if "@" in address else Channel.SMS)
    suppressions.learn(
        tenant=HOUSE,
        channel=channel,
        address=address,
        reason=_reason_of(receipt, channel),
        detail=receipt.detail,
        now=now,
    )
    Receipt.objects.filter(pk=receipt.pk).update(handled_at=now)
