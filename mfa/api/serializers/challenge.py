"""The shapes of going on with a sign-in that a second factor is due in."""

from typing import Any

from rest_framework import serializers

from accounts.api.serializers.credentials import Assertion
from kit.fields import Choice, Flag, Secret, Text
from mfa import policy

MAX_CODE = 64
ASKED_FOR = (policy.WEBAUTHN, *policy.MESSAGES)  # before she can answer


class Challenged(serializers.Serializer[Any]):
    """A sign-in that waits for its second factor."""

    challenge = Secret(max_length=200, help_text="The `challenge` of the answer `mfa_required`.")


class ChallengeAnswer(Challenged):
    """An answer to the second step: a code, or what a passkey says."""

    schema_rules = {"anyOf": [{"required": ["code"]}, {"required": ["credential"]}]}

    method = Text(
        max_length=16,
        help_text="How she proves it: one of the `methods` that came with the challenge. Any other is a wrong answer.",
    )
    code = Secret(
        max_length=MAX_CODE, required=False, help_text="The digits as they are shown or sent, or a recovery code."
    )
    credential = Assertion(required=False, write_only=True, help_text="For `webauthn`, instead of a code.")
    trust_device = Flag(
        required=False,
        default=False,
        write_only=True,
        help_text="Ask for no second factor on this device for 30 days, unless the operator allows none.",
    )


class SendCode(serializers.Serializer[Any]):
    """By which way a code goes out; where to is never in a request. For `webauthn` options for a passkey come back."""

    method = Choice(ASKED_FOR, help_text="One of the ways that she has set up.")


class ChallengeSend(Challenged, SendCode):
    """A code for a sign-in that waits for its second factor."""
