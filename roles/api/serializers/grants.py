"""The shapes of giving a role, of taking it back, and of what was given."""

from typing import Any

from rest_framework import serializers

from kit.fields import Choice, Flag, Id, Moment, Text
from roles import grants, resources
from roles.api.serializers.fields import GroupName, Resource, RoleName
from roles.models import Grant

DENIES = "All that the role holds is denied there and below instead, whatever else gives it."
WHERE = "`type:id` in visible ASCII, such as `invoice:4711`; empty: everywhere."
_YES_OR_NO = {"true": True, "false": False}


class GrantTarget(serializers.Serializer[Any]):
    """Who has which role, and where: either a person or a group."""

    user = Id(required=False, help_text="The person, unless it is a group.")
    group = GroupName(required=False, help_text="The group, unless it is a person.")
    role = RoleName(help_text="The role.")
    resource = Resource(default=resources.EVERYWHERE, help_text=WHERE)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse neither and both."""
        if ("user" in attrs) == ("group" in attrs):
            raise serializers.ValidationError({"user": "Name a person or a group, not both."}, code="one_of")
        return attrs


class Assignment(GrantTarget):
    """A role that is to be given, or denied."""

    denies = Flag(default=False, help_text=DENIES)
    expires_at = Moment(
        required=False, allow_null=True, default=None, help_text="When it ends by itself; never, unless given."
    )
    reason = Text(
        required=False, default="", allow_blank=True, max_length=grants.MAX_REASON, help_text="Why; kept with it."
    )


class Revocation(GrantTarget):
    """A role, or a denial, that is to be taken back."""

    denies = Flag(default=False, help_text="It is a denial that is lifted.")


class RevocationQuery(GrantTarget):
    """The same in the query, where there is no body."""

    denies = Choice(choices=list(_YES_OR_NO), default="false", help_text="It is a denial that is lifted.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Return it as the body would have had it."""
        return {**super().validate(attrs), "denies": _YES_OR_NO[attrs["denies"]]}


class GrantsQuestion(serializers.Serializer[Any]):
    """Which grants to list."""

    user = Id(required=False, help_text="Those given to this person herself; of her groups, ask by `group`.")
    group = GroupName(required=False, help_text="Those given to this group.")
    role = RoleName(required=False, help_text="Those of this role.")
    resource = Resource(required=False, help_text="Those on exactly this; empty: those that hold everywhere.")


class GrantItem(serializers.ModelSerializer[Grant]):
    """A role that a person or a group has, or is denied."""

    class Meta:
        model = Grant
        fields = (
            *("id", "user", "group", "role", "resource", "denies"),
            *("expires_at", "reason", "given_by", "created_at"),
        )
        read_only_fields = fields


class GrantPage(serializers.Serializer[Any]):
    """A page of grants, the newest first."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = GrantItem(many=True)
