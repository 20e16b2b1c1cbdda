"""Digests that only the holder of the keyring can make: blind indexes and the keys of counters (HMAC-SHA256, RFC 2104).

They are made under the *oldest* root key, not the active one: a key that is added in front must not make every
stored digest unfindable. Dropping the oldest key is the moment to rebuild what is indexed by them.
"""

import hashlib
import hmac

from vault import keyring


def keyed(purpose: str, text: str, *, key_id: str | None = None) -> str:
    """Return the digest of a text for a purpose, as 64 hexadecimal digits, under the oldest root key or the one named.

    Any text is taken as it is, lone surrogates too: canonical form is the caller's part. Raises `keyring.UnknownKey`.
    """
    name = _named(purpose)
    return _made(keyring.oldest_key(name) if key_id is None else keyring.purpose_key(name, key_id=key_id), text)


def under_each(purpose: str, text: str) -> list[str]:
    """Return the digests of a text under every root key that there is this moment; otherwise as `keyed`."""
    return [_made(key, text) for key in keyring.each_key(_named(purpose))]


def _named(purpose: str) -> str:
    return f"digest/{purpose}"


def _made(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
