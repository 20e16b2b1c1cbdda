"""Public keys as JSON Web Keys (RFC 7517, RFC 8037): out for the key set, in through one strict door.

The algorithm of a key follows from its curve and from nothing a token says; a key that names another, or
another use than signing, is refused rather than mended.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
PublicKey = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey

_COORDINATE_BYTES = 32


class BadKey(ValueError):
    """Not a public key that this service signs or verifies with."""


def generate(algorithm: str) -> PrivateKey:
    """Return a new private key: P-256 for `ES256`, Ed25519 for `EdDSA`. Raises `BadKey` for another algorithm."""
    if algorithm == "ES256":
        return ec.generate_private_key(ec.SECP256R1())
    if algorithm == "EdDSA":
        return ed25519.Ed25519PrivateKey.generate()
    raise BadKey("The algorithm is not ES256 or EdDSA.")


def of(key: PublicKey) -> dict[str, str]:
    """Return the required members of the key as a JWK, and no other."""
    if isinstance(key, ed25519.Ed25519PublicKey):
        return {"kty": "OKP", "crv": "Ed25519", "x": _encode(key.public_bytes(Encoding.Raw, PublicFormat.Raw))}
    numbers = key.public_numbers()
    x, y = (number.to_bytes(_COORDINATE_BYTES, "big") for number in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": _encode(x), "y": _encode(y)}


def thumbprint(key: PublicKey) -> str:
    """Return the SHA-256 thumbprint of the key (RFC 7638), 43 characters; it serves as `kid`."""
    canonical = json.dumps(of(key), sort_keys=True, separators=(",", ":"))
    return _encode(hashlib.sha256(canonical.encode()).digest())


def public_key(document: Mapping[str, object]) -> tuple[str, PublicKey]:
    """Return the algorithm and the key that a JWK holds. Raises `BadKey`.

    Only P-256 and Ed25519, for signing; `alg`, `use` and `key_ops` may be absent but not contradict that.
    """
    kind = document.get("kty"), document.get("crv")
    if kind == ("EC", "P-256"):
        algorithm, key = "ES256", _point(_coordinate(document, "x"), _coordinate(document, "y"))
    elif kind == ("OKP", "Ed25519"):
        algorithm, key = "EdDSA", ed25519.Ed25519PublicKey.from_public_bytes(_coordinate(document, "x"))
    else:
        raise BadKey("The key is not on P-256 or Ed25519.")
    if document.get("alg", algorithm) != algorithm:
        raise BadKey("The key names another algorithm than its curve's.")
    if document.get("use", "sig") != "sig" or document.get("key_ops", ["verify"]) != ["verify"]:
        raise BadKey("The key is not for verifying signatures.")
    return algorithm, key


def _point(x: bytes, y: bytes) -> PublicKey:
    numbers = ec.EllipticCurvePublicNumbers(int.from_bytes(x, "big"), int.from_bytes(y, "big"), ec.SECP256R1())
    try:
        return numbers.public_key()
    except ValueError:
        raise BadKey("The point is not on the curve.") from None


def _coordinate(document: Mapping[str, object], name: str) -> bytes:
    text = document.get(name)
    try:
        decoded = base64.b64decode(text.translate(_FROM_URL) + "=", validate=True) if isinstance(text, str) else b""
    except (binascii.Error, ValueError):
        decoded = b""
    if len(decoded) != _COORDINATE_BYTES:
        raise BadKey(f"Member {name} is not {_COORDINATE_BYTES} bytes in base64url.")
    return decoded


def _encode(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


# Letters of the standard alphabet become one that neither alphabet has: RFC 7515 allows base64url alone.
_FROM_URL = str.maketrans("-_+/=", "+/!!!")
