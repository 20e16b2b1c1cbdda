"""The shapes of requests for a role, and of what is decided about them."""

from typing import Any

from rest_framework import serializers

from kit.fields import Choice, Id, Text, Whole
from roles import access_requests, grants, resources
from roles.api.serializers.fields import Resource
from roles.models import AccessRequest, Role

MAX_ROLE = 64
STATES = AccessRequest.State.choices


class Wish(serializers.Serializer[Any]):
    """A role that the caller wants for a while, and why."""

    role = Text(max_length=MAX_ROLE, help_text="One of those that `GET /access-requests/roles` lists.")
    resource = Resource(
        default=resources.EVERYWHERE, help_text="`type:id` in visible ASCII, such as `invoice:4711`; empty: everywhere."
    )
    minutes = Whole(
        min_value=1,
        max_value=access_requests.MAX_MINUTES,
        help_text="For how long, counted from the moment that somebody agrees.",
    )
    reason = Text(max_length=grants.MAX_REASON, help_text="Why, for whoever decides.")


class Decision(serializers.Serializer[Any]):
    """What whoever decides wants to say to who asked."""

    answer = Text(max_length=grants.MAX_REASON, allow_blank=True, default="")


class AccessRequestsQuestion(serializers.Serializer[Any]):
    """Which requests to list."""

    state = Choice(choices=STATES, required=False)
    user = Id(required=False, help_text="Only those about this person.")


class AccessRequestItem(serializers.ModelSerializer[AccessRequest]):
    """A request for a role. `minutes` is what a person asked for herself; otherwise a colleague proposed the grant."""

    class Meta:
        model = AccessRequest
        fields = (
            *("id", "user", "role", "resource", "minutes", "expires_at", "reason", "state"),
            *("asked_by", "asked_at", "lapses_at", "decided_by", "decided_at", "answer"),
        )
        read_only_fields = fields


class AccessRequestPage(serializers.Serializer[Any]):
    """A page of requests, the newest first."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = AccessRequestItem(many=True)


class RequestableRole(serializers.ModelSerializer[Role]):
    """A role that anybody may ask for. Of a sensitive one a second person agrees even where staff give it."""

    class Meta:
        model = Role
        fields = ("name", "description", "sensitive")
        read_only_fields = fields


class RequestableRolePage(serializers.Serializer[Any]):
    """A page of roles that anybody may ask for, by name."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = RequestableRole(many=True)
