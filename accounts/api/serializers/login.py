"""The shapes of signing in, and of tokens."""

from typing import Any

from rest_framework import serializers

from accounts.api.serializers.registration import RobotProof
from accounts.hashing import MAX_LENGTH
from kit.fields import Flag, Secret, Text


class AccessToken(serializers.Serializer[Any]):
    """A token to be judged."""

    token = Secret(max_length=8192, help_text="An access token.")


class FromDevice(serializers.Serializer[Any]):
    """What somebody signs in from."""

    device_name = Text(
        max_length=100, required=False, allow_blank=True, help_text="What the person calls this device in her list."
    )
    device_token = Secret(
        max_length=200,
        required=False,
        allow_blank=True,
        help_text="The `device_token` of an earlier sign-in here. A known device is not locked out by others' guesses.",
    )


class Login(FromDevice):
    """Either `email` or `username`, and the password; after many wrong ones a robots' challenge too."""

    schema_rules = {"oneOf": [{"required": ["email"]}, {"required": ["username"]}]}

    email = Text(max_length=254, required=False)
    username = Text(max_length=64, required=False)
    password = Secret(max_length=MAX_LENGTH)
    robot_proof = RobotProof()

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


class Tokens(serializers.Serializer[Any]):
    """What a sign-in or a refresh gives."""

    access = serializers.CharField(help_text="Send it as `Authorization: Bearer …`.")
    refresh = serializers.CharField(
        required=False, help_text="Good for one call of /auth/refresh. Not here when it comes as a cookie."
    )
    token_type = serializers.CharField(help_text="Always `Bearer`.")
    expires_in = serializers.IntegerField(help_text="Seconds until the access token ends.")
    refresh_expires_in = serializers.IntegerField(help_text="Seconds until the refresh token ends.")
    session_id = serializers.UUIDField()
    device_token = serializers.CharField(help_text="Keep it and send it at the next sign-in.")


class Actor(serializers.Serializer[Any]):
    """Who acts for the subject of a token."""

    sub = serializers.UUIDField()


class Introspection(serializers.Serializer[Any]):
    """RFC 7662, section 2.2; of a token that is not active, `active` alone."""

    active = serializers.BooleanField()
    sub = serializers.UUIDField(required=False)
    act = Actor(required=False, help_text="Here where somebody of the staff acts for the person (RFC 8693).")
    sid = serializers.UUIDField(required=False)
    iss = serializers.CharField(required=False)
    aud = serializers.CharField(required=False)
    jti = serializers.CharField(required=False)
    iat = serializers.IntegerField(required=False)
    exp = serializers.IntegerField(required=False)
    auth_time = serializers.IntegerField(required=False)
    amr = serializers.ListField(child=serializers.CharField(), required=False)
    acr = serializers.CharField(required=False)
    token_type = serializers.CharField(required=False)
