"""Accepting messages. Accepted means committed: the row is the queue, and the bell after the commit is only a courtesy.

The other half, getting them out, is `dispatching`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from django.db import transaction

from audit import recording
from kit import canonical
from kit.origin import Origin
from kit.tenants import HOUSE
from notifications import bell, emails, idempotency, kinds, pumping
from notifications.emails import EmailRequest
from notifications.event_types import MESSAGE_ACCEPTED
from notifications.kinds import Kind
from notifications.lanes import PATIENCE
from notifications.models import Message


def send(
    *,
    kind: Kind,
    to: str,
    reference: UUID | None,
    now: datetime,
    tenant: UUID = HOUSE,
    locale: str = "",
    person: UUID | None = None,
    address: str = "",
) -> Message:
    """Queue one message of a kind, in the caller's transaction, with one INSERT; workers are woken after the commit.

    `person` is whom it is sent for, where it goes to what is not known to be hers: it is erased with her. `address`
    is the network address that asked for it: a short message is counted on it, and may end `suppressed` (`pumping`).
    `reference` is what `kind.build` is called with at each attempt (the message's own id where it is None). Raises
    LookupError when the kind is not among settings.NOTIFICATIONS_KINDS: no worker could build it.
    """
    if kinds.find(kind.name) is not kind:
        raise LookupError(f"{kind.name} is not declared in NOTIFICATIONS_KINDS")
    message = Message(
        tenant=tenant,
        channel=kind.channel,
        lane=kind.lane,
        kind=kind.name,
        reference=reference,
        locale=locale,
        person=person,
        to=[to],
        recipient=canonical.fold(to),
        category=kind.category,
        created_at=now,
        due_at=now,
        expires_at=now + kind.expires_after,
    )
    pumping.guard(message, address=address, now=now)
    message.save(force_insert=True)
    bell.ring_after_commit()
    return message


@dataclass(frozen=True, kw_only=True, slots=True)
class Accepted:
    """A message that will not be lost any more. `status` is the one the first answer named, if this is a repetition."""

    message: Message
    status: str
    replayed: bool = False


def accept_email(
    *,
    caller: UUID,
    request: EmailRequest,
    idempotency_key: str | None,
    now: datetime,
    origin: Origin,
    tenant: UUID = HOUSE,
) -> Accepted:
    """Accept a caller's own e-mail: message, key and audit entry are committed together before this returns.

    A repetition under the same key within 24 hours gives the first answer, also in parallel. Raises `Invalid`, or
    IdempotencyMismatch when the key was used for another request.
    """
    request = emails.checked(request)
    if idempotency_key is not None:
        idempotency.check_form(idempotency_key)
    message = _message_of(request, caller=caller, tenant=tenant, now=now)
    with transaction.atomic():
        if idempotency_key is not None:
            earlier = idempotency.reserve(
                message=message, key=idempotency_key, fingerprint=request.fingerprint, now=now
            )
            if earlier is not None:
                return Accepted(message=cast("Message", earlier.message), status=earlier.status, replayed=True)
        # Not earlier: a repetition of what was accepted in time is answered alike, however late it comes.
        emails.check_moment(request.send_at, now)
        message.save(force_insert=True)
        _record_acceptance(message, now=now, origin=origin)
        bell.ring_after_commit()
    return Accepted(message=message, status=message.status)


def _message_of(request: EmailRequest, *, caller: UUID, tenant: UUID, now: datetime) -> Message:
    due_at = max(request.send_at or now, now)
    return Message(
        tenant=tenant,
        lane=request.lane,
        to=list(request.to),
        recipient=canonical.fold(request.to[0]),
        subject=request.subject,
        text=request.text,
        html=request.html,
        reply_to=request.reply_to,
        category=request.category,
        metadata=dict(request.metadata),
        caller=caller,
        status=Message.Status.SCHEDULED if due_at > now else Message.Status.QUEUED,
        created_at=now,
        due_at=due_at,
        expires_at=due_at + PATIENCE[request.lane].horizon,
    )


def _record_acceptance(message: Message, *, now: datetime, origin: Origin) -> None:
    recording.record(
        MESSAGE_ACCEPTED,
        now=now,
        actor=message.caller,
        target_kind="message",
        target=message.id,
        details={
            "channel": message.channel,
            "category": message.category,
            "recipients": len(message.to),
            "scheduled": message.status == Message.Status.SCHEDULED,
        },
        origin=origin,
        tenant=message.tenant,
    )
