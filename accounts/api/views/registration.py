"""From a wish to have an account to a confirmed address."""

from dataclasses import asdict

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import registration, robots
from accounts.api.examples import registration as examples
from accounts.api.parsing import OpenView, parsed
from accounts.api.serializers import Detail
from accounts.api.serializers import registration as shapes
from accounts.api.throttles import RoomToHash, by_address
from kit.clock import utcnow
from kit.openapi import published
from kit.requests import origin_of

ON_ITS_WAY = "If this address can be used, a mail is on its way to it."


class RegisterView(OpenView):
    throttle_classes = [RoomToHash, by_address("register")]

    @published("permission_denied")
    @extend_schema(
        operation_id="auth_register",
        request=shapes.Registration,
        responses={202: Detail},
        examples=examples.REGISTER,
    )
    def post(self, request: Request) -> Response:
        """Ask for an account. The answer is the same whether or not the address is taken; a mail tells its owner which.

        The account comes to be when the link in the mail is opened and confirmed, within 24 hours, with the password
        given here. A `username` that somebody has is a `validation_error` on that field, and so is a missing
        `robot_proof` where the operator asks for one. `permission_denied` where not anybody may have an account.
        """
        wish = registration.Wish(**parsed(shapes.Registration, request))
        registration.request(wish=wish, now=utcnow(), origin=origin_of(request))
        return Response({"detail": ON_ITS_WAY}, status=status.HTTP_202_ACCEPTED)


class VerifyEmailView(OpenView):
    throttle_classes = [by_address("verify-email")]

    @published("permission_denied")
    @extend_schema(
        operation_id="auth_verify_email",
        request=shapes.LinkToken,
        responses={200: Detail},
        examples=examples.VERIFY_EMAIL,
    )
    def post(self, request: Request) -> Response:
        """Confirm an address with the token of its mail. The account can be used from now on.

        The link itself opens a page of ours whose button does this; a client that shows its own page calls it here.
        A token is good once, for 24 hours: one that is used, expired or not ours is a `validation_error` on `token`.
        """
        token = parsed(shapes.LinkToken, request)["token"]
        registration.confirm(token=token, now=utcnow(), origin=origin_of(request))
        return Response({"detail": "The address is confirmed. You can sign in now."})


class ResendVerificationView(OpenView):
    throttle_classes = [by_address("resend-verification")]

    @published("permission_denied")
    @extend_schema(
        operation_id="auth_resend_verification",
        request=shapes.Address,
        responses={202: Detail},
        examples=examples.RESEND,
    )
    def post(self, request: Request) -> Response:
        """Mail the link of a pending registration again. An address gets at most three mails an hour.

        The answer never says whether there is a registration.
        """
        email = parsed(shapes.Address, request)["email"]
        registration.resend(email=email, now=utcnow(), origin=origin_of(request))
        return Response({"detail": ON_ITS_WAY}, status=status.HTTP_202_ACCEPTED)


class RobotChallengeView(OpenView):
    throttle_classes = [by_address("robot-challenge")]

    @extend_schema(
        operation_id="auth_robot_challenge",
        parameters=[shapes.RobotQuestion],
        responses=shapes.RobotChallenge,
        examples=examples.ROBOT_CHALLENGE,
    )
    def get(self, request: Request) -> Response:
        """Return a challenge against robots. Its solution goes into `robot_proof` of the call that it is for, once.

        With `proof-of-work`: find a whole number so that the SHA-256 of `<challenge>:<number>` begins with `difficulty`
        zero bits; that text is the proof. With `off` there is nothing to do.
        """
        asked = shapes.RobotQuestion(data=request.query_params)
        asked.is_valid(raise_exception=True)
        issued = robots.issue(purpose=asked.validated_data["purpose"], now=utcnow())
        return Response(asdict(issued))
