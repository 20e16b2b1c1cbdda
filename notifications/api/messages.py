"""The calls about messages that were accepted: how they fare, calling them back, sending them once more."""

from typing import Any, cast
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kit.openapi import published
from kit.paging import CURSOR_PARAMETERS, cursor_page
from kit.parsing import asked, parsed
from kit.permissions import SignedIn, requires
from notifications import messages, permissions
from notifications.api import examples, reading
from notifications.api import message_shapes as shapes
from notifications.models import Message


class MessagesView(APIView):
    permission_classes = (SignedIn,)

    @extend_schema(
        operation_id="notify_messages",
        parameters=[shapes.MessagesQuestion, *CURSOR_PARAMETERS],
        responses=shapes.MessagePage,
        examples=examples.MESSAGES,
    )
    def get(self, request: Request) -> Response:
        """List messages, the newest first: the caller's own, or all with `notifications.view_message`."""
        rows = messages.narrowed(
            messages.visible(
                caller=reading.caller_id(request), sees_all=request.user.has_perm(permissions.VIEW_MESSAGE)
            ),
            asked(shapes.MessagesQuestion, request) | reading.showing(request),
        )
        page = cursor_page(request, rows, order=("-id",))
        items = shapes.MessageItem(cast("Any", page.rows), many=True, context=reading.showing(request))
        return Response(page.answer(items.data))


class MessageView(APIView):
    permission_classes = (SignedIn,)

    @extend_schema(operation_id="notify_message", responses=shapes.MessageAnswer, examples=examples.MESSAGE)
    def get(self, request: Request, message_id: UUID) -> Response:
        """Tell how a message fares: the caller's own, or any with `notifications.view_message`.

        `status` goes from `queued` (or `scheduled`) over `sending` to `sent`, `delivered`, `failed`, `cancelled` or
        `suppressed`. `attempts` are the tries to hand it to a provider, each with its outcome; `timeline` has them and
        what providers said later, in the order of time; `failure` is the reason in one word.
        """
        return Response(shapes.MessageAnswer(_found(request, message_id), context=reading.showing(request)).data)


class CancelView(APIView):
    permission_classes = (requires(permissions.SEND_MESSAGE),)

    @published("conflict")
    @extend_schema(
        operation_id="notify_message_cancel",
        request=shapes.Resending,
        responses=shapes.MessageAnswer,
        examples=examples.CANCEL,
    )
    def post(self, request: Request, message_id: UUID) -> Response:
        """Call back a message that still waits: the caller's own, or any with `notifications.change_message` as well.

        A `conflict` for one that is being sent, has gone, or may have reached some of its recipients.
        """
        given, call = parsed(shapes.Resending, request), reading.call_of(request)
        cancelled = messages.cancel(
            message=_found(request, message_id, permissions.CHANGE_MESSAGE),
            actor=call.sender.caller,
            now=call.now,
            origin=call.sender.origin,
            reason=given.get("reason", ""),
        )
        return Response(shapes.MessageAnswer(cancelled, context=reading.showing(request)).data)


class ResendView(APIView):
    permission_classes = (requires(permissions.SEND_MESSAGE),)

    @published("conflict", "idempotency_mismatch")
    @extend_schema(
        operation_id="notify_message_resend",
        request=shapes.Resending,
        parameters=[reading.KEY, reading.REPLAY],
        responses={202: shapes.AcceptedMessage},
        examples=examples.RESEND,
    )
    def post(self, request: Request, message_id: UUID) -> Response:
        """Send a message once more, as a new one that names it in `resent_from`.

        The caller's own, or any with `notifications.change_message` as well. A `conflict` for one that is under way,
        that the service itself sent (those hold secrets of their moment), or whose words, files or person are gone by
        now. What the rules of today refuse is refused.
        """
        given, call = parsed(shapes.Resending, request), reading.call_of(request)
        answer = messages.resend(
            call, _found(request, message_id, permissions.CHANGE_MESSAGE), reason=given.get("reason", "")
        )
        headers = {"Idempotency-Replay": "true"} if answer.replayed else {}
        body = shapes.AcceptedMessage(answer.only, context=reading.showing(request)).data
        return Response(body, status=status.HTTP_202_ACCEPTED, headers=headers)


def _found(request: Request, message_id: UUID, permission: str = permissions.VIEW_MESSAGE) -> Message:
    """Return the caller's own message, or any to whoever holds the permission."""
    sees_all = request.user.has_perm(permission)
    return messages.find(message_id=message_id, caller=reading.caller_id(request), sees_all=sees_all)
