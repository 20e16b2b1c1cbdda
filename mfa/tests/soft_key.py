"""An authenticator in software (WebAuthn level 3, section 6), and the browser in front of it, for tests of the API."""

import datetime as dt
import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from webauthn.helpers import encode_cbor

from accounts.models import User
from accounts.testing import ORIGIN
from mfa import conf, passkey_enrolment
from mfa.enrolment import Enrolling
from mfa.passkeys import Asked

UP, UV, BE, BS, AT, ED = (1 << bit for bit in (0, 2, 3, 4, 6, 7))
ES256, EDDSA, RS256, RS1 = -7, -8, -257, -65535
MAKERS: dict[int, Any] = {
    ES256: lambda: ec.generate_private_key(ec.SECP256R1()),
    EDDSA: ed25519.Ed25519PrivateKey.generate,
    RS256: lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048),
}


def text_of(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def bytes_of(text: str) -> bytes:
    return urlsafe_b64decode(text + "==")


def give(user: User, now: dt.datetime, key: "SoftKey | None" = None) -> "SoftKey":
    """Give a person a passkey."""
    key, who = key or SoftKey(), Enrolling(user=user)
    asked = passkey_enrolment.begin(who=who, now=now, origin=ORIGIN)
    passkey_enrolment.finish(who=who, credential=key.make(asked), name="", now=now, origin=ORIGIN)
    return key


def _options(asked: Asked | dict[str, Any]) -> dict[str, Any]:
    options: dict[str, Any] = asked.options if isinstance(asked, Asked) else asked["publicKey"]
    return options


@dataclass
class SoftKey:
    """A passkey. What a test changes of it, or gives to `make` and `answer`, is what goes out."""

    algorithm: int = ES256
    flags: int = UP | UV
    count: int = 0
    step: int = 0  # by which the counter grows; many real ones do not count
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    origin: str = field(default_factory=lambda: conf.origins()[0])
    client: dict[str, Any] = field(default_factory=dict)
    handle: str | None = None

    def __post_init__(self) -> None:
        self.key = MAKERS[self.algorithm if self.algorithm in MAKERS else RS256]()

    def make(self, asked: Asked | dict[str, Any], **changed: Any) -> dict[str, Any]:
        """Return what `navigator.credentials.create()` gives for these options."""
        options = _options(asked)
        self.handle = options["user"]["id"]
        said = self._said("webauthn.create", options["challenge"], changed)
        cose: bytes = changed.get("cose", encode_cbor(self._cose()))
        attested = bytes(16) + len(self.id).to_bytes(2) + self.id + cose
        data = self._data(options["rp"]["id"], self.flags | AT, attested, changed)
        attestation = changed.get("attestation", encode_cbor({"fmt": "none", "attStmt": {}, "authData": data}))
        response = {"clientDataJSON": text_of(said), "attestationObject": text_of(attestation), "transports": ["usb"]}
        return self._credential(response) | {"clientExtensionResults": {"credProps": {"rk": True}}}

    def answer(self, asked: Asked | dict[str, Any], **changed: Any) -> dict[str, Any]:
        """Return what `navigator.credentials.get()` gives for these options."""
        options = _options(asked)
        said = self._said("webauthn.get", options["challenge"], changed)
        self.count += self.step
        data = self._data(options["rpId"], self.flags, b"", changed)
        signature = self._sign(data + hashlib.sha256(said).digest())
        response = {
            "clientDataJSON": text_of(said),
            "authenticatorData": text_of(data),
            "signature": text_of(signature),
        }
        return self._credential(response | {"userHandle": changed.get("handle", self.handle)})

    def _said(self, kind: str, challenge: str, changed: dict[str, Any]) -> bytes:
        client = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False, **self.client}
        return json.dumps(client | changed.get("client", {})).encode()

    def _data(self, rp_id: str, flags: int, attested: bytes, changed: dict[str, Any]) -> bytes:
        hashed = hashlib.sha256(changed.get("rp_id", rp_id).encode()).digest()
        own: bytes = changed.get("flags", flags).to_bytes(1) + changed.get("count", self.count).to_bytes(4)
        tail: bytes = changed.get("tail", b"")
        return hashed + own + attested + tail

    def _credential(self, response: dict[str, Any]) -> dict[str, Any]:
        name = text_of(self.id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response}

    def _cose(self) -> dict[int, Any]:
        public = self.key.public_key()
        if isinstance(public, ec.EllipticCurvePublicKey):
            point = public.public_numbers()
            return {1: 2, 3: self.algorithm, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)}
        if isinstance(public, ed25519.Ed25519PublicKey):
            return {1: 1, 3: self.algorithm, -1: 6, -2: public.public_bytes_raw()}
        return {1: 3, 3: self.algorithm, -1: public.public_numbers().n.to_bytes(256), -2: b"\x01\x00\x01"}

    def _sign(self, data: bytes) -> bytes:
        if self.algorithm == ES256:
            return bytes(self.key.sign(data, ec.ECDSA(hashes.SHA256())))
        if self.algorithm == EDDSA:
            return bytes(self.key.sign(data))
        return bytes(self.key.sign(data, padding.PKCS1v15(), hashes.SHA256()))
