"""The shapes of questions and answers about permissions."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from kit.errors import Invalid
from kit.fields import Id, Text
from roles import declarations, resources, vocabulary


class OwnPermissionsSerializer(serializers.Serializer[Any]):
    """What the caller holds everywhere: every declared name, the wildcards that give them, the roles."""

    permissions = serializers.ListField(
        child=serializers.CharField(), help_text="In alphabetical order; branch on single names."
    )
    roles = serializers.ListField(child=serializers.CharField(), help_text="For people: what a role gives may change.")


class PermissionName(Text):
    """A name of the vocabulary, `namespace.action`."""

    format = "permission"


@extend_schema_field(
    {"type": "string", "maxLength": resources.MAX_RESOURCE, "pattern": r"^([A-Za-z][A-Za-z0-9_.-]*:[!-~]+)?$"}
)
class Resource(serializers.CharField):
    """What a permission is limited to. Which names are good is for `roles.resources` to say."""

    def __init__(self, **kwargs: Any) -> None:
        limits = {"max_length": resources.MAX_RESOURCE, "allow_blank": True, "trim_whitespace": False}
        super().__init__(**{**limits, **kwargs})

    def to_internal_value(self, data: Any) -> str:
        """Return the text. Anything but a JSON string is refused."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


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

    def validate_resource(self, value: str) -> str:
        """Refuse what is not `type:id`."""
        try:
            return resources.parse(value)
        except Invalid as refusal:
            raise serializers.ValidationError(refusal.detail, code=refusal.reason) from None


class AnswerSerializer(serializers.Serializer[Any]):
    """The answer."""

    allowed = serializers.BooleanField()
