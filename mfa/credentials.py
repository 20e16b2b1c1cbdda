"""What a passkey says (WebAuthn level 3), read: the new key that it made, or its answer.

All of it comes from a stranger. It is checked for its form and size before the library reads it, and whatever the
library then stumbles over is a mistake in the request.
"""

import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from webauthn.helpers import (
    base64url_to_bytes,
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    parse_attestation_object,
    parse_authentication_credential_json,
    parse_cbor,
    parse_registration_credential_json,
)
from webauthn.helpers.cose import COSECRV, COSEAlgorithmIdentifier
from webauthn.helpers.decode_credential_public_key import (
    DecodedEC2PublicKey,
    DecodedOKPPublicKey,
    DecodedRSAPublicKey,
)
from webauthn.helpers.structs import AttestationObject, AuthenticationCredential, RegistrationCredential

from kit.errors import Invalid
from mfa import cbor

ALGORITHMS: Final = [
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
MOST_BYTES: Final = 16 * 1024  # of any one part
MOST_ID: Final = 1023  # bytes (section 4)

_EXPONENT = 65537
_RSA_BITS = range(2048, 4096 + 1)
_COORDINATE = 32  # bytes, of P-256 and Ed25519 alike
_EXTENSIONS, _NEW_KEY = 1 << 7, 1 << 6  # flags of authenticator data (section 6.1)


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of a passkey, of the right form and no more than that."""

    id: str
    challenge: bytes
    parsed: AuthenticationCredential


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was made, of the right form, and of a kind that is taken here."""

    id: str
    challenge: bytes
    parsed: RegistrationCredential
    is_discoverable: bool | None


def read_answer(credential: Mapping[str, Any]) -> Answer:
    """Return the answer of a passkey. Raises `Invalid` on `credential`."""
    try:
        parsed = parse_authentication_credential_json(_parts(credential))
        _require_canonical(credential["id"], parsed.raw_id)
        _refuse_malformed(parsed.response.authenticator_data)
        return Answer(parsed.id, _challenge(parsed.response.client_data_json), parsed)
    except Exception as error:
        raise _mistake() from error


def read_new_key(credential: Mapping[str, Any]) -> NewKey:
    """Return a key that was made. Raises `Invalid` on `credential`, also where its kind is not taken here."""
    try:
        parsed = parse_registration_credential_json(_parts(credential))
        _require_canonical(credential["id"], parsed.raw_id)
        _require_taken(_attested(parsed.response.attestation_object), parsed.raw_id)
        challenge = _challenge(parsed.response.client_data_json)
        return NewKey(parsed.id, challenge, parsed, _is_discoverable(credential))
    except Exception as error:
        raise _mistake() from error


def _mistake() -> Invalid:
    return Invalid("credential", "This is not what a passkey says.", "invalid")


def _parts(credential: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members that the library reads, after a look at their size."""
    response = dict(credential["response"])
    for text in (credential["id"], credential["rawId"], *response.values()):
        if isinstance(text, str) and len(text) * 3 // 4 > MOST_BYTES:
            raise ValueError("too long")
    return {"id": credential["id"], "rawId": credential["rawId"], "type": credential["type"], "response": response}


def _require_canonical(text: str, raw: bytes) -> None:
    """Require one spelling of an id: by its text it is looked up and kept."""
    if binascii.b2a_base64(raw, newline=False).rstrip(b"=").translate(_TO_URL) != text.encode() or len(raw) > MOST_ID:
        raise ValueError("not how this id is written")


_TO_URL = bytes.maketrans(b"+/", b"-_")


def _challenge(client_data: bytes) -> bytes:
    """Return which challenge this is about. Not taken where a page of another origin framed the one that asked."""
    said = json.loads(client_data.decode("utf-8"))
    if said.get("crossOrigin") not in {None, False} or "topOrigin" in said:
        raise ValueError("asked for in a frame")
    challenge = base64url_to_bytes(said["challenge"])
    if not isinstance(said["origin"], str) or not isinstance(said["type"], str):
        raise TypeError("not what a browser says")
    return challenge


def _attested(data: bytes) -> AttestationObject:
    if cbor.end_of(data) != len(data):
        raise ValueError("more behind it")
    _refuse_malformed(parse_cbor(data)["authData"])
    return parse_attestation_object(data)


def _refuse_malformed(data: bytes) -> None:
    """Refuse authenticator data (section 6.1) that holds anything but what its flags say."""
    flags, at = data[32], 37
    if flags & _NEW_KEY:
        at = cbor.end_of(data, 55 + int.from_bytes(data[53:55]))
    if flags & _EXTENSIONS:
        at = cbor.end_of(data, at)
    if at != len(data):
        raise ValueError("not as long as it says")


def _require_taken(attested: AttestationObject, raw_id: bytes) -> None:
    """Require a key of a kind that is taken here, attested by nobody but itself, and of the id that it came by."""
    if attested.fmt not in {"none", "packed"} or attested.att_stmt.x5c is not None:
        raise ValueError("attested, which nobody asked for")
    new = attested.auth_data.attested_credential_data
    if new is None or new.credential_id != raw_id:
        raise ValueError("another key's id")
    key = decode_credential_public_key(new.credential_public_key)
    if not _is_taken(key):
        raise ValueError("a kind of key that is not taken")
    decoded_public_key_to_cryptography(key)  # raises for a point that is not on its curve


def _is_taken(key: Any) -> bool:
    if isinstance(key, DecodedEC2PublicKey):
        right = key.alg == COSEAlgorithmIdentifier.ECDSA_SHA_256 and key.crv == COSECRV.P256
        return right and len(key.x) == len(key.y) == _COORDINATE
    if isinstance(key, DecodedOKPPublicKey):
        right = key.alg == COSEAlgorithmIdentifier.EDDSA and key.crv == COSECRV.ED25519
        return right and len(key.x) == _COORDINATE
    if isinstance(key, DecodedRSAPublicKey):
        right = key.alg == COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256
        return right and int.from_bytes(key.e) == _EXPONENT and int.from_bytes(key.n).bit_length() in _RSA_BITS
    return False


def _is_discoverable(credential: Mapping[str, Any]) -> bool | None:
    """Return what the browser says of the key being found without its id (`credProps.rk`); None where it does not."""
    properties = (credential.get("clientExtensionResults") or {}).get("credProps") or {}
    found = properties.get("rk")
    return found if isinstance(found, bool) else None
