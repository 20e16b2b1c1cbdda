"""Whether a report is from whom it says: Standard Webhooks (which are Svix's, and Novu's and Resend's), and Twilio's.

Always over the bytes as they came. Each comparison takes the same time for whatever is wrong.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

TOLERANCE = timedelta(minutes=5)
PREFIX = "whsec_"
VERSION = "v1"
MOST_DIGITS = 11  # of a moment, in seconds
MOST_FIELDS = 200  # of a form; Twilio sends some thirty
MOST_SIGNATURES = 10  # in one header: as many as there are secrets while they are changed


def holds_standard(
    *, secrets: Iterable[str], headers: Mapping[str, str], body: bytes, now: datetime, prefix: str = "webhook"
) -> str:
    """Return the id of a report that some secret has signed within five minutes of `now`, else the empty string."""
    name, stamp, given = (headers.get(f"{prefix}-{part}", "") for part in ("id", "timestamp", "signature"))
    if not name or not _is_recent(stamp, now):
        return ""
    signed = b".".join((name.encode("latin-1", "replace"), stamp.encode(), body))
    keys = [key for key in map(_key_of, secrets) if key]
    right = [hmac.new(key, signed, hashlib.sha256).digest() for key in keys]
    return name if _meet(right, _shown_in(given)) else ""


def _shown_in(given: str) -> list[bytes]:
    """Return the signatures of a header that are of our version."""
    listed = (part.partition(",") for part in given.split(" ")[:MOST_SIGNATURES])
    return [_decoded(text) for version, _, text in listed if version == VERSION]


def _is_recent(stamp: str, now: datetime) -> bool:
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= MOST_DIGITS):
        return False
    return abs(now.timestamp() - int(stamp)) <= TOLERANCE.total_seconds()


def sign_standard(*, secret: str, name: str, stamp: int, body: bytes) -> str:
    """Return the signature of a report, as `v1,…`."""
    signed = b".".join((name.encode(), str(stamp).encode(), body))
    return f"{VERSION},{base64.b64encode(hmac.new(_key_of(secret), signed, hashlib.sha256).digest()).decode()}"


def form_of(body: bytes) -> list[tuple[str, str]]:
    """Return the fields of a form, nothing where it is none."""
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        return []


def holds_twilio(*, tokens: Iterable[str], url: str, fields: Sequence[tuple[str, str]], given: str) -> bool:
    """Tell whether one of the tokens has signed a form for this address (X-Twilio-Signature)."""
    right = [_twilio_mac(token, url, fields) for token in tokens if token]
    return _meet(right, [_decoded(given)])


def sign_twilio(*, token: str, url: str, fields: Sequence[tuple[str, str]]) -> str:
    """Return the X-Twilio-Signature of a form for an address."""
    return base64.b64encode(_twilio_mac(token, url, fields)).decode()


def _twilio_mac(token: str, url: str, fields: Sequence[tuple[str, str]]) -> bytes:
    signed = url + "".join(f"{name}{value}" for name, value in sorted(set(fields)))
    # SHA-1 is what Twilio signs with; as a MAC it holds.
    return hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()


def _meet(right: Sequence[bytes], shown: Sequence[bytes]) -> bool:
    """Tell whether any of both are equal, having compared all of them."""
    equal = [hmac.compare_digest(one, other) for one in right for other in shown]
    return any(equal)


def _key_of(secret: str) -> bytes:
    """Return the key that a secret stands for: base64 after its prefix. An empty key signs nothing."""
    return _decoded(secret.strip().removeprefix(PREFIX))


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
