"""The root keys, and the one way to use them: through a key of its own for each purpose (HKDF-SHA256, RFC 5869).

No root key ever encrypts or signs, so that what one purpose makes can never be accepted by another.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vault import conf

KEY_BYTES = 32
_ID = re.compile(r"[A-Za-z0-9_-]{1,32}\Z")
_DISTINCT_BYTES = 12  # 32 random bytes have about 30 different ones; fewer than 12 is a pattern, not a key


class UnknownKey(LookupError):
    """No root key has this id: it was removed from the settings, or the value that names it is forged."""


class BadKeys(ValueError):
    """VAULT_KEYS breaks a rule. The message names the position of the entry, never a part of its value."""


def ids() -> tuple[str, ...]:
    """Return the ids of all root keys, the active one first, the oldest last."""
    return tuple(parse(conf.keys()))


def active_id() -> str:
    """Return the id of the root key that new values are made under."""
    return ids()[0]


def oldest_id() -> str:
    """Return the id of the root key that is listed last."""
    return ids()[-1]


def purpose_key(purpose: str, *, key_id: str | None = None) -> bytes:
    """Return the 32-byte key of a purpose, under the active root key or the one named.

    The same arguments give the same key in every process. Raises `UnknownKey`.
    """
    keys = parse(conf.keys())
    chosen = active_id() if key_id is None else key_id
    if chosen not in keys:
        raise UnknownKey(chosen)
    return _derive(keys[chosen], purpose)


@lru_cache(maxsize=8)
def parse(text: str) -> Mapping[str, bytes]:
    """Return the root keys in a VAULT_KEYS text by id, in order. Raises `BadKeys`."""
    if not text.strip():
        raise BadKeys("VAULT_KEYS is empty.")
    keys: dict[str, bytes] = {}
    for position, entry in enumerate(text.split(","), start=1):
        key_id, key = _entry(position, entry)
        if key_id in keys or key in keys.values():
            raise BadKeys(f"Entry {position} of VAULT_KEYS repeats an earlier one.")
        keys[key_id] = key
    return MappingProxyType(keys)


def _entry(position: int, entry: str) -> tuple[str, bytes]:
    key_id, colon, encoded = entry.strip().partition(":")
    if not colon or not _ID.match(key_id):
        raise BadKeys(f"Entry {position} of VAULT_KEYS is not of the form id:base64.")
    try:
        # Both alphabets of RFC 4648, padded or not: key generators differ.
        bare = encoded.rstrip("=").translate(str.maketrans("-_", "+/"))
        key = base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise BadKeys(f"Entry {position} of VAULT_KEYS is not base64.") from None
    if len(key) != KEY_BYTES:
        raise BadKeys(f"Entry {position} of VAULT_KEYS is not {KEY_BYTES} bytes long.")
    if len(set(key)) < _DISTINCT_BYTES:
        raise BadKeys(f"Entry {position} of VAULT_KEYS is not random.")
    return key_id, key


@lru_cache(maxsize=256)
def _derive(root: bytes, purpose: str) -> bytes:
    kdf = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"gatehouse/" + purpose.encode())
    return kdf.derive(root)
