"""The tables, by what they are about."""

from notifications.models.messages import Attachment, Attempt, IdempotencyKey, Message, Receipt
from notifications.models.people import (
    Inbox,
    InboxItem,
    Preference,
    PushTarget,
    QuietHours,
    Suppression,
)
from notifications.models.providers import ProviderAccount, ProviderState, Usage
from notifications.models.templates import Brand, Template, TemplateVersion

__all__ = [
    "Attachment",
    "Attempt",
    "Brand",
    "IdempotencyKey",
    "Inbox",
    "InboxItem",
    "Message",
    "Preference",
    "ProviderAccount",
    "ProviderState",
    "PushTarget",
    "QuietHours",
    "Receipt",
    "Suppression",
    "Template",
    "TemplateVersion",
    "Usage",
]
