"""What comes in, what is made of it, and the little that its readers share."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

from kit.errors import InvalidToken
from notifications.models import Receipt

Event = Receipt.Event

MAX_ID, MAX_RECIPIENT, MAX_DETAIL = 200, 254, 255
MISSING = ""
_UNPRINTABLE = re.compile(r"[^ -~]+")


class NotTheirs(InvalidToken):
    """A report that its provider has not signed, not lately, or not for this address; which of these is not told."""

    default_detail = "The signature of this report does not hold."


@dataclass(frozen=True, slots=True)
class Call:
    """A report as it came: the bytes, the headers, and the address as its sender sees it."""

    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What a provider says became of a message. `message_id` where it gives our own id back."""

    event: Receipt.Event
    event_id: str
    provider_id: str = ""
    message_id: UUID | None = None
    recipient: str = ""
    detail: str = ""
    occurred_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What somebody answered to a short message: that she wants no more of them, or some again."""

    stops: bool
    event_id: str
    channel: str
    address: str
    occurred_at: datetime


class Reader(Protocol):
    """Reads the reports of one provider as it is set up."""

    is_configured: bool

    def read(self, call: Call, now: datetime) -> Sequence[Report | Wish]:
        """Return what a call reports; nothing where it reports nothing of use. Raises NotTheirs, before it is read."""
        ...


def secrets_in(text: object) -> tuple[str, ...]:
    """Return the secrets of a setting: several, by blanks or commas, while they are changed."""
    return tuple(part for part in re.split(r"[\s,]+", str(text or "")) if part)


def document_in(body: bytes) -> Mapping[str, Any]:
    """Return the JSON object of a body that is known to be theirs; an empty one where it is none."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def word(value: object, most: int = MAX_ID) -> str:
    """Return a text of a report, printable and not too long; empty where it is none."""
    return _UNPRINTABLE.sub("", value)[:most] if isinstance(value, str) else ""


def id_in(value: object) -> UUID | None:
    """Return the message's id at the beginning of a text, None where there is none."""
    try:
        return UUID(word(value)[:36])
    except ValueError:
        return None


def moment_in(value: object, now: datetime) -> datetime:
    """Return the moment that a report names, at most `now` and in UTC; `now` where it names none that can be kept."""
    try:
        moment = datetime.fromisoformat(word(value))
        return min((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC), now)
    except (ValueError, OverflowError):
        return now


def alone_in(value: object) -> str:
    """Return the recipient that a report is of, where it is of one alone."""
    if isinstance(value, list):
        return word(value[0], MAX_RECIPIENT) if len(value) == 1 else ""
    return word(value, MAX_RECIPIENT)
