"""What can happen here, for the audit log."""

from audit.vocabulary import EventType

MESSAGE_ACCEPTED = EventType(
    "notifications.message.accepted",
    "A caller's message was accepted for sending",
    fields={"channel", "category", "recipients", "scheduled"},
)
