"""The shapes of roles, as they are made, changed and shown."""

from typing import Any

from rest_framework import serializers

from kit.fields import Flag, Items, Text
from roles import editing, hierarchy, texts, vocabulary
from roles.api.serializers.fields import PermissionName, RoleName
from roles.models import Role

HOLDS = "Names, the wildcard `namespace.*` of a namespace, or `*`; at most 500. Without what it inherits."
INHERITS = "Roles whose permissions it holds too; at most 50, and never a circle."
SENSITIVE = "A second person must agree before it is given to anybody."
REQUESTABLE = "Anybody may ask for it for a while."


class NewRoleName(Text):
    """A name that a role may have."""

    format = "new-role-name"


class RoleChange(serializers.Serializer[Any]):
    """What is to be different about a role. What is not sent stays as it is."""

    description = Text(required=False, allow_blank=True, max_length=texts.MAX_DESCRIPTION)
    permissions = Items(
        child=PermissionName(max_length=vocabulary.MAX_PERMISSION),
        required=False,
        max_length=editing.MOST_PERMISSIONS,
        help_text=HOLDS,
    )
    inherits = Items(child=RoleName(), required=False, max_length=editing.MOST_INHERITED, help_text=INHERITS)
    sensitive = Flag(required=False, help_text=SENSITIVE)
    requestable = Flag(required=False, help_text=REQUESTABLE)


class NewRole(RoleChange):
    """A role that is to be made. What is not sent is empty or false."""

    name = NewRoleName(
        max_length=texts.MAX_NAME,
        help_text="Small letters, digits, - and _, a letter first. It stays the name of the role for good.",
    )


class RoleItem(serializers.Serializer[Any]):
    """A role. Of a list, with the rows of `permissions` and `parents` fetched beforehand."""

    name = serializers.CharField()
    description = serializers.CharField()
    permissions = serializers.ListField(child=serializers.CharField(), help_text=HOLDS)
    inherits = serializers.ListField(child=serializers.CharField(), help_text=INHERITS)
    built_in = serializers.BooleanField(help_text="It is part of the service, and stays as it is.")
    sensitive = serializers.BooleanField(help_text=SENSITIVE)
    requestable = serializers.BooleanField(help_text=REQUESTABLE)

    def to_representation(self, instance: Role) -> dict[str, Any]:
        """Return the role with the names in its rows."""
        return {
            "name": instance.name,
            "description": instance.description,
            "permissions": sorted(row.permission for row in instance.permissions.all()),
            "inherits": sorted(row.inherits_id for row in instance.parents.all()),
            "built_in": instance.built_in,
            "sensitive": instance.sensitive,
            "requestable": instance.requestable,
        }


class RoleDetail(RoleItem):
    """A role with all that it comes to."""

    effective_permissions = serializers.ListField(
        child=serializers.CharField(), help_text="What it holds with all that it inherits; wildcards as they are."
    )

    def to_representation(self, instance: Role) -> dict[str, Any]:
        """Return the role with what it inherits, however far."""
        held = sorted(hierarchy.permissions_of(instance.name))
        return {**super().to_representation(instance), "effective_permissions": held}


class RolePage(serializers.Serializer[Any]):
    """A page of roles, by name."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = RoleItem(many=True)
