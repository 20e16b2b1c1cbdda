"""One-time passwords by a shared key: HOTP (RFC 4226) and TOTP (RFC 6238). Arithmetic alone: nothing is kept here."""

import datetime as dt
import hmac
from typing import Final

PERIOD: Final = 30  # seconds of a step; the Unix epoch is step 0
SHA1: Final = "SHA1"
HASHES: Final = {SHA1: "sha1", "SHA256": "sha256", "SHA512": "sha512"}
KEY_BYTES: Final = {"SHA1": 20, "SHA256": 32, "SHA512": 64}  # as long as the hash: RFC 4226, R6, and RFC 6238, 5.1


def code_of(key: bytes, counter: int, *, digits: int = 6, algorithm: str = SHA1) -> str:
    """Return the code of a counter, or of a step: RFC 4226, section 5.3."""
    mac = hmac.digest(key, counter.to_bytes(8), HASHES[algorithm])
    offset = mac[-1] & 0x0F
    number = int.from_bytes(mac[offset : offset + 4]) & 0x7FFFFFFF
    return f"{number % 10**digits:0{digits}d}"


def step_at(now: dt.datetime) -> int:
    """Return the step of a moment."""
    return int(now.timestamp()) // PERIOD


def find_step(
    key: bytes, code: str, *, now: dt.datetime, drift: int, digits: int = 6, algorithm: str = SHA1
) -> int | None:
    """Return the step whose code this is, among those within so many steps of now; None where there is none.

    Where it is the code of several, the latest, so that it is not good again for another. Each is compared in full,
    whatever the outcome. The code must be digits of ASCII, exactly as many: anything else is no code.
    """
    if len(code) != digits or not (code.isascii() and code.isdigit()):
        return None
    at, found = step_at(now), None
    for step in range(max(0, at - drift), at + drift + 1):
        if hmac.compare_digest(code_of(key, step, digits=digits, algorithm=algorithm), code):
            found = step
    return found
