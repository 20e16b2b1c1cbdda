"""Invitations: given by who may, accepted by the invited."""

import uuid

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import invitations
from accounts.api.examples import invitations as examples
from accounts.api.parsing import NOTHING, OpenView, parsed, user_of
from accounts.api.serializers import Detail
from accounts.api.serializers import invitations as shapes
from accounts.api.throttles import RoomToHash, by_address
from kit.clock import utcnow
from kit.openapi import published
from kit.paging import CURSOR_PARAMETERS, cursor_page
from kit.permissions import requires
from kit.requests import origin_of

MAY_INVITE = requires(invitations.PERMISSION)


class InvitationsView(APIView):
    permission_classes = [MAY_INVITE]

    @extend_schema(
        operation_id="invitations",
        parameters=CURSOR_PARAMETERS,
        responses=shapes.InvitationPage,
        examples=examples.INVITATIONS,
    )
    def get(self, request: Request) -> Response:
        """List the invitations that can be accepted, the newest first."""
        page = cursor_page(request, invitations.list_open(utcnow()), order=("-id",))
        return Response(page.answer(shapes.InvitationItem(page.rows, many=True).data))

    @published(
        "throttled",
        leads_to={
            "invitation_withdraw": {"parameters": {"invitation_id": "$response.body#/id"}},
            "invitation_resend": {"parameters": {"invitation_id": "$response.body#/id"}},
        },
    )
    @extend_schema(
        operation_id="invitation_send",
        request=shapes.InvitationRequest,
        responses={201: shapes.InvitationItem},
        examples=examples.INVITE,
    )
    def post(self, request: Request) -> Response:
        """Invite somebody: a mail has a link by which she chooses a password. It is how a person is added.

        The account gets the address of the invitation, and the roles it promises, if the inviter may still give them
        then. An earlier open invitation to the same address is withdrawn. An address gets at most three mails an hour,
        the last of them only with a link that sets a new password.
        """
        row = invitations.invite(
            guest=guest_of(request), inviter=user_of(request), now=utcnow(), origin=origin_of(request)
        )
        return Response(shapes.InvitationItem(row).data, status=status.HTTP_201_CREATED)


class InvitationView(APIView):
    permission_classes = [MAY_INVITE]

    @published("conflict")
    @extend_schema(operation_id="invitation_withdraw", request=None, responses={204: NOTHING})
    def delete(self, request: Request, invitation_id: uuid.UUID) -> Response:
        """Withdraw an invitation: its link is good no more. `conflict` for one that was accepted or withdrawn."""
        invitations.withdraw(
            invitation_id=invitation_id, actor=user_of(request), now=utcnow(), origin=origin_of(request)
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


class ResendInvitationView(APIView):
    permission_classes = [MAY_INVITE]

    @published("conflict", "throttled")
    @extend_schema(
        operation_id="invitation_resend",
        request=None,
        responses=shapes.InvitationItem,
        examples=examples.RESENT,
    )
    def post(self, request: Request, invitation_id: uuid.UUID) -> Response:
        """Mail an invitation again, good for its whole time from now. What it promises is the caller's word then."""
        row = invitations.resend(
            invitation_id=invitation_id, actor=user_of(request), now=utcnow(), origin=origin_of(request)
        )
        return Response(shapes.InvitationItem(row).data)


class AcceptView(OpenView):
    throttle_classes = [RoomToHash, by_address("accept-invitation")]

    @published("permission_denied")
    @extend_schema(
        operation_id="auth_invitation_accept",
        request=shapes.Acceptance,
        responses={200: Detail},
        examples=examples.ACCEPT,
    )
    def post(self, request: Request) -> Response:
        """Accept an invitation with the token of its mail, and choose a password. The account can be used from now on.

        A token that is used, withdrawn, expired or not ours is a `validation_error` on `token`, and so is one whose
        inviter may not invite any more; one on `password` leaves the token good.
        """
        given = parsed(shapes.Acceptance, request)
        invitations.accept(now=utcnow(), origin=origin_of(request), **given)
        return Response({"detail": "The account is made. You can sign in now."})


def guest_of(request: Request) -> invitations.Guest:
    """Return whom the body of a request invites. Raises DRF's ValidationError, which names the fields."""
    given = parsed(shapes.InvitationRequest, request)
    roles = tuple(dict(role) for role in given.pop("roles", ()))
    return invitations.Guest(grants=roles, is_staff=given.pop("staff", False), **given)
