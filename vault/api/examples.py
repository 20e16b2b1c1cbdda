"""What the calls that encrypt and decrypt look like on the wire, for the published schema."""

from drf_spectacular.utils import OpenApiExample

_CIPHERTEXT = "AQJrMYC5nGcVgqM0"
_TEXT = "IBAN DE89 3704 0044 0532 0130 00"
_CONTEXT = "customer:4711:iban"

ENCRYPT = [
    OpenApiExample("bound to a context", {"plaintext": _TEXT, "context": _CONTEXT}, request_only=True),
    OpenApiExample("bound to the tenant alone", {"plaintext": _TEXT}, request_only=True),
    OpenApiExample("encrypted", {"ciphertext": _CIPHERTEXT, "key_id": "k1"}, response_only=True),
]
DECRYPT = [
    OpenApiExample("with its context", {"ciphertext": _CIPHERTEXT, "context": _CONTEXT}, request_only=True),
    OpenApiExample("decrypted", {"plaintext": _TEXT}, response_only=True),
]
