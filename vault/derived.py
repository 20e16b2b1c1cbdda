"""Secrets that are derived, not stored: links and tokens that each attempt to deliver can make again.

The text is a function of the keyring and the row's id, so a queue or a retry needs the id alone, and the table
keeps only the digest and the id of the root key that it was made under.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from uuid import UUID

from vault import keyring

TEXT_LENGTH = 43


@dataclass(frozen=True, slots=True)
class Derived:
    """A new secret. `text` goes to its owner and nowhere else; `digest` and `key_id` go into the row."""

    text: str = field(repr=False)
    digest: str
    key_id: str


def mint(purpose: str, row_id: UUID) -> Derived:
    """Return the secret of a row for a purpose, under the active root key. 256 bits; 43 characters, safe in a URL."""
    key_id = keyring.active_id()
    text = again(purpose, row_id, key_id)
    return Derived(text=text, digest=digest(text), key_id=key_id)


def again(purpose: str, row_id: UUID, key_id: str) -> str:
    """Return the text that `mint` gave for this row. Raises `keyring.UnknownKey` when its root key is gone."""
    key = keyring.purpose_key(f"derived/{purpose}", key_id=key_id)
    mac = hmac.new(key, row_id.bytes, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


def digest(text: str) -> str:
    """Return what a secret is looked up by: its SHA-256, as 64 hexadecimal digits. Takes any text, never raises.

    Plain and unkeyed on purpose: only for secrets of 128 random bits or more, where guessing is no way in.
    """
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def key_from(text: str, *, purpose: str) -> bytes:
    """Return a 32-byte key for `sealing.seal_under`, derived from the text of a secret of 128 random bits or more.

    Whoever holds the table alone cannot make it; whoever holds the text can.
    """
    return hmac.new(b"key/" + purpose.encode(), text.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
