"""What several calls about roles take: the name of a permission or a role, and what it is limited to."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from kit.errors import Invalid
from kit.fields import Text
from roles import resources, texts


class PermissionName(Text):
    """A name of the vocabulary, `namespace.action`."""

    format = "permission"


class RoleName(Text):
    """The name of a role that there is."""

    format = "role-name"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": texts.MAX_NAME, **kwargs})


class GroupName(RoleName):
    """The name of a group that there is."""

    format = "group-name"


@extend_schema_field(
    {"type": "string", "maxLength": resources.MAX_RESOURCE, "pattern": r"^([A-Za-z][A-Za-z0-9_.-]*:[!-~]+)?$"}
)
class Resource(serializers.CharField):
    """What a permission is limited to. Which names are good is for `roles.resources` to say."""

    def __init__(self, **kwargs: Any) -> None:
        limits = {"max_length": resources.MAX_RESOURCE, "allow_blank": True, "trim_whitespace": False}
        super().__init__(**{**limits, **kwargs})

    def to_internal_value(self, data: Any) -> str:
        """Return the canonical text. Anything but a JSON string, and what is not `type:id`, is refused."""
        if not isinstance(data, str):
            self.fail("invalid")
        try:
            return resources.parse(super().to_internal_value(data))
        except Invalid as refusal:
            raise serializers.ValidationError(refusal.detail, code=refusal.reason) from None
