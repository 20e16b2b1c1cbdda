"""The little CBOR (RFC 8949) that authenticators speak: CTAP 2's canonical form, a few levels deep, nothing behind it.

A decoder takes far more: lengths that are open, tags that build cycles or numbers of any size, bytes left over. What
is read here first holds none of that, so that two readers of it cannot differ and no reader is kept busy.
"""

from typing import Final, NoReturn

MAX_DEPTH: Final = 4  # CTAP 2.1, section 8

_BYTES, _TEXT, _ARRAY, _MAP, _OTHER = 2, 3, 4, 5, 7  # major types; 0 and 1 are whole numbers
_FALSE_TRUE_NULL = frozenset({20, 21, 22})
_INLINE, _LONGEST = 24, 27  # values below the one are written in place; above the other are lengths that are open


class Malformed(ValueError):
    """Bytes that are no CBOR of this form."""


def end_of(data: bytes, at: int = 0, *, depth: int = 1) -> int:
    """Return where the item that begins at `at` ends, in time that grows with its length. Raises `Malformed`."""
    major, value, at = _head(data, at)
    if major < _BYTES:
        return at
    if major in {_BYTES, _TEXT}:
        return at + value if at + value <= len(data) else _refuse("too short")
    if major in {_ARRAY, _MAP}:
        return _end_of_items(data, at, value * (2 if major == _MAP else 1), depth)
    return at if major == _OTHER and value in _FALSE_TRUE_NULL else _refuse("a tag, or a value of another kind")


def _end_of_items(data: bytes, at: int, count: int, depth: int) -> int:
    if depth > MAX_DEPTH:
        _refuse("too deep")
    if count > len(data) - at:  # each takes a byte at least
        _refuse("too short")
    for _ in range(count):
        at = end_of(data, at, depth=depth + 1)
    return at


def _head(data: bytes, at: int) -> tuple[int, int, int]:
    """Return the major type, the value, and where what follows them begins."""
    if at >= len(data):
        _refuse("too short")
    major, value = data[at] >> 5, data[at] & 0b11111
    at += 1
    if value < _INLINE:
        return major, value, at
    if value > _LONGEST:
        _refuse("a length that is open")
    size = 1 << (value - _INLINE)
    if at + size > len(data):
        _refuse("too short")
    long = int.from_bytes(data[at : at + size])
    if long < (_INLINE if size == 1 else 1 << (4 * size)):
        _refuse("longer than it need be")
    return major, long, at + size


def _refuse(why: str) -> NoReturn:
    raise Malformed(why)
