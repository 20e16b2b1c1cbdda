"""Sending a message of a kind: the row is the queue, and the bell after the commit is only a courtesy.

What callers ask for is `accepting`; getting messages out is `dispatching`.
"""

from datetime import datetime
from uuid import UUID

from kit import canonical
from kit.tenants import HOUSE
from notifications import bell, kinds, pumping, wording
from notifications.kinds import Kind
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

    `person` is whom it is sent for, where it goes to what is not known to be hers: it is erased with her. `address` is
    whence it was asked for, which the guard counts (`pumping`). `reference` is what `kind.build` is called with (None:
    the message's own id). Raises LookupError for a kind that NOTIFICATIONS_KINDS lacks: no worker could build it.
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
        template_version=wording.pin(name=kind.name, channel=kind.channel, locale=locale, tenant=tenant),
    )
    pumping.guard(message, address=address, now=now)
    message.save(force_insert=True)
    wording.unread(message)
    bell.ring_after_commit()
    return message
