"""Signing in."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import login
from accounts.api import answers, cookies
from accounts.api.examples import login as examples
from accounts.api.parsing import OpenView, parsed
from accounts.api.serializers import login as shapes
from accounts.api.throttles import OfSignIns, RoomToHash
from accounts.models import Session
from kit.clock import utcnow
from kit.openapi import published
from kit.requests import origin_of


class LoginView(OpenView):
    throttle_classes = [RoomToHash, OfSignIns]

    @published(
        "invalid_credentials",
        "mfa_required",
        "mfa_enrolment_required",
        "account_locked",
        leads_to={
            "auth_refresh": {"requestBody": {"refresh": "$response.body#/refresh"}},
            "auth_logout": {"requestBody": {"refresh": "$response.body#/refresh"}},
            "auth_verify": {"requestBody": {"token": "$response.body#/access"}},
        },
    )
    @extend_schema(
        operation_id="auth_login",
        parameters=[cookies.DELIVERY],
        request=shapes.Login,
        responses=shapes.Tokens,
        examples=examples.LOGIN,
    )
    def post(self, request: Request) -> Response:
        """Sign in with an address or a user name and a password. Every sign-in is a session of its own.

        Keep `device_token` and send it at the next sign-in from here: it marks a device known to this person, which
        others cannot lock out by guessing. Ten wrong tries are free; then each waits, from 30 seconds up to an hour,
        at the same try for a name that exists and for one that does not. Where many wrong passwords came lately, a
        client that is not known must bring `robot_proof` for the purpose `login`, if the operator asks for one.
        """
        given = parsed(shapes.Login, request)
        name = given.pop("email", None) or given.pop("username")
        now = utcnow()
        result = login.begin(
            credentials=login.Credentials(name=name, **given),
            door=Session.Door.API,
            now=now,
            origin=origin_of(request),
        )
        return answers.signed_in(result, request=request, now=now)
