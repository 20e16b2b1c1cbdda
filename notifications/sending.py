"""Accepting messages. Accepted means committed: the row is the queue, and the bell after the commit is only a courtesy.

The other half, getting them out, is `dispatching`.
"""

from datetime import datetime
from uuid import UUID

from kit import canonical
from kit.tenants import HOUSE
from notifications import bell, kinds
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
) -> Message:
    """Queue one e-mail of a kind, in the caller's transaction, with one INSERT; workers are woken after the commit.

    `reference` is what `kind.build` is called with at each attempt (the message's own id where it is None). Raises
    LookupError when the kind is not among settings.NOTIFICATIONS_KINDS: no worker could build it.
    """
    if kinds.find(kind.name) is not kind:
        raise LookupError(f"{kind.name} is not declared in NOTIFICATIONS_KINDS")
    message = Message.objects.create(
        tenant=tenant,
        lane=kind.lane,
        kind=kind.name,
        reference=reference,
        locale=locale,
        to=[to],
        recipient=canonical.fold(to),
        category=kind.category,
        created_at=now,
        due_at=now,
        expires_at=now + kind.expires_after,
    )
    bell.ring_after_commit()
    return message
