"""The shape of proving again who one is."""

from typing import Any

from rest_framework import serializers

from accounts.hashing import MAX_LENGTH
from kit.fields import Secret

MAX_CODE = 64


class Proof(serializers.Serializer[Any]):
    """Either the password, or the code of a second factor."""

    schema_rules = {"oneOf": [{"required": ["password"]}, {"required": ["code"]}]}

    password = Secret(max_length=MAX_LENGTH, required=False)
    code = Secret(max_length=MAX_CODE, required=False, help_text="A code of a second factor, or a recovery code.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("password" in attrs) == ("code" in attrs):
            raise serializers.ValidationError({"password": ["Give the password, or else a code."]}, code="required")
        return attrs
