"""Setting up second factors, and removing them."""

import uuid
from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.parsing import NOTHING, parsed, user_of
from accounts.api.serializers import Detail
from accounts.api.throttles import by_address
from accounts.models import Session
from kit.clock import utcnow
from kit.openapi import published
from kit.permissions import Public, SignedIn
from kit.requests import origin_of
from mfa import enrolment, inventory, policy, recovery, removal, setups
from mfa.api.examples import enrolment as examples
from mfa.api.serializers import enrolment as shapes
from mfa.factors import ANY, Answer
from notifications.channels import Channel

EITHER: Any = [{"bearer": []}, {}]  # an access token, or the challenge in the body
ASKS = ("reauthentication_required", "account_locked", "throttled")


class SetupView(APIView):
    permission_classes = [Public]
    throttle_classes = [by_address("mfa-setup")]

    @published("not_authenticated", *ASKS, "conflict", "unavailable")
    @extend_schema(
        operation_id="auth_mfa_setup",
        auth=EITHER,
        request=shapes.Setup,
        responses={200: shapes.Offer, 202: Detail},
        examples=examples.SETUP,
    )
    def post(self, request: Request) -> Response:
        """Begin to set up a second factor; nothing is on until its first code has come to /auth/mfa/verify.

        A first factor asks for the password or a sign-in of a moment ago, a further one for a factor that she has: its
        code in the body, or proved in this session a moment ago. Whoever was told `mfa_enrolment_required` at her
        sign-in sends its `challenge` instead of an access token. What was begun before and not finished is gone.
        """
        given = parsed(shapes.Setup, request)
        now, origin = utcnow(), origin_of(request)
        who = _who(request, given, method=given["method"])
        proof = setups.Proof(answer=answer_in(given), password=given.get("password", ""))
        common: dict[str, Any] = {"who": who, "proof": proof, "name": given["name"], "now": now, "origin": origin}
        if given["method"] != policy.TOTP:
            setups.begin_messages(channel=Channel(given["method"]), chat=given["to"], **common)
            return Response({"detail": "A code is on its way."}, status=status.HTTP_202_ACCEPTED)
        offer = setups.begin_totp(algorithm=given["algorithm"], digits=given["digits"], **common)
        return Response(shapes.Offer(offer).data)


class VerifyView(APIView):
    permission_classes = [Public]
    throttle_classes = [by_address("mfa-verify")]

    @published("not_authenticated", "conflict", "throttled")
    @extend_schema(
        operation_id="auth_mfa_verify",
        auth=EITHER,
        request=shapes.FirstCode,
        responses=shapes.EnrolledFactor,
        examples=examples.VERIFY,
    )
    def post(self, request: Request) -> Response:
        """Turn on what is being set up, by its first code, which its owner is told of by mail.

        With a first factor come ten recovery codes, shown this once; a further one brings none. Five tries in ten
        minutes. By a challenge nobody is signed in: sign in again, with the factor.
        """
        who = _who(request, parsed(shapes.OfSignIn, request))  # a stranger is told of that before her mistakes
        code = parsed(shapes.FirstCode, request)["code"]
        done = setups.verify(who=who, code=code, now=utcnow(), origin=origin_of(request))
        return Response(shapes.EnrolledFactor({"id": done.factor.pk, "recovery_codes": done.recovery_codes}).data)


class FactorsView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="auth_mfa", responses=shapes.Factors, examples=examples.FACTORS)
    def get(self, request: Request) -> Response:
        """Say which second factors the caller has set up, and how many recovery codes are left."""
        user = user_of(request)
        found = {
            "factors": inventory.list_of(user),
            "recovery_codes_left": recovery.count_left(user),
            "is_required": policy.requires(user),
        }
        return Response(shapes.Factors(found).data)

    @published(*ASKS, "conflict")
    @extend_schema(
        operation_id="auth_mfa_remove_all",
        request=shapes.FactorProof,
        responses={204: NOTHING},
        examples=examples.PROOF,
    )
    def delete(self, request: Request) -> Response:
        """Remove every second factor of the caller, and her recovery codes; she is told by mail.

        Asks for a factor: a password is not enough. `conflict` where there is none, or the account must have one.
        """
        removal.remove_all(**_proved(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class FactorView(APIView):
    permission_classes = [SignedIn]

    @published(*ASKS, "conflict")
    @extend_schema(
        operation_id="auth_mfa_remove",
        request=shapes.FactorProof,
        responses={204: NOTHING},
        examples=examples.PROOF,
    )
    def delete(self, request: Request, factor_id: uuid.UUID) -> Response:
        """Remove one second factor of the caller, who is told by mail; with the last one go her recovery codes.

        Asks for a factor, this one or another: a password is not enough. `conflict` for the last one of an account
        that must have one.
        """
        removal.remove(factor_id=factor_id, **_proved(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class RecoveryCodesView(APIView):
    permission_classes = [SignedIn]

    @published(*ASKS, "conflict")
    @extend_schema(
        operation_id="auth_mfa_recovery_codes",
        request=shapes.FactorProof,
        responses=shapes.RecoveryCodes,
        examples=examples.RECOVERY_CODES,
    )
    def post(self, request: Request) -> Response:
        """Make ten new recovery codes, shown this once; the older ones are good no more, and she is told by mail.

        Asks for a factor: a password is not enough.
        """
        shown = removal.renew_recovery_codes(**_proved(request))
        return Response(shapes.RecoveryCodes({"recovery_codes": shown}).data)


def answer_in(given: dict[str, Any]) -> Answer:
    """Return the answer in a body by which somebody signed in proves a factor that she has."""
    credential = given.get("credential")
    method = policy.WEBAUTHN if credential else ANY
    return Answer(method=method, code=given.get("code", ""), credential=credential)


def _who(request: Request, given: dict[str, Any], **more: str) -> enrolment.Enrolling:
    session = cast("Session | None", request.auth)
    return enrolment.who_enrols(session=session, challenge=given.get("challenge", ""), now=utcnow(), **more)


def _proved(request: Request) -> dict[str, Any]:
    """Return what a removal is given: the session, and the answer in the body."""
    answer = answer_in(parsed(shapes.FactorProof, request))
    return {"session": request.auth, "answer": answer, "now": utcnow(), "origin": origin_of(request)}
