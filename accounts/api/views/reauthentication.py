"""Proving again who one is, while signed in."""

from typing import cast

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import reauthentication
from accounts.api import answers, cookies
from accounts.api.examples import reauthentication as examples
from accounts.api.parsing import parsed
from accounts.api.serializers import login as tokens_shapes
from accounts.api.serializers import reauthentication as shapes
from accounts.models import Session
from kit.clock import utcnow
from kit.openapi import published
from kit.permissions import SignedIn
from kit.requests import origin_of


class ReauthenticateView(APIView):
    permission_classes = [SignedIn]

    @published("account_locked")
    @extend_schema(
        operation_id="auth_reauthenticate",
        parameters=[cookies.DELIVERY],
        request=shapes.Proof,
        responses=tokens_shapes.Tokens,
        examples=examples.REAUTHENTICATE,
    )
    def post(self, request: Request) -> Response:
        """Prove the password, a factor or a passkey again, for *tokens* with a fresh `auth_time`.

        The session stays the same; its earlier refresh token is good no more. What weakens an account asks for a proof
        that is less than ten minutes old. A wrong one is a `validation_error` on its field, and counts as a wrong
        password at a sign-in does.
        """
        given = parsed(shapes.Proof, request)
        now = utcnow()
        session = cast("Session", request.auth)
        renewed = reauthentication.renew(session=session, now=now, origin=origin_of(request), **given)
        return answers.token_pair(renewed, request=request, now=now)
