"""Messages that a provider has taken and reports on later: what it tells of them, and how they then stand."""

from datetime import datetime, timedelta
from typing import Any

from kit.ids import uuid7
from notifications import receipts
from notifications.models import Message, Receipt
from notifications.testing import deliver_all, make_message

MINUTE = timedelta(minutes=1)


def stored(message: Message) -> Message:
    """Return a message as it is stored now."""
    return Message.objects.get(pk=message.pk)


def tell(message: Message, event: str, now: datetime, *, provider: str = "reporting", **fields: Any) -> bool:
    """Let a provider tell of a message; whether it was new."""
    values: dict[str, Any] = {
        "event_id": str(uuid7()),
        "provider_id": f"{provider}-{message.pk}",
        "occurred_at": now,
        "now": now,
    }
    return receipts.take(provider=provider, event=Receipt.Event(event), **values | fields)


def accepted(now: datetime, **fields: Any) -> Message:
    """Make a message that its provider has taken."""
    message = make_message(now=now, **fields)
    deliver_all(now)
    return message


def state(message: Message) -> tuple[str, str, list[str]]:
    """Return where a message stands, whom it awaits, and what came of each attempt."""
    message = stored(message)
    return message.status, message.awaiting, list(message.attempts.values_list("outcome", flat=True))
