"""Messages to hand to a provider."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from kit.clock import utcnow
from kit.ids import uuid7
from notifications.providers.base import Doubt, Email, Push, Text


def mail(**fields: Any) -> Email:
    """Return a mail that is ready to go."""
    values = {"to": ("anna@example.com",), "subject": "Hello", "text": "Hello, Anna.", "html": "<p>Hello</p>"}
    return Email(**{"id": uuid7(), "key": f"{uuid7()}-0", "at": utcnow(), **values, **fields})


def text(**fields: Any) -> Text:
    """Return a short message that is ready to go."""
    values = {"to": "+4915112345678", "text": "Your code is 123456.", "channel": "sms"}
    return Text(**{"id": uuid7(), "key": f"{uuid7()}-0", "at": utcnow(), **values, **fields})


def push(**fields: Any) -> Push:
    """Return a push message that is ready to go."""
    values = {"to": "device-1", "title": "Hello", "body": "Anna", "data": {"a": "b"}}
    return Push(**{"id": uuid7(), "key": f"{uuid7()}-0", "at": utcnow(), **values, **fields})


def doubt(since: datetime | None = None, *, others: Sequence[str] = ()) -> Doubt:
    """Return what is known of a message in doubt: since when, and which of the provider's names are another's."""
    return Doubt(since=since or utcnow(), claim=lambda names: next((one for one in names if one not in others), ""))
