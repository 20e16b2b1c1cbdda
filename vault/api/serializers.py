"""The shapes of what is encrypted and decrypted."""

from typing import Any

from rest_framework import serializers

from kit.fields import Secret
from vault.ciphertexts import MAX_PLAINTEXT

MAX_CONTEXT = 500


class Bound(serializers.Serializer[Any]):
    """What a text is bound to, besides the tenant."""

    context = Secret(  # type: ignore[assignment]  # the metaclass takes it for a field, not for DRF's own context
        required=False,
        default="",
        allow_blank=True,
        write_only=False,
        max_length=MAX_CONTEXT,
        help_text="What the text is for, such as `patient:4711:note`; the same must be given to decrypt it. "
        "It is kept by the caller; left out is the same as empty.",
    )


class EncryptSerializer(Bound):
    """A text to encrypt."""

    plaintext = Secret(
        allow_blank=True,
        max_length=MAX_PLAINTEXT,
        help_text=f"At most {MAX_PLAINTEXT} bytes in UTF-8, exactly as sent; without NUL. Put bytes into base64 first.",
    )


class CiphertextSerializer(serializers.Serializer[Any]):
    """An encrypted text."""

    ciphertext = serializers.CharField(source="text", help_text="base64url without padding: to be kept as it is.")
    key_id = serializers.CharField(help_text="The root key that it is under.")


class DecryptSerializer(Bound):
    """A text to decrypt."""

    ciphertext = Secret(allow_blank=True, help_text="As `/api/v1/encrypt` gave it.")


class PlaintextSerializer(serializers.Serializer[Any]):
    """What was encrypted."""

    plaintext = serializers.CharField()
