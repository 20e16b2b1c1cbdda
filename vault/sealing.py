"""Sealed values: encrypted, authenticated, and bound to the place where they lie (AES-256-GCM, NIST SP 800-38D).

The place (label and row) is authenticated but not stored, so a sealed value that is copied to another row or
column does not open there. Nonces are random; each label has a key of its own, which keeps every key far below
the 2^32 values that random 96-bit nonces allow.

    version (1: under the keyring, 2: under a caller's key) | length and text of the key id | nonce, 12 | box
"""

import os
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vault import keyring

_RING, _CALLER = b"\x01", b"\x02"
_NONCE_BYTES = 12
_TAG_BYTES = 16


class CannotUnseal(Exception):
    """Tampered, truncated, moved, or under a key that is gone. One answer for all, so that nobody can probe."""


def seal(plaintext: bytes, *, label: str, row: str) -> bytes:
    """Return the plaintext sealed under the active key, to be opened with the same label and row alone.

    `label` names the kind of place (`app.Model.field`), `row` the id within it. The same plaintext never seals
    to the same bytes twice.
    """
    key_id = keyring.active_id()
    return _close(_label_key(label, key_id), header(key_id), plaintext, label=label, row=row)


def header(key_id: str) -> bytes:
    """Return how everything begins that is sealed under the root key of this id, and nothing else does."""
    name = key_id.encode()
    return _RING + bytes([len(name)]) + name


def unseal(sealed: bytes | memoryview, *, label: str, row: str) -> bytes:
    """Return the plaintext of what `seal` made, under whichever root key it was made. Raises `CannotUnseal`."""
    box = bytes(sealed)
    key_id = key_id_of(box)
    try:
        key = _label_key(label, key_id)
    except keyring.UnknownKey:
        raise CannotUnseal from None
    begin = header(key_id)
    return _open(key, begin, box[len(begin) :], label=label, row=row)


def key_id_of(sealed: bytes | memoryview) -> str:
    """Return the id of the root key that `seal` used. Raises `CannotUnseal` for what it cannot have made."""
    version, length, rest = bytes(sealed[:1]), bytes(sealed[1:2]), bytes(sealed[2:])
    if version != _RING or not length or len(rest) < length[0]:
        raise CannotUnseal
    try:
        return rest[: length[0]].decode("ascii")
    except UnicodeDecodeError:
        raise CannotUnseal from None


def seal_under(key: bytes, plaintext: bytes, *, label: str, row: str) -> bytes:
    """Return the plaintext sealed under the caller's own 32-byte key; otherwise as `seal`."""
    return _close(_checked(key), _CALLER, plaintext, label=label, row=row)


def unseal_under(key: bytes, sealed: bytes | memoryview, *, label: str, row: str) -> bytes:
    """Return the plaintext of what `seal_under` made with the same key. Raises `CannotUnseal`."""
    box = bytes(sealed)
    if box[:1] != _CALLER:
        raise CannotUnseal
    return _open(_checked(key), _CALLER, box[1:], label=label, row=row)


def _label_key(label: str, key_id: str) -> bytes:
    return keyring.purpose_key(f"seal/{label}", key_id=key_id)


def _checked(key: bytes) -> bytes:
    if len(key) != keyring.KEY_BYTES:
        raise ValueError(f"A sealing key has {keyring.KEY_BYTES} bytes.")
    return key


def _close(key: bytes, header: bytes, plaintext: bytes, *, label: str, row: str) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return header + nonce + AESGCM(key).encrypt(nonce, plaintext, _bound(header, label, row))


def _open(key: bytes, header: bytes, rest: bytes, *, label: str, row: str) -> bytes:
    return decrypt(key, rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], _bound(header, label, row))


def decrypt(key: bytes, nonce: bytes, box: bytes, bound: bytes) -> bytes:
    """Return the plaintext of an AES-GCM box (ciphertext, then tag) with its associated data. Raises `CannotUnseal`."""
    if len(nonce) != _NONCE_BYTES or len(box) < _TAG_BYTES:
        raise CannotUnseal
    try:
        return AESGCM(key).decrypt(nonce, box, bound)
    except InvalidTag:
        raise CannotUnseal from None


def _bound(header: bytes, label: str, row: str) -> bytes:
    # The length in front of the label keeps ("a", "bc") apart from ("ab", "c").
    name = label.encode()
    return header + struct.pack(">I", len(name)) + name + row.encode()
