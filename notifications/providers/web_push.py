"""Web push: messages to browsers, by the push service that each names (RFC 8030), sealed so that it cannot read them.

The service that a browser names is an address from outside, so it is called only where its host is on a list.
"""

import base64
import json
import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import SplitResult, urlsplit

import jwt
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from notifications import conf
from notifications.providers import http
from notifications.providers.base import Misconfigured, Permanent, Push, Receipt

CURVE = ec.SECP256R1()
RECORD = 4096  # RFC 8291, section 4: what every push service takes
OVERHEAD = 86 + 1 + 16  # the header, the mark of the last record, the tag
KEPT = 24 * 3600  # seconds that a push service keeps a message for a browser that is away
TOKEN_LIFE = 12 * 3600  # RFC 8292, section 2: at most a day
POINT, AUTH = 65, 16  # bytes of a public key, uncompressed, and of the secret that goes with it
MAX_ENDPOINT = 2048
_UNCLEAN = re.compile(r"[^!-~]|[\\#]")


class Gone(Permanent):
    """The browser has unsubscribed: nothing will ever reach it there again."""

    default_code = "gone"


class BadSubscription(ValueError):
    """A subscription that cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """Where a browser takes messages, and the keys that seal them for it alone."""

    endpoint: str
    p256dh: bytes
    auth: bytes

    def __repr__(self) -> str:
        """Show nothing: whoever has it may write there."""
        return "<Subscription>"


def subscription_of(endpoint: str, p256dh: str, auth: str) -> Subscription:
    """Return what a browser gave, checked. Raises BadSubscription."""
    if not is_allowed(endpoint):
        raise BadSubscription("endpoint")
    public, secret = _decoded(p256dh), _decoded(auth)
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(CURVE, public)
    except ValueError:
        raise BadSubscription("p256dh") from None
    if len(public) != POINT or len(secret) != AUTH:
        raise BadSubscription("p256dh" if len(public) != POINT else "auth")
    return Subscription(endpoint, public, secret)


def is_allowed(endpoint: str) -> bool:
    """Tell whether an endpoint is one of a listed push service: by its whole host, over TLS, at the usual port."""
    parts = _parts(endpoint)
    if parts is None:
        return False
    origin, host = f"{parts.scheme}://{parts.netloc}", parts.hostname or ""
    usual = parts.scheme == "https" and parts.port in {None, 443}
    names = {host, f"*.{host.partition('.')[2]}"} if usual else set()
    return any(listed == origin if "://" in listed else listed in names for listed in conf.web_push_hosts())


def _parts(endpoint: str) -> SplitResult | None:
    """Return the parts of an address with a path, None for one that two readers could read differently."""
    if len(endpoint) > MAX_ENDPOINT or _UNCLEAN.search(endpoint):
        return None
    parts = urlsplit(endpoint)
    try:
        _ = parts.port
    except ValueError:
        return None
    return parts if "@" not in parts.netloc and len(parts.path) > 1 else None


def public_key() -> str:
    """Return our public key as browsers take it (`applicationServerKey`); nothing where there is no key."""
    private = _private_key(conf.web_push_key())
    return _encoded(_point(private.public_key())) if private is not None else ""


def deliver(subscription: Subscription, message: Push) -> Receipt:
    """Hand a message to a browser's push service. Raises `Gone` where the browser has unsubscribed."""
    private = _private_key(conf.web_push_key())
    if private is None:
        raise Misconfigured("no_key")
    if not is_allowed(subscription.endpoint):
        raise Misconfigured("host_not_allowed")
    parts = urlsplit(subscription.endpoint)
    origin = f"{parts.scheme}://{parts.netloc}"
    answer = _client(origin).post(
        subscription.endpoint.removeprefix(origin),
        timeouts=http.timeouts_of(message),
        data=seal(subscription, _content(message)),
        headers={
            "Authorization": f"vapid t={_token(private, origin)}, k={_encoded(_point(private.public_key()))}",
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(KEPT),
            "Topic": message.id.hex,  # once more the same message takes the place of the one that waits
        },
    )
    if answer.status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        raise Gone
    if answer.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        raise Permanent("too_long")
    if not answer.is_good:
        raise http.refused(answer)
    return Receipt()


def seal(subscription: Subscription, content: bytes, *, salt: bytes = b"", private: Any = None) -> bytes:
    """Return the content, sealed for the browser (RFC 8291). `salt` and `private` are made anew but for a test."""
    salt = salt or os.urandom(16)
    private = private or ec.generate_private_key(CURVE)
    browser = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, subscription.p256dh)
    point = _point(private.public_key())
    shared = private.exchange(ec.ECDH(), browser)
    secret = _derived(shared, subscription.auth, b"WebPush: info\0" + subscription.p256dh + point, 32)
    key = _derived(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(secret, salt, b"Content-Encoding: nonce\0", 12)
    box = AESGCM(key).encrypt(nonce, content + b"\x02", None)
    return salt + RECORD.to_bytes(4, "big") + bytes([len(point)]) + point + box


def _content(message: Push) -> bytes:
    document: Mapping[str, Any] = {
        "id": str(message.id),
        "title": message.title,
        "body": message.body,
        "data": dict(message.data),
    }
    content = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    if len(content) > RECORD - OVERHEAD:
        raise Permanent("too_long")
    return content


def _token(private: ec.EllipticCurvePrivateKey, origin: str) -> str:
    """Return what shows a push service who we are and whom to ask about us (RFC 8292)."""
    claims = {"aud": origin, "exp": int(time.time()) + TOKEN_LIFE, "sub": f"mailto:{conf.sender_address()}"}
    return jwt.encode(claims, private, algorithm="ES256")


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


@cache
def _private_key(text: str) -> ec.EllipticCurvePrivateKey | None:
    """Return the key of the setting; None for one that is none, which a check tells at the start."""
    raw = _decoded(text)
    if len(raw) != 32:  # noqa: PLR2004 - bytes of a number of the curve
        return None
    try:
        return ec.derive_private_key(int.from_bytes(raw, "big"), CURVE)
    except ValueError:
        return None


@cache
def _client(origin: str) -> http.Client:
    """Return the client of a push service; there are as many as are listed."""
    return http.Client(url=origin)


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    """Return the bytes of base64url, with or without its padding; nothing for what is none."""
    try:
        return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return b""
