"""Access tokens as an attacker would like them to be, signed with whatever key he has; the house's own too.

Signing with the house's key is for the tests that change one thing and leave the signature good: what refuses then is
that one thing.
"""

import base64
import json
from dataclasses import dataclass
from typing import Any, Self, cast

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from config.testing.processes import Gatehouse

_PRINT_KEY = """
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from vault import signing_keys
key = signing_keys.active()
print(key.kid)
print(key.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())
"""


def segment(value: Any) -> str:
    """Return a segment of a compact JWS: bytes as they are, anything else as JSON."""
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unpacked(token: str, part: int) -> dict[str, Any]:
    """Return the JSON object of one segment of a token: 0 the header, 1 the claims."""
    text = token.split(".")[part]
    read: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return read


@dataclass(frozen=True)
class Forge:
    """A signing key and its id."""

    kid: str
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def of_the_house(cls, house: Gatehouse) -> Self:
        """Return the key that the service itself signs with."""
        printed = house.inside(_PRINT_KEY)
        kid, _, pem = printed.strip().partition("\n")
        return cls(kid.strip(), cast("ec.EllipticCurvePrivateKey", load_pem_private_key(pem.encode(), None)))

    def sign(self, claims: Any, **header: Any) -> str:
        """Return a token of these claims whose header says what is given besides `alg`, `kid` and `typ`.

        A header member that is `...` is left out; claims and header may be bytes.
        """
        members = {"alg": "ES256", "kid": self.kid, "typ": "at+jwt", **header}
        return self.sign_raw({name: value for name, value in members.items() if value is not ...}, claims)

    def sign_raw(self, header: Any, claims: Any) -> str:
        """Return a token of exactly this header and these claims, by ES256 whatever they say."""
        text = f"{segment(header)}.{segment(claims)}"
        algorithm = jwt.algorithms.ECAlgorithm(jwt.algorithms.ECAlgorithm.SHA256)
        return f"{text}.{segment(algorithm.sign(text.encode(), self.key))}"
