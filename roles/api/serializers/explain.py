"""The shape of the answer to "why?"."""

from typing import Any

from rest_framework import serializers

from roles.explaining import Kind

WAY = "From the role that was given down to the one that holds the permission."
LINE = "From the resource in question up to the one that the grant is on; empty for a grant that holds everywhere."


class ReasonSerializer(serializers.Serializer[Any]):
    """One thing that decides the answer; what does not apply to its kind is empty or null."""

    kind = serializers.ChoiceField(choices=[each.value for each in Kind])
    detail = serializers.CharField(help_text="For people: the reason in a sentence or two.")
    roles = serializers.ListField(child=serializers.CharField(), help_text=WAY)
    permission = serializers.CharField(help_text="As the last of the roles holds it: a name or a wildcard.")
    resource = serializers.CharField(help_text="What the grant is limited to; empty: everywhere.")
    line = serializers.ListField(child=serializers.CharField(), help_text=LINE)
    group = serializers.CharField(help_text="The group that it was given to; empty: the person herself.")
    grant = serializers.UUIDField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    given_by = serializers.UUIDField(allow_null=True, help_text="For callers with `roles.view_grant`.")
    reason = serializers.CharField(help_text="What was said when it was given.")


class NeededSerializer(serializers.Serializer[Any]):
    """A role that holds the permission."""

    name = serializers.CharField()
    description = serializers.CharField()
    requestable = serializers.BooleanField(help_text="Anybody may ask for it for a while.")
    sensitive = serializers.BooleanField(help_text="A second person must agree before it is given.")


class ExplanationSerializer(serializers.Serializer[Any]):
    """Whether it is allowed, and why."""

    allowed = serializers.BooleanField()
    because = ReasonSerializer(many=True)
    needed = NeededSerializer(many=True, help_text="Roles of which one would do, where something is missing.")
