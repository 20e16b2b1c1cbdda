"""E-mails that a caller writes: what one may say, checked before anything is stored.

No header can be smuggled in: a subject is one line of printable text, an address is an address, and whom the mail
is from is not the caller's to say.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta

from kit import canonical
from kit.errors import Invalid
from notifications.lanes import Lane

MAX_RECIPIENTS = 50
MAX_SUBJECT = 998  # octets of a line, RFC 5322, section 2.1.1
MAX_BODY = 1_048_576  # characters of text, and of HTML
MAX_METADATA = 20  # entries
MAX_METADATA_KEY = 64
MAX_METADATA_VALUE = 500
MAX_DELAY = timedelta(days=3653)
SKEW = timedelta(minutes=5)  # a clock that is a little behind means "now"

BULK_CATEGORIES = frozenset({"bulk", "marketing", "newsletter"})

_CATEGORY = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}\Z")
_CONTROL = frozenset({"Cc", "Cs", "Zl", "Zp"})

MetadataValue = str | int | float | bool | None


@dataclass(frozen=True, kw_only=True, slots=True)
class EmailRequest:
    """What a caller asks to be sent. An edge builds it from what came in; `checked` makes it one that may be stored."""

    to: tuple[str, ...]
    subject: str
    text: str = ""
    html: str = ""
    reply_to: str = ""
    category: str = ""
    metadata: Mapping[str, MetadataValue] = field(default_factory=dict)
    send_at: datetime | None = None

    @property
    def lane(self) -> Lane:
        """The lane, by category. A caller can step back behind others, never in front of them."""
        return Lane.BULK if self.category in BULK_CATEGORIES else Lane.NORMAL

    @property
    def fingerprint(self) -> str:
        """SHA-256 of everything asked for, in hex: equal for equal requests."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True, default=str).encode()).hexdigest()


def checked(request: EmailRequest) -> EmailRequest:
    """Return the request with its addresses trimmed. Raises `Invalid` naming the field that breaks a rule."""
    if not 1 <= len(request.to) <= MAX_RECIPIENTS:
        raise Invalid("to", f"Name 1 to {MAX_RECIPIENTS} recipients.", "recipient_count")
    alone = len(request.to) == 1
    to = tuple(_address(one, "to" if alone else f"to.{position}") for position, one in enumerate(request.to))
    if len({canonical.fold(one) for one in to}) < len(to):
        raise Invalid("to", "Name each recipient once.", "duplicate_recipient")
    _check_subject(request.subject)
    _check_bodies(request)
    if request.category and not _CATEGORY.match(request.category):
        raise Invalid("category", "Use at most 64 lower-case letters, digits, dots, hyphens or underscores.")
    _check_metadata(request.metadata)
    return replace(request, to=to, reply_to=request.reply_to and _address(request.reply_to, "reply_to"))


def check_moment(send_at: datetime | None, now: datetime) -> None:
    """Raise `Invalid` for a moment that is past (by more than five minutes) or more than ten years ahead."""
    if send_at is not None and send_at < now - SKEW:
        raise Invalid("send_at", "This moment has passed.", "past")
    if send_at is not None and send_at > now + MAX_DELAY:
        raise Invalid("send_at", "Choose a moment within ten years.", "too_far")


def _address(text: str, field: str) -> str:
    """Return the address as it was written, trimmed: what comes before the @ is its owner's business (RFC 5321)."""
    canonical.address(text, field=field)
    trimmed = text.strip()
    # Folding turns some letters into others; mail for one would go to somebody else.
    if not trimmed.isascii():
        raise Invalid(field, "Enter an e-mail address such as anna@example.com.", "invalid_email")
    return trimmed


def _check_subject(subject: str) -> None:
    if not subject.strip():
        raise Invalid("subject", "A mail needs a subject.", "required")
    if len(subject.encode("utf-8", "replace")) > MAX_SUBJECT:
        raise Invalid("subject", f"Use at most {MAX_SUBJECT} bytes.", "max_length")
    if any(unicodedata.category(char) in _CONTROL for char in subject):
        raise Invalid("subject", "A subject is one line of printable text.", "control")


def _check_bodies(request: EmailRequest) -> None:
    if not (request.text.strip() or request.html.strip()):
        raise Invalid("text", "A mail needs text or HTML.", "required")
    for name, body in (("text", request.text), ("html", request.html)):
        if len(body) > MAX_BODY:
            raise Invalid(name, f"Use at most {MAX_BODY:,} characters.", "max_length")
        _check_storable(name, body)


def _check_metadata(metadata: Mapping[str, MetadataValue]) -> None:
    if len(metadata) > MAX_METADATA:
        raise Invalid("metadata", f"Use at most {MAX_METADATA} entries.", "max_length")
    for key, value in metadata.items():
        _check_storable("metadata", key)
        if not 1 <= len(key) <= MAX_METADATA_KEY:
            raise Invalid("metadata", f"Use keys of 1 to {MAX_METADATA_KEY} characters.", "max_length")
        if not isinstance(value, str | int | float | bool | None):
            raise Invalid(f"metadata.{key}", "Use text, a number, true, false or null.", "invalid")
        if isinstance(value, str):
            _check_storable(f"metadata.{key}", value)
            if len(value) > MAX_METADATA_VALUE:
                raise Invalid(f"metadata.{key}", f"Use at most {MAX_METADATA_VALUE} characters.", "max_length")


def _check_storable(field: str, text: str) -> None:
    """Raise `Invalid` for a NUL, which PostgreSQL cannot keep, and half a surrogate pair, which is no text."""
    if "\x00" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise Invalid(field, "This text holds a character that cannot be stored.", "invalid_text")
