"""The shapes of permissions, for who declares and looks through them."""

from typing import Any

from rest_framework import serializers

from kit.fields import AsSent, Text
from roles import client_permissions, texts, vocabulary


class NewPermissionName(Text):
    """A name that a permission of a client may have."""

    format = "new-permission"


class Namespace(AsSent, Text):
    """The part of a permission's name before the first dot."""


class PermissionQuestion(serializers.Serializer[Any]):
    """Which permissions to list."""

    namespace = Namespace(
        required=False,
        default="",
        allow_blank=True,
        max_length=vocabulary.MAX_PERMISSION,
        help_text="Only those in it.",
    )


class PermissionOffer(serializers.Serializer[Any]):
    """A permission that a client application declares."""

    name = NewPermissionName(
        max_length=client_permissions.MAX_NAME,
        help_text="`namespace.action` in small letters, in a namespace that no app of the service uses.",
    )
    description = Text(
        required=False,
        default="",
        allow_blank=True,
        max_length=texts.MAX_DESCRIPTION,
        help_text="What it allows, for people who make roles of it.",
    )


class PermissionItem(serializers.Serializer[Any]):
    """A permission that there is."""

    name = serializers.CharField()
    description = serializers.CharField()
    built_in = serializers.BooleanField(help_text="An app of the service declares it; a client otherwise.")


class PermissionPage(serializers.Serializer[Any]):
    """A page of permissions."""

    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = PermissionItem(many=True)
