"""Resend's reports (`email.*`), signed by Svix."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from notifications.callbacks import signatures
from notifications.callbacks.reports import (
    Call,
    Event,
    NotTheirs,
    Report,
    alone_in,
    document_in,
    id_in,
    moment_in,
    secrets_in,
    word,
)
from notifications.providers.http import inner

# Its events; all others (of contacts, of domains, of mail that comes in) are of no use here.
EVENTS: dict[str, Event] = {
    "email.scheduled": Event.ACCEPTED,
    "email.delivery_delayed": Event.ACCEPTED,
    "email.sent": Event.SENT,
    "email.delivered": Event.DELIVERED,
    "email.opened": Event.READ,
    "email.clicked": Event.READ,
    "email.failed": Event.FAILED,
    "email.bounced": Event.BOUNCED,
    "email.suppressed": Event.BOUNCED,
    "email.complained": Event.COMPLAINED,
}
# Bounces that say nothing about the address: another provider may try, and nothing is learned.
PASSING = {"Transient", "Undetermined"}


class ResendReports:
    """Reads what Resend reports."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._secrets = secrets_in(config.get("webhook_secret"))
        self.is_configured = bool(self._secrets)

    def read(self, call: Call, now: datetime) -> Sequence[Report]:
        """Return what a call reports. Raises NotTheirs."""
        event_id = signatures.holds_standard(
            secrets=self._secrets, headers=call.headers, body=call.body, now=now, prefix="svix"
        )
        if not event_id:
            raise NotTheirs
        document = document_in(call.body)
        event = EVENTS.get(word(document.get("type")))
        if event is None:
            return []
        bounce = word(inner(document, "data", "bounce", "type"))
        report = Report(
            event=Event.FAILED if event is Event.BOUNCED and bounce in PASSING else event,
            event_id=word(event_id),
            provider_id=word(inner(document, "data", "email_id")),
            message_id=_message_in(inner(document, "data", "tags")),
            recipient=alone_in(inner(document, "data", "to")),
            detail=word(" ".join((bounce, word(inner(document, "data", "bounce", "subType")))).strip(), 255),
            occurred_at=moment_in(document.get("created_at"), now),
        )
        return [report]


def _message_in(tags: object) -> UUID | None:
    """Return the id that we gave along as a tag; reports list tags by name, or as they were given."""
    if isinstance(tags, Mapping):
        return id_in(tags.get("message"))
    listed = tags if isinstance(tags, list) else []
    return next((id_in(one.get("value")) for one in listed if inner(one, "name") == "message"), None)
