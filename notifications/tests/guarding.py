"""Drafts of short messages, for the tests of the guard and of what messages cost."""

from datetime import datetime
from typing import Any
from uuid import UUID

from notifications.channels import Channel
from notifications.drafts import Draft
from notifications.models import Message

NUMBER = "+4915112345678"


def draft_to(
    number: str = NUMBER,
    *,
    now: datetime,
    kind: str = "notifications.short_greeting",
    person: UUID | None = None,
    address: str = "",
    **fields: Any,
) -> Draft:
    """Return a draft of a code to a number."""
    values: dict[str, Any] = {"channel": Channel.SMS, "kind": kind, "to": [number], "recipient": number}
    message = Message(**values, created_at=now, due_at=now, **fields)
    return Draft(message=message, person=person, must_arrive=True, address=address)


def numbers_of(prefix: str, count: int) -> list[str]:
    """Return numbers one after the other."""
    return [f"{prefix}{last:04d}" for last in range(count)]
