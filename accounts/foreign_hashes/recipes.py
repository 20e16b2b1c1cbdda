"""How a digest is made of a password: the schemes of other systems, what each costs, and how much of that we bear.

A recipe beyond its bounds is refused wherever it turns up, at the import and at a sign-in, so that no stored text can
stall the house: the dearest one that is allowed takes about one second of one core and 128 MiB.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import bcrypt
from argon2.low_level import Type, hash_secret_raw

from accounts.foreign_hashes import crypts

KEPT = 32  # bytes of a digest that are kept and compared: 256 bits are as good as 512
LEAST_DIGEST = 16
BCRYPT_READS = 72  # bytes; whatever stands behind them never counted
CRYPT_READS = 128  # bytes; crypt and phpass hash the password in every round, so a long one would multiply their cost
MOST_MEMORY = 128 * 1024  # KiB
MOST_ARGON2_WORK = 512 * 1024  # KiB * passes
MOST_SCRYPT_WORK = 2**21  # N * r * p
MOST_PBKDF2 = 2_000_000
MOST_BCRYPT = 14
MOST_CRYPT_ROUNDS = 700_000
MOST_PHPASS = 18
MOST_SALT = 256  # bytes

_ARGON2_TYPES: Final = {"argon2i": Type.I, "argon2d": Type.D, "argon2id": Type.ID}
_ARGON2_VERSIONS: Final = (16, 19)
_PLAIN_SALT = re.compile(rb"[A-Za-z0-9/_-][A-Za-z0-9./_-]*\Z")
# OWASP Password Storage Cheat Sheet, 2023: what is weaker than this is cheaper to break than our Argon2id.
_STRONG_PBKDF2: Final = {"sha1": 1_300_000, "sha256": 600_000, "sha512": 210_000}
_STRONG_BCRYPT = 10
_BCRYPT_CHECKSUM = 31  # characters; kept as they are written
_BCRYPT_ALPHABET: Final = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_BCRYPT_SALT = re.compile(rb"[./A-Za-z0-9]{22}")
_ARGON2_SALT = re.compile(rb".{8,}", re.DOTALL)  # the least of RFC 9106
_ANY_SALT = re.compile(rb".*", re.DOTALL)
_STRONG_SCRYPT = {17: 1, 16: 2, 15: 3, 14: 5, 13: 10}  # log2 N: p, at r = 8
_STRONG_ARGON2 = {1: 47_104, 2: 19_456, 3: 12_288, 4: 9_216, 5: 7_168}  # passes: KiB


class Unaffordable(Exception):
    """Checking against this would take longer or more memory than a sign-in may; the message names the bound."""


class Malformed(Exception):
    """Not of the form that it claims to be."""


Costs = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Scheme:
    """One way of making a digest. `costs` says how many numbers it takes; the functions take those numbers."""

    costs: int
    derive: Callable[[bytes, bytes, Costs], bytes]
    bound: Callable[[Costs], str]
    is_weak: Callable[[Costs], bool]
    longest: int | None = None  # bytes of a password that fits at all
    salt: re.Pattern[bytes] = _ANY_SALT


@dataclass(frozen=True, slots=True)
class Recipe:
    """A scheme with its costs and its salt: everything but the password. Raises `Malformed` or `Unaffordable`."""

    scheme: str
    costs: Costs
    salt: bytes

    def __post_init__(self) -> None:
        scheme = SCHEMES.get(self.scheme)
        if scheme is None or len(self.costs) != scheme.costs or len(self.salt) > MOST_SALT:
            raise Malformed
        if not scheme.salt.fullmatch(self.salt):
            raise Malformed
        if broken := scheme.bound(self.costs):
            raise Unaffordable(broken)

    @property
    def is_weak(self) -> bool:
        """Say whether its digests are cheaper to break than ours."""
        return SCHEMES[self.scheme].is_weak(self.costs)

    def derive(self, password: str) -> bytes | None:
        """Return what is kept of the digest, or None for a password that this scheme never took."""
        scheme, text = SCHEMES[self.scheme], password.encode()
        if scheme.longest is not None and len(text) > scheme.longest:
            return None
        if b"\0" in text and self.scheme in _ENDED_BY_NUL:
            return None
        return scheme.derive(text, self.salt, self.costs)[:KEPT]

    def __str__(self) -> str:
        return f"{self.scheme}${','.join(map(str, self.costs))}${_salt_text(self.salt)}"


def parse(scheme: str, costs: str, salt: str) -> Recipe:
    """Return the recipe whose three written parts these are. Raises `Malformed` or `Unaffordable`."""
    try:
        numbers = tuple(int(cost) for cost in costs.split(",") if cost)
        return Recipe(scheme, numbers, _salt_of(salt))
    except ValueError as error:
        raise Malformed from error


def encoded(octets: bytes) -> str:
    """Return Base64 without its padding."""
    return base64.b64encode(octets).decode().rstrip("=")


def decoded(text: str) -> bytes:
    """Return the bytes of Base64 with or without padding. Raises `Malformed`."""
    bare = text.rstrip("=")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except ValueError as error:
        raise Malformed from error


def _salt_text(salt: bytes) -> str:
    return "." + salt.decode() if _PLAIN_SALT.match(salt) else encoded(salt)


def _salt_of(text: str) -> bytes:
    return text[1:].encode() if text.startswith(".") else decoded(text)


# --- Argon2: version, KiB, passes, lanes, bytes


def _argon2(name: str) -> Scheme:
    def derive(typed: bytes, salt: bytes, costs: Costs) -> bytes:
        version, memory, passes, lanes, length = costs
        return hash_secret_raw(typed, salt, passes, memory, lanes, length, _ARGON2_TYPES[name], version)

    def is_weak(costs: Costs) -> bool:
        return name != "argon2id" or costs[1] < _STRONG_ARGON2.get(costs[2], _STRONG_ARGON2[5])

    return Scheme(5, derive, _argon2_bound, is_weak, salt=_ARGON2_SALT)


def _argon2_bound(costs: Costs) -> str:
    version, memory, passes, lanes, length = costs
    if version not in _ARGON2_VERSIONS or not LEAST_DIGEST <= length <= 2 * KEPT or min(passes, lanes) < 1:
        raise Malformed
    if memory < 8 * lanes:
        raise Malformed
    if memory > MOST_MEMORY or memory * passes > MOST_ARGON2_WORK or lanes > 16:  # noqa: PLR2004 - threads
        return f"Argon2 with m={memory},t={passes},p={lanes} takes too long or too much memory to check."
    return ""


# --- bcrypt: log2 of rounds. Salt and checksum are kept as they are written.


def _bcrypt(typed: bytes, salt: bytes, costs: Costs) -> bytes:
    # Of the last character of a salt two bits count; the library refuses salts in which the other four are set.
    last = _BCRYPT_ALPHABET.index(salt[-1]) & 0b110000
    made = bcrypt.hashpw(typed[:BCRYPT_READS], b"$2b$%02d$%s%c" % (costs[0], salt[:-1], _BCRYPT_ALPHABET[last]))
    return made[-_BCRYPT_CHECKSUM:]


def _bcrypt_of_sha256(typed: bytes, salt: bytes, costs: Costs) -> bytes:
    return _bcrypt(hashlib.sha256(typed).hexdigest().encode(), salt, costs)


def _bcrypt_of_hmac(typed: bytes, salt: bytes, costs: Costs) -> bytes:
    return _bcrypt(base64.b64encode(hmac.digest(salt, typed, "sha256")), salt, costs)


def _bcrypt_bound(costs: Costs) -> str:
    if not 4 <= costs[0] <= 31:  # noqa: PLR2004 - what bcrypt itself takes
        raise Malformed
    return "" if costs[0] <= MOST_BCRYPT else f"bcrypt takes too long to check at cost {costs[0]}."


def _is_weak_bcrypt(costs: Costs) -> bool:
    return costs[0] < _STRONG_BCRYPT


# --- scrypt: log2 N, r, p, bytes

MOST_LOG2_N = 63  # as much as 1 << n fits a 64-bit number


def _scrypt(typed: bytes, salt: bytes, costs: Costs) -> bytes:
    log2_n, block, lanes, length = costs
    room = 2 * MOST_MEMORY * 1024
    return hashlib.scrypt(typed, salt=salt, n=1 << log2_n, r=block, p=lanes, dklen=length, maxmem=room)


def _scrypt_bound(costs: Costs) -> str:
    log2_n, block, lanes, length = costs
    if not 1 <= log2_n <= MOST_LOG2_N or min(block, lanes) < 1 or not LEAST_DIGEST <= length <= KEPT:
        raise Malformed
    if log2_n >= 16 * block:  # RFC 7914, section 2
        raise Malformed
    memory, work = (block << log2_n) // 8, (block << log2_n) * lanes
    room = block * ((1 << log2_n) + lanes + 2) // 8  # what OpenSSL reckons with
    if memory > MOST_MEMORY or room > 2 * MOST_MEMORY or work > MOST_SCRYPT_WORK:
        return f"scrypt with N=2^{log2_n}, r={block}, p={lanes} takes too long or too much memory to check."
    return ""


def _is_weak_scrypt(costs: Costs) -> bool:
    log2_n, block, lanes, _ = costs
    return block * lanes < 8 * _STRONG_SCRYPT.get(min(log2_n, 17), MOST_SCRYPT_WORK)


# --- PBKDF2: iterations, bytes


def _pbkdf2(name: str) -> Scheme:
    def derive(typed: bytes, salt: bytes, costs: Costs) -> bytes:
        return hashlib.pbkdf2_hmac(name, typed, salt, costs[0], costs[1])

    return Scheme(2, derive, _pbkdf2_bound, lambda costs: costs[0] < _STRONG_PBKDF2[name])


def _pbkdf2_bound(costs: Costs) -> str:
    iterations, length = costs
    if iterations < 1 or not LEAST_DIGEST <= length <= KEPT:
        raise Malformed
    return "" if iterations <= MOST_PBKDF2 else f"PBKDF2 takes too long to check with {iterations:,} iterations."


# --- plain digests of salt and password: 1 for the salt behind the typed


def _digest(name: str) -> Scheme:
    def derive(typed: bytes, salt: bytes, costs: Costs) -> bytes:
        text = typed + salt if costs[0] else salt + typed
        return hashlib.new(name, text, usedforsecurity=False).digest()

    return Scheme(1, derive, _no_bound, _always_weak)


# --- crypt and phpass: rounds, or log2 of them


def _sha_crypt(name: str) -> Scheme:
    def derive(typed: bytes, salt: bytes, costs: Costs) -> bytes:
        return crypts.sha_crypt(name, typed, salt, costs[0])

    return Scheme(1, derive, _crypt_bound, _always_weak, CRYPT_READS)


def _crypt_bound(costs: Costs) -> str:
    if costs[0] < 1000:  # noqa: PLR2004 - the least of the specification
        raise Malformed
    return "" if costs[0] <= MOST_CRYPT_ROUNDS else f"SHA-crypt takes too long to check with {costs[0]:,} rounds."


def _md5_crypt(magic: bytes) -> Scheme:
    def derive(typed: bytes, salt: bytes, _costs: Costs) -> bytes:
        return crypts.md5_crypt(typed, salt, magic)

    return Scheme(0, derive, _no_bound, _always_weak, CRYPT_READS)


def _phpass(name: str) -> Scheme:
    def derive(typed: bytes, salt: bytes, costs: Costs) -> bytes:
        return crypts.phpass(name, typed, salt, costs[0])

    return Scheme(1, derive, _phpass_bound, _always_weak, CRYPT_READS)


def _phpass_bound(costs: Costs) -> str:
    return "" if costs[0] <= MOST_PHPASS else f"phpass takes too long to check with 2^{costs[0]} rounds."


def _no_bound(_costs: Costs) -> str:
    return ""


def _always_weak(_costs: Costs) -> bool:
    return True


DIGESTS: Final = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
SCHEMES: Final[dict[str, Scheme]] = {
    **{name: _argon2(name) for name in _ARGON2_TYPES},
    "bcrypt": Scheme(1, _bcrypt, _bcrypt_bound, _is_weak_bcrypt, salt=_BCRYPT_SALT),
    "bcrypt_sha256": Scheme(1, _bcrypt_of_sha256, _bcrypt_bound, _is_weak_bcrypt, salt=_BCRYPT_SALT),
    "bcrypt_hmac": Scheme(1, _bcrypt_of_hmac, _bcrypt_bound, _is_weak_bcrypt, salt=_BCRYPT_SALT),
    "scrypt": Scheme(4, _scrypt, _scrypt_bound, _is_weak_scrypt),
    **{f"pbkdf2_{name}": _pbkdf2(name) for name in _STRONG_PBKDF2},
    **{name: _digest(name) for name in DIGESTS},
    "sha256_crypt": _sha_crypt("sha256"),
    "sha512_crypt": _sha_crypt("sha512"),
    "md5_crypt": _md5_crypt(b"$1$"),
    "apr1": _md5_crypt(b"$apr1$"),
    "phpass": _phpass("md5"),
    "drupal7": _phpass("sha512"),
}
_ENDED_BY_NUL = frozenset({"bcrypt", "sha256_crypt", "sha512_crypt", "md5_crypt", "apr1"})
