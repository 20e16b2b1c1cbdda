"""The shape of proving again who one is."""

from typing import Any

from rest_framework import serializers

from accounts.api.serializers.credentials import Assertion
from accounts.hashing import MAX_LENGTH
from kit.fields import Secret

MAX_CODE = 64


class Proof(serializers.Serializer[Any]):
    """Either the password, or the code of a second factor, or the answer of a passkey."""

    schema_rules = {"oneOf": [{"required": [name]} for name in ("password", "code", "credential")]}

    password = Secret(max_length=MAX_LENGTH, required=False)
    code = Secret(max_length=MAX_CODE, required=False, help_text="A code of a second factor, or a recovery code.")
    credential = Assertion(required=False, write_only=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) != 1:
            text = "Give the password, or else a code, or else what a passkey answers."
            raise serializers.ValidationError({"password": [text]}, code="required")
        return attrs
