"""The shapes of what lies below what."""

from typing import Any

from rest_framework import serializers

from roles.api.serializers.fields import Resource
from roles.models import Placement


class NewPlacement(serializers.Serializer[Any]):
    """A resource, and the one that it lies directly below."""

    resource = Resource(allow_blank=False, help_text="The lower one, `type:id`, such as `project:12`.")
    parent = Resource(  # type: ignore[assignment]  # a declared field, which the class itself does not keep
        allow_blank=False, help_text="The upper one, such as `org:7`."
    )


class PlacementsQuestion(serializers.Serializer[Any]):
    """Which placements to list."""

    resource = Resource(required=False, allow_blank=False, help_text="What lies directly above this.")
    parent = Resource(  # type: ignore[assignment]  # as above
        required=False, allow_blank=False, help_text="What lies directly below this."
    )


class PlacementItem(serializers.ModelSerializer[Placement]):
    """One resource lies directly below another."""

    class Meta:
        model = Placement
        fields = ("resource", "parent", "created_at")
        read_only_fields = fields


class PlacementPage(serializers.Serializer[Any]):
    """A page of placements, the newest first."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = PlacementItem(many=True)
