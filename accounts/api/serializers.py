"""What the account calls take and give. Shapes only: rules live in the domain."""

import zoneinfo
from functools import cache
from typing import Any

import phonenumbers
from rest_framework import serializers

from accounts.hashing import MAX_LENGTH
from accounts.models import Session, User
from kit.fields import EmailAddress, Flag, Secret, Text

USERNAME_HELP = (
    "2 to 64 letters of one alphabet, digits, dots, hyphens or underscores, beginning and ending with a letter or "
    "digit. Compared without regard to case and width."
)
STRENGTH_HELP = (
    "At least 15 characters of any kind, or at least 8 with an upper-case letter, a lower-case letter, a digit and a "
    "symbol. Not one of the most used ones, and not the person's own name or address. The error says which rule broke."
)
PHONE_HELP = "In E.164 form, such as +4915112345678; a number that exists. Empty for none."


class Phone(Text):
    """A telephone number in E.164 form, such as +4915112345678."""

    format = "e164"
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

    format = "iana-time-zone"
    default_error_messages = {"invalid_time_zone": "Enter a time zone such as Europe/Berlin."}

    def to_internal_value(self, data: Any) -> str:
        text: str = super().to_internal_value(data)
        if text and text not in _time_zones():
            self.fail("invalid_time_zone")
        return text


@cache
def _time_zones() -> set[str]:
    return zoneinfo.available_timezones()


class UserName(Text):
    """A user name. Which ones are good is for `kit.canonical` to say."""

    format = "user-name"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 64, "help_text": USERNAME_HELP, **kwargs})


class NewPassword(Secret):
    """A password that is being chosen. Which ones are good enough is for `accounts.passwords` to say."""

    format = "new-password"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": MAX_LENGTH, "help_text": STRENGTH_HELP, **kwargs})


class Registration(serializers.Serializer[Any]):
    """A wish to have an account."""

    email = EmailAddress(help_text="A plain address on a domain name. The mail that confirms goes there.")
    password = NewPassword()
    username = UserName(required=False, allow_blank=True)
    first_name = Text(max_length=150, required=False, allow_blank=True)
    last_name = Text(max_length=150, required=False, allow_blank=True)
    phone = Phone(required=False, allow_blank=True, help_text=PHONE_HELP)


class Address(serializers.Serializer[Any]):
    """An e-mail address."""

    email = EmailAddress()


class LinkToken(serializers.Serializer[Any]):
    """The token of a mail."""

    token = Secret(max_length=8192, help_text="The query value `token` of the link in the mail.")


class AccessToken(serializers.Serializer[Any]):
    """A token to be judged."""

    token = Secret(max_length=8192, help_text="An access token.")


class Login(serializers.Serializer[Any]):
    """Either `email` or `username`, and the password."""

    schema_rules = {"oneOf": [{"required": ["email"]}, {"required": ["username"]}]}

    email = Text(max_length=254, required=False)
    username = Text(max_length=64, required=False)
    password = Secret(max_length=MAX_LENGTH)
    device_name = Text(
        max_length=100, required=False, allow_blank=True, help_text="What the person calls this device in her list."
    )
    device_token = Secret(
        max_length=200,
        required=False,
        allow_blank=True,
        help_text="The `device_token` of an earlier sign-in here. A known device is not locked out by others' guesses.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("email" in attrs) == ("username" in attrs):
            raise serializers.ValidationError({"email": ["Give an e-mail address or a user name."]}, code="required")
        return attrs


class Refresh(serializers.Serializer[Any]):
    """A refresh token to be spent."""

    refresh = Secret(max_length=8192)


class Logout(serializers.Serializer[Any]):
    """What to end; the access token in the header says whose, or else the refresh token here."""

    refresh = Secret(max_length=8192, required=False)
    all = Flag(required=False, default=False, write_only=True, help_text="End every session of this person.")


class Detail(serializers.Serializer[Any]):
    """A sentence for a person."""

    detail = serializers.CharField()


class Tokens(serializers.Serializer[Any]):
    """What a sign-in or a refresh gives."""

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

    username = UserName(required=False, allow_blank=True, allow_null=True)
    first_name = Text(max_length=150, required=False, allow_blank=True)
    last_name = Text(max_length=150, required=False, allow_blank=True)
    phone = Phone(required=False, allow_blank=True, help_text=PHONE_HELP)
    locale = serializers.RegexField(
        r"^([A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2})?\Z",
        max_length=16,
        required=False,
        allow_blank=True,
        help_text="A language tag of BCP 47, such as de-AT.",
    )
    time_zone = TimeZone(
        max_length=64, required=False, allow_blank=True, help_text="A zone of the IANA database, such as Europe/Vienna."
    )

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
