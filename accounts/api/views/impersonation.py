"""Seeing the service as a person does, for those who help her."""

from typing import cast
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import impersonation
from accounts.api.examples import users as examples
from accounts.api.parsing import parsed
from accounts.api.serializers import users as shapes
from accounts.api.views.users import find
from accounts.models import Session
from kit.clock import utcnow
from kit.openapi import published
from kit.permissions import hidden
from kit.requests import origin_of


class ImpersonateView(APIView):
    permission_classes = [hidden(impersonation.PERMISSION)]

    @published("conflict", "throttled", "reauthentication_required", "account_locked")
    @extend_schema(
        operation_id="users_impersonate",
        request=shapes.Impersonation,
        responses=shapes.ActingToken,
        examples=examples.IMPERSONATION,
    )
    def post(self, request: Request, user_id: UUID) -> Response:
        """See the service as a person does: an access token that reads what she may, and changes nothing.

        It ends with its time, with `/auth/logout`, and with the caller's own session, account or permission. Asks for
        the caller's password, a factor's code, or a sign-in of a moment ago. Refused for the caller's own account and
        for one that is stopped (`conflict`), and for a person who may do more than the caller. Both are named in every
        entry of the log, and the person is told by mail.
        """
        wish = impersonation.Wish(**parsed(shapes.Impersonation, request))
        session = cast("Session", request.auth)
        now, origin = utcnow(), origin_of(request)
        begun = impersonation.begin(user=find(user_id), session=session, wish=wish, now=now, origin=origin)
        seconds = int((begun.session.expires_at - now).total_seconds())
        answer = {"access": begun.access, "token_type": "Bearer", "expires_in": seconds, "session_id": begun.session.pk}
        return Response(shapes.ActingToken(answer).data)
