"""The shape of a session."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Session

_OF_EACH = (
    "id",
    "device_name",
    "device_type",
    "ip_address",
    "place",
    "user_agent",
    "created_at",
    "last_seen_at",
    "verdict",
    "evidence",
    "by_staff",
)


class Use(serializers.Serializer[Any]):
    """One showing of a refresh token."""

    at = serializers.DateTimeField()
    ip_address = serializers.CharField()
    place = serializers.CharField()
    user_agent = serializers.CharField()


class Evidence(serializers.Serializer[Any]):
    """What is known of a refresh token that was shown twice."""

    first = Use(help_text="Who was given new tokens for it.")
    again = Use(help_text="Who showed it again.")
    spent_seconds_ago = serializers.IntegerField(help_text="How long after the first time.")
    same_address = serializers.BooleanField(help_text="From one network, a /64 of IPv6.")
    same_agent = serializers.BooleanField()
    successor_used = serializers.BooleanField(help_text="Whether the tokens given for it had been used meanwhile.")


class AnySession(serializers.ModelSerializer[Session]):
    """What every session tells of itself."""

    device_type = serializers.ChoiceField(choices=("mobile", "desktop", "other"), read_only=True)
    ip_address = serializers.CharField(source="address", read_only=True, help_text="Where it was begun.")
    place = serializers.CharField(
        read_only=True, help_text="City and country of the address, where the service knows them; else empty."
    )
    user_agent = serializers.CharField(source="agent", read_only=True)
    verdict = serializers.ChoiceField(
        choices=("", *Session.Verdict.values),
        read_only=True,
        help_text="What a refresh token that came twice was taken for: `race`, the client with itself, which harms "
        "nothing; `late_retry`, the client again but too late; `theft`, somebody else may hold a copy. The last two "
        "ended the session. Empty when none came twice.",
    )
    by_staff = serializers.BooleanField(
        read_only=True,
        help_text="Whether it is no sign-in of the caller's: somebody of the staff sees the service as she does, and "
        "can change nothing. From where is not told.",
    )
    evidence = serializers.SerializerMethodField(help_text="By what the verdict was reached; null without one.")

    @extend_schema_field(Evidence(allow_null=True))
    def get_evidence(self, session: Session) -> dict[str, Any] | None:
        """Return what was noted with the verdict."""
        return session.evidence or None


class SessionItem(AnySession):
    """One signed-in device."""

    current = serializers.SerializerMethodField()

    class Meta:
        model = Session
        fields = (*_OF_EACH, "current")
        read_only_fields = fields

    def get_current(self, session: Session) -> bool:
        return bool(session.pk == self.context["current"])


class SessionPage(serializers.Serializer[Any]):
    """A page of sessions."""

    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = SessionItem(many=True)


class EndedSessionItem(AnySession):
    """One session that was ended."""

    class Meta:
        model = Session
        fields = (*_OF_EACH, "ended_at", "end_reason")
        read_only_fields = fields


class EndedSessionPage(serializers.Serializer[Any]):
    """A page of ended sessions."""

    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = EndedSessionItem(many=True)
