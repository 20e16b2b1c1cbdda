"""Novu's reports (`messages.*`), signed by Standard Webhooks."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

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

# Its events by the last part of their names; all others are of no use here.
EVENTS: dict[str, Event] = {
    "queued": Event.ACCEPTED,
    "sent": Event.SENT,
    "delivered": Event.DELIVERED,
    "seen": Event.READ,
    "read": Event.READ,
    "opened": Event.READ,
    "clicked": Event.READ,
    "failed": Event.FAILED,
    "undelivered": Event.FAILED,
    "bounced": Event.BOUNCED,
    "complained": Event.COMPLAINED,
    "unsubscribed": Event.STOPPED,
}
KINDS = {"messages", "message"}


class NovuReports:
    """Reads what Novu reports."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._secrets = secrets_in(config.get("webhook_secret"))
        self.is_configured = bool(self._secrets)

    def read(self, call: Call, now: datetime) -> Sequence[Report]:
        """Return what a call reports. Raises NotTheirs."""
        event_id = signatures.holds_standard(secrets=self._secrets, headers=call.headers, body=call.body, now=now)
        if not event_id:
            raise NotTheirs
        document = document_in(call.body)
        kind, _, name = word(document.get("type")).partition(".")
        if kind not in KINDS or name not in EVENTS:
            return []
        message = _message_in(document)
        transaction = word(message.get("transactionId"))
        error = message.get("error")
        report = Report(
            event=EVENTS[name],
            event_id=word(event_id),
            provider_id=transaction,
            message_id=id_in(transaction),
            recipient=alone_in(message.get("email") or message.get("phone")),
            # What went wrong in its own word; its sentences may repeat what the message says.
            detail=word(message.get("errorId") or (error.get("code") if isinstance(error, dict) else ""), 255),
            occurred_at=moment_in(document.get("timestamp"), now),
        )
        return [report]


def _message_in(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the message that a report is of, where its versions of the form have it."""
    for path in (("data", "object"), ("object",), ("data",)):
        found = inner(document, *path)
        if isinstance(found, Mapping) and "transactionId" in found:
            return found
    return {}
