"""The shapes of setting up second factors, and of what is set up."""

from typing import Any

from rest_framework import serializers

from accounts.api.serializers.credentials import Assertion
from accounts.hashing import MAX_LENGTH
from kit import otp
from kit.fields import Choice, Secret, Text, Whole
from mfa import policy, totp
from mfa.api.serializers.challenge import MAX_CODE
from mfa.models import Totp

ENROLLED_BY_CODE = (policy.TOTP, *policy.MESSAGES)
TO_HELP = (
    "The number of her chat with the bot, for `telegram` alone. Codes by any other way go to the confirmed address or "
    "number of the account, whatever a request says."
)


class FactorProof(serializers.Serializer[Any]):
    """Proof of a factor that she has: a code or a passkey's answer; neither where one was proved a moment ago."""

    code = Secret(max_length=MAX_CODE, required=False, help_text="A code of a second factor, or a recovery code.")
    credential = Assertion(required=False, write_only=True, help_text="What a passkey says, instead of a code.")


class OfSignIn(serializers.Serializer[Any]):
    """Who is not signed in sends the challenge of a sign-in that is for nothing else."""

    challenge = Secret(
        max_length=200, required=False, help_text="That of `mfa_enrolment_required`, instead of an access token."
    )


class Setup(OfSignIn, FactorProof):
    """A second factor that is to be set up."""

    method = Choice(ENROLLED_BY_CODE, required=False, default=policy.TOTP, write_only=True)
    name = Text(max_length=64, required=False, default="", allow_blank=True, help_text="What she calls it.")
    algorithm = Choice(
        tuple(otp.HASHES),
        required=False,
        default=Totp.Algorithm.SHA1.value,
        write_only=True,
        help_text="Of an authenticator application. Many know SHA1 alone, and it is as good as the others here.",
    )
    digits = Whole(
        required=False,
        default=totp.DIGITS[0],
        min_value=totp.DIGITS[0],
        max_value=totp.DIGITS[-1],
        write_only=True,
        help_text="Of an authenticator application: 6 or 8.",
    )
    to = Text(max_length=16, required=False, default="", allow_blank=True, help_text=TO_HELP)
    password = Secret(max_length=MAX_LENGTH, required=False, help_text="For a first factor.")

    def validate_digits(self, value: int) -> int:
        if value not in totp.DIGITS:
            raise serializers.ValidationError("Codes have 6 or 8 digits.", code="invalid_choice")
        return value


class Offer(serializers.Serializer[Any]):
    """What an authenticator application is given; a contact gets its code, and here is a sentence that says so."""

    secret = serializers.CharField(help_text="In base32. Shown this once.")
    otpauth_uri = serializers.CharField(help_text="The same, as applications read it.")
    qr_svg = serializers.CharField(help_text="The same, as a QR code: an SVG element.")


class FirstCode(OfSignIn):
    """The first code of what is being set up."""

    code = Secret(max_length=MAX_CODE, help_text="Its digits, as they are shown or sent.")


class RecoveryCodes(serializers.Serializer[Any]):
    """Ten recovery codes, shown this once."""

    recovery_codes = serializers.ListField(
        child=serializers.CharField(), help_text="Each is good once, instead of any other factor."
    )


class EnrolledFactor(RecoveryCodes):
    """A factor that is on."""

    id = serializers.UUIDField(help_text="Of the factor.")


class Factor(serializers.Serializer[Any]):
    """One second factor."""

    id = serializers.UUIDField()
    method = serializers.ChoiceField(policy.METHODS)
    name = serializers.CharField(help_text="What she calls it; may be empty.")
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True)


class Factors(serializers.Serializer[Any]):
    """What somebody has set up."""

    factors = Factor(many=True)
    recovery_codes_left = serializers.IntegerField()
    is_required = serializers.BooleanField(help_text="Whether this account must have a factor.")
