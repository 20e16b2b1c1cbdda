"""Passkeys: setting one up, and signing in with one alone."""

from typing import cast

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import answers, cookies
from accounts.api.parsing import OpenView, parsed
from accounts.api.serializers import login as login_shapes
from accounts.api.throttles import by_address
from accounts.models import Session
from kit.clock import utcnow
from kit.openapi import published
from kit.permissions import Public
from kit.requests import origin_of
from mfa import enrolment, passkey_enrolment, passkey_sign_ins, passkeys, policy
from mfa.api.examples import passkeys as examples
from mfa.api.serializers import enrolment as enrolment_shapes
from mfa.api.serializers import passkeys as shapes
from mfa.api.views.enrolment import ASKS, answer_in


class EnrolmentOptionsView(APIView):
    permission_classes = [Public]
    throttle_classes = [by_address("mfa-setup")]

    @published(*ASKS, "conflict")
    @extend_schema(
        operation_id="auth_mfa_webauthn_options",
        request=shapes.PasskeyBegin,
        responses=shapes.PasskeyCreation,
        examples=examples.CREATION,
    )
    def post(self, request: Request) -> Response:
        """Begin to set up a passkey: options for `navigator.credentials.create`, good for five minutes.

        Asks for the same proof as /auth/mfa/setup, and takes the `challenge` of `mfa_enrolment_required` as that does.
        The browser is told which passkeys there are, so that none is set up twice.
        """
        given = parsed(shapes.PasskeyBegin, request)
        now, origin = utcnow(), origin_of(request)
        who = _who(request, given.get("challenge", ""))
        password = given.get("password", "")
        enrolment.require_proof(who=who, answer=answer_in(given), password=password, now=now, origin=origin)
        return asked(passkey_enrolment.begin(who=who, now=now, origin=origin))


class EnrolmentView(APIView):
    permission_classes = [Public]
    throttle_classes = [by_address("mfa-verify")]

    @published("conflict")
    @extend_schema(
        operation_id="auth_mfa_webauthn",
        request=shapes.NewPasskey,
        responses=enrolment_shapes.EnrolledFactor,
        examples=examples.ENROLMENT,
    )
    def post(self, request: Request) -> Response:
        """Take the passkey that a browser has made, which is on at once; its owner is told by mail.

        With a first factor come ten recovery codes, shown this once. `conflict` for one that is set up already, whoever
        has it. A challenge takes one try: after a mistake begin anew.
        """
        who = _who(request, parsed(enrolment_shapes.OfSignIn, request).get("challenge", ""))
        given = parsed(shapes.NewPasskey, request)
        done = passkey_enrolment.finish(
            who=who,
            credential=given["credential"],
            name=given["name"],
            now=utcnow(),
            origin=origin_of(request),
        )
        found = {"id": done.factor.pk, "recovery_codes": done.recovery_codes}
        return Response(enrolment_shapes.EnrolledFactor(found).data)


class SignInOptionsView(OpenView):
    throttle_classes = [by_address("passkey-options")]

    @extend_schema(
        operation_id="auth_passkey_options",
        request=shapes.PasskeySignInOptions,
        responses=shapes.PasskeyQuestion,
        examples=examples.SIGN_IN_OPTIONS,
    )
    def post(self, request: Request) -> Response:
        """Return options for signing in with a passkey alone, good once within five minutes.

        They name no passkey: the browser shows those it has for this service, also under a name field (`mediation:
        "conditional"`). With `email` only that person's will do. Nobody learns from them whether an address is known.
        """
        return asked(passkey_sign_ins.begin(now=utcnow(), **parsed(shapes.PasskeySignInOptions, request)))


class SignInView(OpenView):
    throttle_classes = [by_address("passkey")]

    @published("invalid_credentials", "account_locked")
    @extend_schema(
        operation_id="auth_passkey",
        parameters=[cookies.DELIVERY],
        request=shapes.PasskeySignIn,
        responses=login_shapes.Tokens,
        examples=examples.SIGN_IN,
    )
    def post(self, request: Request) -> Response:
        """Sign in with the answer of a passkey and no password, for *tokens*; it stands for a second factor too.

        The authenticator must have verified its user, by a PIN or otherwise, whatever the client asked of it. Whatever
        is wrong, the refusal is the same, and the challenge is used up.
        """
        given = parsed(shapes.PasskeySignIn, request)
        now = utcnow()
        result = passkey_sign_ins.complete(
            credential=given.pop("credential"),
            challenge_id=given.pop("challenge_id", None),
            client=passkey_sign_ins.Client(**given),
            now=now,
            origin=origin_of(request),
        )
        return answers.signed_in(result, request=request, now=now)


def asked(question: passkeys.Asked) -> Response:
    """Answer what a browser is to be asked."""
    return Response({"challenge_id": str(question.challenge_id), "publicKey": question.options})


def _who(request: Request, challenge: str) -> enrolment.Enrolling:
    session = cast("Session | None", request.auth)
    return enrolment.who_enrols(session=session, challenge=challenge, method=policy.WEBAUTHN, now=utcnow())
