"""The shapes of questions and answers about a caller's own permissions."""

from typing import Any

from rest_framework import serializers

from kit.fields import Id
from roles import declarations, enquiries, resources, vocabulary
from roles.api.serializers.fields import PermissionName, Resource


class OwnPermissionsSerializer(serializers.Serializer[Any]):
    """What the caller holds everywhere: every declared name, the wildcards that give them, the roles."""

    permissions = serializers.ListField(
        child=serializers.CharField(), help_text="In alphabetical order; branch on single names."
    )
    roles = serializers.ListField(child=serializers.CharField(), help_text="For people: what a role gives may change.")


class QuestionSerializer(serializers.Serializer[Any]):
    """The question whether the caller, or another person, may do this, everywhere or on one resource."""

    permission = PermissionName(max_length=vocabulary.MAX_PERMISSION)
    resource = Resource(
        default=resources.EVERYWHERE, help_text="`type:id` in visible ASCII, such as `invoice:4711`; empty: everywhere."
    )
    user = Id(required=False, help_text="The person asked about; the caller unless given.")

    def validate_permission(self, value: str) -> str:
        """Refuse a name that nobody declares: a client's typing error must not look like a no."""
        if not declarations.knows(value, user=self.context["request"].user):
            raise serializers.ValidationError("There is no such permission.", code="unknown_permission")
        return value


class QuestionsSerializer(serializers.Serializer[Any]):
    """Several questions at once."""

    checks: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=QuestionSerializer(), allow_empty=False, max_length=enquiries.MOST
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a body that is both: one of its questions would go unanswered."""
        if set(self.initial_data) & set(QuestionSerializer().fields):
            raise serializers.ValidationError({"checks": "Ask one question, or several in `checks`."}, code="not_both")
        return attrs


class AnswerSerializer(serializers.Serializer[Any]):
    """The answer."""

    allowed = serializers.BooleanField()


class AnswersSerializer(serializers.Serializer[Any]):
    """The answers, in the order of the questions."""

    results = AnswerSerializer(many=True)
