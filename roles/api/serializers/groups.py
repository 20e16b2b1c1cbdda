"""The shapes of groups and of their members."""

from typing import Any

from rest_framework import serializers

from kit.fields import Id, Text
from roles import texts
from roles.models import Group, Membership


class GroupChange(serializers.Serializer[Any]):
    """What a group is for."""

    description = Text(allow_blank=True, max_length=texts.MAX_DESCRIPTION)


class NewGroupName(Text):
    """A name that a group may have."""

    format = "new-role-name"


class NewGroup(serializers.Serializer[Any]):
    """A group that is to be made."""

    name = NewGroupName(
        max_length=texts.MAX_NAME,
        help_text="Small letters, digits, - and _, a letter first. It stays the name of the group for good.",
    )
    description = Text(required=False, default="", allow_blank=True, max_length=texts.MAX_DESCRIPTION)


class GroupItem(serializers.ModelSerializer[Group]):
    """A group of people."""

    class Meta:
        model = Group
        fields = ("name", "description", "created_at")
        read_only_fields = fields


class GroupPage(serializers.Serializer[Any]):
    """A page of groups, by name."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = GroupItem(many=True)


class NewMember(serializers.Serializer[Any]):
    """Who is to be in a group."""

    user = Id()


class MemberItem(serializers.ModelSerializer[Membership]):
    """Who is in a group, since when, and who put her there."""

    class Meta:
        model = Membership
        fields = ("user", "added_by", "created_at")
        read_only_fields = fields


class MemberPage(serializers.Serializer[Any]):
    """A page of members, the newest first."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = MemberItem(many=True)
