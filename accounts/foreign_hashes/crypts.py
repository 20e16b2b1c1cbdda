"""The crypt(3) family and phpass, which no library of the house knows: nothing but digests of digests.

Written here because Python drops `crypt` with 3.13 and it was never on every system. Held against vectors of other
implementations. Each function returns the raw digest; `decoded` turns a written checksum into the same bytes.
"""

import hashlib
from typing import Any, Final

ALPHABET: Final = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
PERIOD = 42  # the least common multiple of 2, 3 and 7: after so many rounds the pattern of a SHA-crypt begins anew
MD5_ROUNDS = 1000

# Which three bytes of the digest each four characters of the checksum are made of (the last ones of two or one).
_TRIPLES_SHA512 = tuple(
    (offset, offset + 21, offset + 42)[shift:] + (offset, offset + 21, offset + 42)[:shift]
    for offset, shift in ((offset, offset % 3) for offset in range(21))
)
_TRIPLES_SHA256 = tuple(
    (offset, offset + 10, offset + 20)[shift:] + (offset, offset + 10, offset + 20)[:shift]
    for offset, shift in ((offset, -offset % 3) for offset in range(10))
)
_ORDERS: Final[dict[str, tuple[tuple[int, ...], ...]]] = {
    "sha512": (*_TRIPLES_SHA512, (63,)),
    "sha256": (*_TRIPLES_SHA256, (31, 30)),
    "md5": ((0, 6, 12), (1, 7, 13), (2, 8, 14), (3, 9, 15), (4, 10, 5), (11,)),
}


def sha_crypt(name: str, typed: bytes, salt: bytes, rounds: int) -> bytes:
    """Return the digest of SHA-crypt by Ulrich Drepper's specification; `name` is sha256 or sha512."""
    make: Any = getattr(hashlib, name)
    alternate = make(typed + salt + typed).digest()
    mixed = make(typed + salt + _repeated(alternate, len(typed)))
    for bit in _bits(len(typed)):
        mixed.update(alternate if bit else typed)
    digest: bytes = mixed.digest()
    word = _repeated(make(typed * len(typed)).digest(), len(typed))
    grain = _repeated(make(salt * (16 + digest[0])).digest(), len(salt))
    return _stirred(make, digest, word, grain, rounds)


def md5_crypt(typed: bytes, salt: bytes, magic: bytes = b"$1$") -> bytes:
    """Return the digest of MD5-crypt (FreeBSD's `$1$`, Apache's `$apr1$`)."""
    alternate = _md5(typed + salt + typed)
    mixed = typed + magic + salt + _repeated(alternate, len(typed))
    mixed += b"".join(b"\0" if bit else typed[:1] for bit in _bits(len(typed)))
    return _stirred(hashlib.md5, _md5(mixed), typed, salt, MD5_ROUNDS)


def phpass(name: str, typed: bytes, salt: bytes, rounds_log2: int) -> bytes:
    """Return the digest of phpass: MD5 in WordPress and phpBB, SHA-512 in Drupal 7."""
    make: Any = getattr(hashlib, name)
    digest: bytes = make(salt + typed).digest()
    for _ in range(1 << rounds_log2):
        digest = make(digest + typed).digest()
    return digest


def decoded(name: str, checksum: str) -> bytes:
    """Return the digest that a crypt checksum spells. Raises ValueError for characters or a length that do not fit."""
    order = _ORDERS[name]
    digest = bytearray(sum(len(triple) for triple in order))
    position = 0
    for triple in order:
        taken = checksum[position : position + len(triple) + 1]
        value = _value_of(taken)
        if len(taken) != len(triple) + 1 or value >> 8 * len(triple):
            raise ValueError("not a checksum of this kind")
        for place in reversed(triple):
            digest[place] = value & 0xFF
            value >>= 8
        position += len(taken)
    if position != len(checksum):
        raise ValueError("not a checksum of this kind")
    return bytes(digest)


def little_endian(checksum: str) -> bytes:
    """Return the bytes that phpass spells: three at a time, the first one lowest; what is left of a byte is cut."""
    made = bytearray()
    for start in range(0, len(checksum), 4):
        taken = checksum[start : start + 4]
        made += _value_of(taken).to_bytes(3, "little")[: len(taken) * 6 // 8]
    return bytes(made)


def _stirred(make: Any, digest: bytes, word: bytes, grain: bytes, rounds: int) -> bytes:
    """Run the rounds of MD5- and SHA-crypt. What goes round with the digest repeats, so it is put together once."""
    pattern = [_around(word, grain, number) for number in range(PERIOD)]
    for start in range(0, rounds, PERIOD):
        for before, after in pattern[: rounds - start]:
            digest = make(before + digest + after).digest()
    return digest


def _around(word: bytes, grain: bytes, number: int) -> tuple[bytes, bytes]:
    """Return what stands before and behind the digest in the round of this number."""
    middle = (grain if number % 3 else b"") + (word if number % 7 else b"")
    return (word + middle, b"") if number % 2 else (b"", middle + word)


def _repeated(text: bytes, length: int) -> bytes:
    return (text * (length // len(text) + 1))[:length]


def _bits(number: int) -> list[int]:
    """Return the bits of a number, the lowest first; none of 0."""
    return [number >> place & 1 for place in range(number.bit_length())]


def _md5(text: bytes) -> bytes:
    return hashlib.md5(text, usedforsecurity=False).digest()


def _value_of(text: str) -> int:
    """Return the number that characters of the crypt alphabet spell, the lowest first. Raises ValueError."""
    return sum(ALPHABET.index(char) << 6 * place for place, char in enumerate(text))
