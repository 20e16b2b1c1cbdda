"""The notification calls of the contract: parse, one domain call, answer."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kit.clock import utcnow
from kit.openapi import published
from kit.permissions import SignedIn, requires
from kit.requests import origin_of
from notifications import idempotency, messages, sending
from notifications.api import examples, serializers
from notifications.emails import EmailRequest

KEY = OpenApiParameter(
    idempotency.HEADER,
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"^[!-~]([ -~]*[!-~])?$"},
    OpenApiParameter.HEADER,
    description="Your own name for this request: repeating it within 24 hours gives the first answer again.",
)
REPLAY = OpenApiParameter(
    "Idempotency-Replay",
    {"type": "string", "enum": ["true"]},
    OpenApiParameter.HEADER,
    description="This is the answer to an earlier request under the same key.",
    response=[202],
)


class EmailView(APIView):
    permission_classes = [requires("notifications.send_message")]

    @published(
        "conflict",
        "idempotency_mismatch",
        leads_to={"notify_message": {"parameters": {"message_id": "$response.body#/id"}}},
    )
    @extend_schema(
        operation_id="notify_email",
        request=serializers.Email,
        parameters=[KEY, REPLAY],
        responses={202: serializers.AcceptedMessage},
        examples=examples.EMAIL,
    )
    def post(self, request: Request) -> Response:
        """Send an e-mail. Once this is answered 202, the message is not lost any more.

        It ends `sent`, or `failed` with the reason, whatever dies in between; `GET /api/v1/notify/messages/{id}` says
        how it fares. It needs `text` or `html`, or both. Send an `Idempotency-Key`: a request that is repeated under
        its key within 24 hours, also in parallel, gives the first answer again with `Idempotency-Replay: true`, and
        one message.
        """
        given = serializers.Email(data=request.data)
        given.is_valid(raise_exception=True)
        accepted = sending.accept_email(
            caller=_caller(request),
            request=EmailRequest(**given.validated_data),
            idempotency_key=request.headers.get(idempotency.HEADER),
            now=utcnow(),
            origin=origin_of(request),
        )
        answer = serializers.AcceptedMessage(accepted).data
        headers = {"Idempotency-Replay": "true"} if accepted.replayed else {}
        return Response(answer, status=status.HTTP_202_ACCEPTED, headers=headers)


class MessageView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="notify_message", responses=serializers.MessageAnswer, examples=examples.MESSAGE)
    def get(self, request: Request, message_id: UUID) -> Response:
        """Tell how a message fares: the caller's own, or any with `notifications.view_message`.

        `status` goes from `queued` (or `scheduled`) over `sending` to `sent`, `failed` or `suppressed`. `attempts` are
        the tries to hand it to a provider, each with its outcome; `failure` is the reason in one word.
        """
        message = messages.find(
            message_id=message_id,
            caller=_caller(request),
            sees_all=request.user.has_perm("notifications.view_message"),
        )
        return Response(serializers.MessageAnswer(message).data)


def _caller(request: Request) -> UUID:
    """Return the id of who is signed in; the permission classes have seen to it that somebody is."""
    user: Any = request.user
    caller: UUID = user.pk
    return caller
