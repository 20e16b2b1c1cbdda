"""What a caller asks to be sent, and the rules that hold on every channel."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kit.errors import Invalid
from notifications.attachments import Upload
from notifications.channels import Channel

MAX_SUBJECT = 998  # octets of a line, RFC 5322, section 2.1.1
MAX_BODY = 1_048_576  # characters of text, and of HTML
MAX_METADATA = 20  # entries
MAX_METADATA_KEY = 64
MAX_METADATA_VALUE = 500
MAX_TEMPLATE_NAME = 100

_CATEGORY = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}\Z")
_CONTROL = frozenset({"Cc", "Cs", "Zl", "Zp"})

MetadataValue = str | int | float | bool | None


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageRequest:
    """One message on one channel: the caller's own words, or a template and what it is filled with.

    `subject` is the title of a push or in-app message too; `text` is its body, and that of a short message; `payload`
    goes along with a push message.
    """

    to: tuple[str, ...]
    channel: str = Channel.EMAIL
    subject: str = ""
    text: str = field(default="", repr=False)
    html: str = field(default="", repr=False)
    payload: Mapping[str, str] = field(default_factory=dict, repr=False)
    reply_to: str = ""
    attachments: tuple[Upload, ...] = field(default=(), repr=False)
    template: str = ""
    context: Mapping[str, Any] = field(default_factory=dict, repr=False)
    locale: str = ""
    category: str = ""
    metadata: Mapping[str, MetadataValue] = field(default_factory=dict)
    send_at: datetime | None = None
    expires_at: datetime | None = None
    ttl: int | None = None


def check_common(request: MessageRequest) -> None:
    """Raise `Invalid` for what breaks a rule that holds on every channel."""
    if request.category and not _CATEGORY.match(request.category):
        raise Invalid("category", "Use at most 64 lower-case letters, digits, dots, hyphens or underscores.")
    _check_metadata(request.metadata)
    if request.template:
        for name in ("subject", "text", "html"):
            if getattr(request, name):
                raise Invalid(name, "Give a template or words of your own, not both.", "one_of")
    elif request.context:
        raise Invalid("context", "Only a template has a context.", "one_of")


def check_line(field: str, text: str, *, most: int = MAX_SUBJECT) -> None:
    """Raise `Invalid` unless a text is one printable line of at most so many bytes."""
    if not text.strip():
        raise Invalid(field, f"A message of this kind needs a {field}.", "required")
    if len(text.encode("utf-8", "replace")) > most:
        raise Invalid(field, f"Use at most {most} bytes.", "max_length")
    if any(unicodedata.category(char) in _CONTROL for char in text):
        raise Invalid(field, f"A {field} is one line of printable text.", "control")


def check_body(field: str, text: str, *, most: int = MAX_BODY) -> None:
    """Raise `Invalid` for a text that is too long or cannot be stored."""
    if len(text) > most:
        raise Invalid(field, f"Use at most {most:,} characters.", "max_length")
    check_storable(field, text)


def check_storable(field: str, text: str) -> None:
    """Raise `Invalid` for a NUL, which PostgreSQL cannot keep, and half a surrogate pair, which is no text."""
    if "\x00" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise Invalid(field, "This text holds a character that cannot be stored.", "invalid_text")


def _check_metadata(metadata: Mapping[str, MetadataValue]) -> None:
    if len(metadata) > MAX_METADATA:
        raise Invalid("metadata", f"Use at most {MAX_METADATA} entries.", "max_length")
    for key, value in metadata.items():
        check_storable("metadata", key)
        if not 1 <= len(key) <= MAX_METADATA_KEY:
            raise Invalid("metadata", f"Use keys of 1 to {MAX_METADATA_KEY} characters.", "max_length")
        if not isinstance(value, str | int | float | bool | None):
            raise Invalid(f"metadata.{key}", "Use text, a number, true, false or null.", "invalid")
        if isinstance(value, str):
            check_storable(f"metadata.{key}", value)
            if len(value) > MAX_METADATA_VALUE:
                raise Invalid(f"metadata.{key}", f"Use at most {MAX_METADATA_VALUE} characters.", "max_length")
