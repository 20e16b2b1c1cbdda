"""What django-anymail makes of the reports of its services, whose signatures it has verified itself.

A project that uses it includes `anymail.urls` and connects `note` once, in an AppConfig's `ready`:

    anymail.signals.tracking.connect(notifications.callbacks.anymail.note)
"""

from typing import Any

from kit.clock import utcnow
from notifications import receipts
from notifications.callbacks.reports import Event, word

PROVIDER = "anymail"
# Its normalised events; all others are of no use here.
EVENTS: dict[str, Event] = {
    "queued": Event.ACCEPTED,
    "deferred": Event.ACCEPTED,
    "sent": Event.SENT,
    "delivered": Event.DELIVERED,
    "opened": Event.READ,
    "clicked": Event.READ,
    "failed": Event.FAILED,
    "rejected": Event.FAILED,
    "bounced": Event.BOUNCED,
    "complained": Event.COMPLAINED,
    "unsubscribed": Event.STOPPED,
}


def note(*, event: Any, esp_name: str, **_more: object) -> None:
    """Take in a tracking event: a receiver of `anymail.signals.tracking`."""
    kind, now = EVENTS.get(event.event_type), utcnow()
    if kind is None or not event.message_id:
        return
    # Not every service names its events; the same of the same message and recipient is the same one.
    name = word(event.event_id) or f"{event.message_id}:{event.event_type}:{event.recipient or ''}"
    receipts.take(
        provider=PROVIDER,
        event_id=word(f"{esp_name}:{name}", 255),
        event=kind,
        provider_id=word(event.message_id),
        recipient=word(event.recipient, 254),
        detail=word(event.reject_reason),
        occurred_at=min(event.timestamp or now, now),
        now=now,
    )
