"""The shapes of questions and answers about permissions."""

from typing import Any

from rest_framework import serializers

from kit.errors import Invalid
from roles import resources, vocabulary


class OwnPermissionsSerializer(serializers.Serializer[Any]):
    """What the caller holds everywhere: every declared name, the wildcards that give them, the roles."""

    permissions = serializers.ListField(child=serializers.CharField())
    roles = serializers.ListField(child=serializers.CharField())


class QuestionSerializer(serializers.Serializer[Any]):
    """May the caller, or another person, do this, everywhere or on one resource?"""

    permission = serializers.CharField(max_length=vocabulary.MAX_PERMISSION)
    resource = serializers.CharField(
        max_length=resources.MAX_RESOURCE, default=resources.EVERYWHERE, allow_blank=True, trim_whitespace=False
    )
    user = serializers.UUIDField(required=False)

    def validate_permission(self, value: str) -> str:
        """Refuse a name that nobody declares: a client's typing error must not look like a no."""
        if not vocabulary.is_known(value):
            raise serializers.ValidationError("There is no such permission.", code="unknown_permission")
        return value

    def validate_resource(self, value: str) -> str:
        """Refuse what is not `type:id`."""
        try:
            return resources.parse(value)
        except Invalid as refusal:
            raise serializers.ValidationError(refusal.detail, code=refusal.reason) from None


class AnswerSerializer(serializers.Serializer[Any]):
    """The answer."""

    allowed = serializers.BooleanField()
