"""Compact JWS (RFC 7515), read strictly: one text for one token, one algorithm for one key.

PyJWT checks the signature; what it lets through (padding, loose base64url, unknown header members, doubled JSON
members) is refused here, before a key is looked up or after the signature held.
"""

import base64
import json
import math
import re
from collections.abc import Callable
from typing import Any

import jwt

from vault.signing_keys import SigningKeyMaterial, VerifyingKey

MAX_LENGTH = 8192
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\Z")
_HEADER_MEMBERS = frozenset({"alg", "kid", "typ"})
_JWS = jwt.PyJWS(algorithms=["ES256", "EdDSA"])


class BadToken(Exception):
    """The text is not a token that this house signed. Why is nobody's business."""


def sign(claims: dict[str, Any], *, typ: str, key: SigningKeyMaterial) -> str:
    """Return the compact JWS of `claims` with the header members `alg`, `kid` and `typ`."""
    return jwt.encode(claims, key.private_key, algorithm=key.algorithm, headers={"kid": key.kid, "typ": typ})


def open_compact(text: str, *, typ: str, find_key: Callable[[str], VerifyingKey | None]) -> dict[str, Any]:
    """Return the claims of a compact JWS whose signature holds, or raise `BadToken`.

    `typ` must be exactly this (RFC 8725, section 3.11). The algorithm comes from the key, never from the header.
    """
    return strict_object(open_signed(text, accepts=lambda header: _is_ours(header, typ), find_key=find_key))


def open_signed(
    text: str, *, accepts: Callable[[dict[str, Any]], bool], find_key: Callable[[str], VerifyingKey | None]
) -> bytes:
    """Return the payload of a compact JWS with a header that `accepts` takes and a signature that holds.

    Raises `BadToken`. `accepts` sees the header before a key is looked for by its `kid`.
    """
    if len(text) > MAX_LENGTH or not _COMPACT.match(text):
        raise BadToken
    header_part, payload_part, signature_part = text.split(".")
    header = strict_object(_decode(header_part))
    kid = header.get("kid")
    if not isinstance(kid, str) or not accepts(header):
        raise BadToken
    payload = _decode(payload_part)
    _decode(signature_part)
    key = find_key(kid)
    if key is None or header.get("alg") != key.algorithm:
        raise BadToken
    try:
        _JWS.decode(text, key.public_key, algorithms=[key.algorithm])
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise BadToken from error
    return payload


def strict_object(data: bytes) -> dict[str, Any]:
    """Return the JSON object in `data`; doubled members, NaN, infinities and bad UTF-8 raise `BadToken`."""
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_constant=_refuse,
            parse_float=_finite,
        )
    except (ValueError, RecursionError) as error:
        raise BadToken from error
    if not isinstance(value, dict):
        raise BadToken
    return value


def _is_ours(header: dict[str, Any], typ: str) -> bool:
    return set(header) == _HEADER_MEMBERS and header["typ"] == typ


def _decode(part: str) -> bytes:
    """Return the bytes of one base64url segment in its one canonical spelling."""
    try:
        data = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError as error:
        raise BadToken from error
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode() != part:
        raise BadToken
    return data


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise BadToken
    return members


def _refuse(_constant: str) -> Any:
    raise BadToken


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise BadToken
    return value
