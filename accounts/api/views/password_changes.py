"""A new password, by the old one or by a link; and taking back a change that was not the owner's."""

from typing import cast

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import password_changes, reversals
from accounts.api.examples import password_changes as examples
from accounts.api.parsing import NOTHING, OpenView, parsed
from accounts.api.serializers import Detail
from accounts.api.serializers import password_changes as shapes
from accounts.api.serializers.registration import LinkToken
from accounts.api.throttles import RoomToHash, by_address
from accounts.api.views.registration import ON_ITS_WAY
from accounts.models import Session
from kit.clock import utcnow
from kit.openapi import published
from kit.permissions import SignedIn
from kit.requests import origin_of

UNDONE = "It is undone, and every device is signed out. A mail tells how to set a new password."


class ChangeView(APIView):
    permission_classes = [SignedIn]

    @published("account_locked", "conflict")
    @extend_schema(
        operation_id="auth_password_change",
        request=shapes.PasswordChange,
        responses={204: NOTHING},
        examples=examples.CHANGE,
    )
    def post(self, request: Request) -> Response:
        """Set a new password. Every other session ends, and a mail tells the owner.

        A wrong `current_password` is a `validation_error` on that field, and counts as a wrong password at a sign-in
        does. The session of this request goes on.
        """
        given = parsed(shapes.PasswordChange, request)
        session = cast("Session", request.auth)
        password_changes.change(session=session, now=utcnow(), origin=origin_of(request), **given)
        return Response(status=status.HTTP_204_NO_CONTENT)


class ResetRequestView(OpenView):
    throttle_classes = [by_address("password-reset-request")]

    @extend_schema(
        operation_id="auth_password_reset_request",
        request=shapes.LinkRequest,
        responses={202: Detail},
        examples=examples.REQUEST,
    )
    def post(self, request: Request) -> Response:
        """Mail a link that sets a new password, good once, for 30 minutes. Only the newest one is good.

        The answer is the same whether or not somebody has this address; at most three such mails an hour go to one.
        """
        given = parsed(shapes.LinkRequest, request)
        password_changes.request_reset(now=utcnow(), origin=origin_of(request), **given)
        return Response({"detail": ON_ITS_WAY}, status=status.HTTP_202_ACCEPTED)


class ResetView(OpenView):
    throttle_classes = [RoomToHash, by_address("password-reset")]

    @extend_schema(
        operation_id="auth_password_reset",
        request=shapes.PasswordReset,
        responses={204: NOTHING},
        examples=examples.RESET,
    )
    def post(self, request: Request) -> Response:
        """Set a new password with the token of the mail. Every session ends, and a mail tells the owner.

        Nobody is signed in by this; a second factor is asked for at the next sign-in as ever. A token that is used,
        expired or not ours is a `validation_error` on `token`; one on `new_password` leaves the token good.
        """
        given = parsed(shapes.PasswordReset, request)
        password_changes.reset(now=utcnow(), origin=origin_of(request), **given)
        return Response(status=status.HTTP_204_NO_CONTENT)


class UndoView(OpenView):
    throttle_classes = [by_address("undo")]

    @published("conflict")
    @extend_schema(
        operation_id="auth_undo",
        request=LinkToken,
        responses={200: Detail},
        examples=examples.UNDO,
    )
    def post(self, request: Request) -> Response:
        """Take back a change that was not the owner's, with the token of the notice: good once, for seven days.

        All that was changed after it is undone too, every session ends, and the account is stopped until a new password
        is set with the link of the mail that follows, to the address of the notice.
        """
        token = parsed(LinkToken, request)["token"]
        reversals.undo(token=token, now=utcnow(), origin=origin_of(request))
        return Response({"detail": UNDONE})
