"""What the account calls take and give. Shapes only: rules live in the domain."""

import zoneinfo
from functools import cache
from typing import Any

import phonenumbers
from rest_framework import serializers

from accounts.models import Session, User
from kit.fields import Flag, Secret, Text


class Phone(Text):
    """A telephone number in E.164 form, such as +4915112345678."""

    default_error_messages = {"invalid_phone": "Enter a number in international form, such as +4915112345678."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=16, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        text: str = super().to_internal_value(data)
        if not text:
            return text
        try:
            number = phonenumbers.parse(text)
        except phonenumbers.NumberParseException:
            self.fail("invalid_phone")
        canonical = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        if not phonenumbers.is_valid_number(number) or text != canonical:
            self.fail("invalid_phone")
        return text


class TimeZone(Text):
    """A time zone of the IANA database, such as Europe/Berlin."""

    default_error_messages = {"invalid_time_zone": "Enter a time zone such as Europe/Berlin."}

    def to_internal_value(self, data: Any) -> str:
        text: str = super().to_internal_value(data)
        if text and text not in _time_zones():
            self.fail("invalid_time_zone")
        return text


@cache
def _time_zones() -> set[str]:
    return zoneinfo.available_timezones()


class Registration(serializers.Serializer[Any]):
    email = Text(max_length=254)
    password = Secret()
    username = Text(max_length=64, required=False, allow_blank=True)
    first_name = Text(max_length=150, required=False, allow_blank=True)
    last_name = Text(max_length=150, required=False, allow_blank=True)
    phone = Phone(required=False, allow_blank=True)


class Address(serializers.Serializer[Any]):
    email = Text(max_length=254)


class Token(serializers.Serializer[Any]):
    token = Secret(max_length=8192)


class Login(serializers.Serializer[Any]):
    email = Text(max_length=254, required=False)
    username = Text(max_length=64, required=False)
    password = Secret()
    device_name = Text(max_length=100, required=False, allow_blank=True)
    device_token = Secret(max_length=200, required=False, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("email" in attrs) == ("username" in attrs):
            raise serializers.ValidationError({"email": ["Give an e-mail address or a user name."]}, code="required")
        return attrs


class Refresh(serializers.Serializer[Any]):
    refresh = Secret(max_length=8192)


class Logout(serializers.Serializer[Any]):
    refresh = Secret(max_length=8192, required=False)
    all = Flag(required=False, default=False, write_only=True)


class Detail(serializers.Serializer[Any]):
    detail = serializers.CharField()


class Tokens(serializers.Serializer[Any]):
    access = serializers.CharField(help_text="Send it as `Authorization: Bearer …`.")
    refresh = serializers.CharField(help_text="Good for one call of /auth/refresh.")
    token_type = serializers.CharField(help_text="Always `Bearer`.")
    expires_in = serializers.IntegerField(help_text="Seconds until the access token ends.")
    refresh_expires_in = serializers.IntegerField(help_text="Seconds until the refresh token ends.")
    session_id = serializers.UUIDField()
    device_token = serializers.CharField(help_text="Keep it and send it at the next sign-in.")


class Introspection(serializers.Serializer[Any]):
    """RFC 7662, section 2.2; of a token that is not active, `active` alone."""

    active = serializers.BooleanField()
    sub = serializers.UUIDField(required=False)
    sid = serializers.UUIDField(required=False)
    iss = serializers.CharField(required=False)
    aud = serializers.CharField(required=False)
    jti = serializers.CharField(required=False)
    iat = serializers.IntegerField(required=False)
    exp = serializers.IntegerField(required=False)
    auth_time = serializers.IntegerField(required=False)
    amr = serializers.ListField(child=serializers.CharField(), required=False)
    token_type = serializers.CharField(required=False)


class Profile(serializers.ModelSerializer[User]):
    """A person's own account."""

    username = Text(max_length=64, required=False, allow_blank=True, allow_null=True)
    first_name = Text(max_length=150, required=False, allow_blank=True)
    last_name = Text(max_length=150, required=False, allow_blank=True)
    phone = Phone(required=False, allow_blank=True)
    locale = serializers.RegexField(
        r"\A[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}\Z",
        max_length=16,
        required=False,
        allow_blank=True,
        help_text="A language tag of BCP 47, such as de-AT.",
    )
    time_zone = TimeZone(max_length=64, required=False, allow_blank=True)

    class Meta:
        model = User
        fields = (
            "id",
            "email",
            "username",
            "first_name",
            "last_name",
            "phone",
            "locale",
            "time_zone",
            "created_at",
        )
        read_only_fields = ("id", "email", "created_at")


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
