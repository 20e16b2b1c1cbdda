"""The second step of a sign-in, and codes that are sent for it."""

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import answers, cookies
from accounts.api.parsing import OpenView, parsed, user_of
from accounts.api.serializers import Detail
from accounts.api.serializers import login as login_shapes
from accounts.api.throttles import of_steps
from kit.clock import utcnow
from kit.openapi import published
from kit.permissions import SignedIn
from kit.requests import origin_of
from mfa import challenges, factors, passkeys
from mfa.api.examples import challenge as examples
from mfa.api.serializers import challenge as shapes
from mfa.api.serializers import passkeys as passkey_shapes
from mfa.api.views.passkeys import asked

ON_ITS_WAY = "A code is on its way."


class ChallengeView(OpenView):
    throttle_classes = [of_steps("mfa-challenge")]

    @published("invalid_token", "invalid_credentials", "mfa_required", "account_locked")
    @extend_schema(
        operation_id="auth_mfa_challenge",
        parameters=[cookies.DELIVERY],
        request=shapes.ChallengeAnswer,
        responses=login_shapes.Tokens,
        examples=examples.ANSWER,
    )
    def post(self, request: Request) -> Response:
        """Prove the second factor of a sign-in whose password was right, for *tokens*.

        A challenge takes five answers. Wrong ones also count against the person, over all challenges and methods, as
        wrong passwords do: ten are free, then each waits, from 30 seconds up to an hour. With `trust_device` no second
        factor is asked for on this device for 30 days: its `device_token` then opens with the password alone.
        """
        given = parsed(shapes.ChallengeAnswer, request)
        now = utcnow()
        challenge, trusted = given.pop("challenge"), given.pop("trust_device")
        result = challenges.answer(
            challenge=challenge,
            given=factors.Answer(**given),
            trust_device=trusted,
            now=now,
            origin=origin_of(request),
        )
        return answers.signed_in(result, request=request, now=now)


class ChallengeSendView(OpenView):
    throttle_classes = [of_steps("mfa-challenge-send")]

    @published("invalid_token")
    @extend_schema(
        operation_id="auth_mfa_challenge_send",
        request=shapes.ChallengeSend,
        responses={200: passkey_shapes.PasskeyQuestion, 202: Detail},
        examples=examples.CHALLENGE_SEND,
    )
    def post(self, request: Request) -> Response:
        """Send a code of six digits to the contact that she has confirmed, good for ten minutes.

        A new code ends the older ones. One a minute goes out, five in ten minutes and ten a day. A `method` that she
        has not set up is a `validation_error` on it. For `webauthn` nothing goes out: the answer is 200, with options
        for `navigator.credentials.get`, whose result goes to /auth/mfa/challenge as `credential`.
        """
        given = parsed(shapes.ChallengeSend, request)
        return _sent(challenges.send(now=utcnow(), origin=origin_of(request), **given))


class SendView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="auth_mfa_send",
        request=shapes.SendCode,
        responses={200: passkey_shapes.PasskeyQuestion, 202: Detail},
        examples=examples.SEND,
    )
    @published("throttled")
    def post(self, request: Request) -> Response:
        """Send a signed-in person a code, for a call that asks for one of her factors again.

        To the contact that she has confirmed; as often as for a sign-in, and both count together. For `webauthn` the
        answer is 200 with options for `navigator.credentials.get`: its result is a `credential` wherever one is taken.
        """
        given = parsed(shapes.SendCode, request)
        return _sent(challenges.send_to(user=user_of(request), now=utcnow(), origin=origin_of(request), **given))


def _sent(question: passkeys.Asked | None) -> Response:
    """Answer that a code is on its way, or else what a passkey is to be asked."""
    return asked(question) if question else Response({"detail": ON_ITS_WAY}, status=status.HTTP_202_ACCEPTED)
