"""The shape of a session."""

from typing import Any

from rest_framework import serializers

from accounts.models import Session


class SessionItem(serializers.ModelSerializer[Session]):
    """One signed-in device."""

    device_type = serializers.CharField(read_only=True)
    ip_address = serializers.CharField(source="address", read_only=True)
    user_agent = serializers.CharField(source="agent", read_only=True)
    current = serializers.SerializerMethodField()

    class Meta:
        model = Session
        fields = (
            "id",
            "device_name",
            "device_type",
            "ip_address",
            "user_agent",
            "created_at",
            "last_seen_at",
            "current",
        )
        read_only_fields = fields

    def get_current(self, session: Session) -> bool:
        return bool(session.pk == self.context["current"])


class SessionPage(serializers.Serializer[Any]):
    """A page of sessions."""

    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = SessionItem(many=True)
