"""People, for staff: found, read, changed, stopped and brought back. Each call asks for its permission."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import invitations, people_search, stewardship
from accounts.api.examples import invitations as invitation_examples
from accounts.api.examples import users as examples
from accounts.api.parsing import NOTHING, parsed, user_of
from accounts.api.serializers import users as shapes
from accounts.api.serializers.invitations import InvitationItem, InvitationRequest
from accounts.api.views.invitations import MAY_INVITE, guest_of
from accounts.models import User
from kit.clock import utcnow
from kit.errors import NotFound
from kit.openapi import published
from kit.paging import CURSOR_PARAMETERS, cursor_page
from kit.permissions import by_method, hidden, requires
from kit.requests import origin_of

VIEW, CHANGE, DELETE = (hidden(f"accounts.{verb}_user") for verb in ("view", "change", "delete"))


class UsersView(APIView):
    permission_classes = [by_method(GET=requires("accounts.view_user"), POST=MAY_INVITE)]

    @extend_schema(
        operation_id="users",
        parameters=[shapes.PeopleQuestion, *CURSOR_PARAMETERS],
        responses=shapes.PersonPage,
        examples=examples.PEOPLE,
    )
    def get(self, request: Request) -> Response:
        """Find people: by the beginning of a name, by state, by when they came; the newest first unless `ordering`.

        Follow `next` and `previous`: a cursor is good for the caller and the question that it was made for.
        """
        asked = shapes.PeopleQuestion(data=request.query_params)
        asked.is_valid(raise_exception=True)
        order = people_search.order_of(asked.validated_data["ordering"])
        question = asked.question()
        page = cursor_page(request, people_search.find(question), order=order, short=bool(question.search))
        return Response(page.answer(shapes.Person(page.rows, many=True).data))

    @published("throttled")
    @extend_schema(
        operation_id="users_invite",
        request=InvitationRequest,
        responses={201: InvitationItem},
        examples=invitation_examples.INVITE,
    )
    def post(self, request: Request) -> Response:
        """Add a person, by an invitation: she chooses her own password, and is among the people once she has accepted.

        The same as `POST /api/v1/invitations`, and answered alike.
        """
        row = invitations.invite(
            guest=guest_of(request), inviter=user_of(request), now=utcnow(), origin=origin_of(request)
        )
        return Response(InvitationItem(row).data, status=status.HTTP_201_CREATED)


class UserView(APIView):
    permission_classes = [by_method(GET=VIEW, PUT=CHANGE, PATCH=CHANGE, DELETE=DELETE)]

    @extend_schema(operation_id="users_read", responses=shapes.Person, examples=examples.PERSON)
    def get(self, request: Request, user_id: UUID) -> Response:
        """Return one person."""
        return Response(shapes.Person(find(user_id)).data)

    @extend_schema(
        operation_id="users_replace",
        request=shapes.PersonChange,
        responses=shapes.Person,
        examples=examples.REPLACED,
    )
    def put(self, request: Request, user_id: UUID) -> Response:
        """Set a person's names, locale and time zone, all of them. Refused where she may do more than the caller."""
        return self._update(request, user_id, parsed(shapes.PersonChange, request))

    @extend_schema(
        operation_id="users_change", request=shapes.PersonChange, responses=shapes.Person, examples=examples.CHANGED
    )
    def patch(self, request: Request, user_id: UUID) -> Response:
        """Change a person's names, locale or time zone. What is not sent stays as it is.

        Her addresses, user name, number and password are her own to change. Refused where she may do more than the
        caller may.
        """
        return self._update(request, user_id, parsed(shapes.PersonChange, request, partial=True))

    @published("conflict")
    @extend_schema(operation_id="users_delete", responses={204: NOTHING})
    def delete(self, request: Request, user_id: UUID) -> Response:
        """Delete an account: it is stopped at once, and erased when its grace is over; `erase_at` says when.

        Until then `activate` brings it back. Refused for the caller's own account, for a person who may do more than
        the caller, and for the last who may do everything.
        """
        return _do(stewardship.delete, request, user_id)

    def _update(self, request: Request, user_id: UUID, changes: dict[str, Any]) -> Response:
        now, origin = utcnow(), origin_of(request)
        user = stewardship.update(user=find(user_id), changes=changes, actor=user_of(request), now=now, origin=origin)
        return Response(shapes.Person(user).data)


class ActivateView(APIView):
    permission_classes = [CHANGE]

    @published("conflict")
    @extend_schema(operation_id="users_activate", request=None, responses={204: NOTHING})
    def post(self, request: Request, user_id: UUID) -> Response:
        """Let an account act again: one that was stopped, or one that was deleted and is not erased yet."""
        return _do(stewardship.activate, request, user_id)


class DeactivateView(APIView):
    permission_classes = [CHANGE]

    @published("conflict")
    @extend_schema(operation_id="users_deactivate", request=None, responses={204: NOTHING})
    def post(self, request: Request, user_id: UUID) -> Response:
        """Stop an account at once, with all its sessions. Refused for the last person who may do everything."""
        return _do(stewardship.deactivate, request, user_id)


class UnlockView(APIView):
    permission_classes = [CHANGE]

    @extend_schema(operation_id="users_unlock", request=None, responses={204: NOTHING})
    def post(self, request: Request, user_id: UUID) -> Response:
        """Let an account be tried again at once, after too many wrong passwords; a day that is spent stays so."""
        return _do(stewardship.unlock, request, user_id)


class SignOutView(APIView):
    permission_classes = [CHANGE]

    @extend_schema(operation_id="users_sign_out", request=None, responses={204: NOTHING})
    def post(self, request: Request, user_id: UUID) -> Response:
        """End every session of a person, from the next request on."""
        return _do(stewardship.sign_out, request, user_id)


class ResetFactorsView(APIView):
    permission_classes = [CHANGE]

    @published("conflict")
    @extend_schema(
        operation_id="users_reset_mfa",
        request=shapes.FactorReset,
        responses={204: NOTHING},
        examples=examples.FACTOR_RESET,
    )
    def post(self, request: Request, user_id: UUID) -> Response:
        """Take away a person's second factors, and end her sessions. A `conflict` where there are none to have.

        She is told by mail, with the reason, which the log keeps as well.
        """
        return _do(stewardship.reset_factors, request, user_id, **parsed(shapes.FactorReset, request))


class SendPasswordResetView(APIView):
    permission_classes = [CHANGE]

    @published("conflict", "throttled")
    @extend_schema(operation_id="users_send_password_reset", request=None, responses={204: NOTHING})
    def post(self, request: Request, user_id: UUID) -> Response:
        """Send a person a link by which she sets a new password, to her own address; nobody else sees it."""
        return _do(stewardship.send_password_reset, request, user_id)


def find(user_id: UUID) -> User:
    """Return the person of a path. Raises `NotFound`."""
    user = User.objects.defer("password").filter(pk=user_id).first()
    if user is None:
        raise NotFound
    return user


def _do(act: Callable[..., object], request: Request, user_id: UUID, **more: Any) -> Response:
    act(user=find(user_id), actor=user_of(request), now=utcnow(), origin=origin_of(request), **more)
    return Response(status=status.HTTP_204_NO_CONTENT)
