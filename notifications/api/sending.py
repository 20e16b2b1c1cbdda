"""The calls that send: parse, one domain call, answer."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kit.openapi import published
from kit.parsing import parsed
from kit.permissions import requires
from notifications import accepting, explaining, permissions
from notifications.accepting import Notice
from notifications.api import examples, reading
from notifications.api import message_shapes as answers
from notifications.api import sending_shapes as shapes
from notifications.placing import Answer, Refused
from notifications.requests.base import MessageRequest

MAY_SEND = (requires(permissions.SEND_MESSAGE),)
FOLLOWING = {"notify_message": {"parameters": {"message_id": "$response.body#/id"}}}
PARAMETERS: list[Any] = [shapes.Question, reading.KEY, reading.REPLAY]
ONE = {202: answers.AcceptedMessage, 200: answers.ExplanationAnswer}


class EmailView(APIView):
    permission_classes = MAY_SEND

    @published("conflict", "idempotency_mismatch", leads_to=FOLLOWING)
    @extend_schema(
        operation_id="notify_email",
        request=shapes.Email,
        parameters=PARAMETERS,
        responses=ONE,
        examples=examples.EMAIL,
    )
    def post(self, request: Request) -> Response:
        """Send an e-mail. Once this is answered 202, the message is not lost any more.

        It ends `sent`, or `failed` with the reason, whatever dies in between; `GET /api/v1/notify/messages/{id}` says
        how it fares. It needs a `subject` and `text` or `html`, or both, or a `template` with its `context`. Send an
        `Idempotency-Key`: a request that is repeated under its key within 24 hours, also in parallel, gives the first
        answer again with `Idempotency-Replay: true`, and one message. With `dry_run=true` 200 tells what would become
        of it.
        """
        return _one(request, reading.email_of(parsed(shapes.Email, request)))


class SmsView(APIView):
    permission_classes = MAY_SEND

    @published("conflict", "idempotency_mismatch", leads_to=FOLLOWING)
    @extend_schema(
        operation_id="notify_sms", request=shapes.Sms, parameters=PARAMETERS, responses=ONE, examples=examples.SMS
    )
    def post(self, request: Request) -> Response:
        """Send a short message by SMS or WhatsApp. Once this is answered 202, the message is not lost any more.

        `to` is a number in its one international form; premium, shared-cost and satellite numbers are refused. 503
        where nothing carries the channel. Idempotency keys and `dry_run` are as for e-mail.
        """
        return _one(request, reading.sms_of(parsed(shapes.Sms, request)))


class PushView(APIView):
    permission_classes = MAY_SEND

    @published("conflict", "idempotency_mismatch", leads_to=FOLLOWING)
    @extend_schema(
        operation_id="notify_push", request=shapes.Push, parameters=PARAMETERS, responses=ONE, examples=examples.PUSH
    )
    def post(self, request: Request) -> Response:
        """Send a push message to a person's devices. Once this is answered 202, the message is not lost any more.

        `to` is her id, or one target as the provider names it. Idempotency keys and `dry_run` are as for e-mail.
        """
        return _one(request, reading.push_of(parsed(shapes.Push, request)))


class NoticeView(APIView):
    permission_classes = MAY_SEND

    @published("conflict", "idempotency_mismatch")
    @extend_schema(
        operation_id="notify",
        request=shapes.PersonNotice,
        parameters=PARAMETERS,
        responses={202: answers.NoticeAnswer, 200: answers.NoticeExplanation},
        examples=examples.NOTICE,
    )
    def post(self, request: Request) -> Response:
        """Send a template to a person on every channel that it has words for, or those that you name.

        All of its messages are accepted, or none. One that she does not want is `suppressed`; channels on which she
        has no address are `left_out`. `to` is her id: where she is reached is told to nobody but who may see people.
        Whoever is unknown or may not act here is refused alike. Idempotency keys and `dry_run` are as for e-mail.
        """
        given = parsed(shapes.PersonNotice, request)
        notice, call = Notice(**{**given, "channels": tuple(given.get("channels", ()))}), reading.call_of(request)
        if reading.is_dry_run(request):
            explained, left_out = explaining.explain_notice(call, notice)
            return Response({"messages": _explained(request, explained), "left_out": left_out})
        answer = accepting.accept_notice(call, notice)
        return _accepted(answer, {"messages": _shown(request, answer), "left_out": answer.more.get("left_out", [])})


class BatchView(APIView):
    permission_classes = MAY_SEND

    @published("conflict", "idempotency_mismatch")
    @extend_schema(
        operation_id="notify_batch",
        request=shapes.Batch,
        parameters=PARAMETERS,
        responses={202: answers.BatchAnswer, 200: answers.BatchExplanation},
        examples=examples.BATCH,
    )
    def post(self, request: Request) -> Response:
        """Send up to a thousand messages. Each is judged by itself: `results` has a message or a problem, in order.

        Those that are accepted are so together, and are not lost any more; the whole call has one `Idempotency-Key`,
        whose answer keeps the problems too. A message's body is that of its channel's own call.
        """
        items = reading.items_of(parsed(shapes.Batch, request)["messages"])
        call = reading.call_of(request)
        if reading.is_dry_run(request):
            return Response({"results": _explained(request, explaining.explain_many(call, items))})
        answer = accepting.accept_many(call, items)
        return _accepted(answer, {"results": _shown(request, answer)})


def _one(request: Request, wish: MessageRequest) -> Response:
    call = reading.call_of(request)
    if reading.is_dry_run(request):
        return Response(
            answers.ExplanationAnswer(explaining.explain(call, wish), context=reading.showing(request)).data
        )
    answer = accepting.accept(call, wish)
    return _accepted(answer, answers.AcceptedMessage(answer.only, context=reading.showing(request)).data)


def _accepted(answer: Answer, body: Any) -> Response:
    headers = {"Idempotency-Replay": "true"} if answer.replayed else {}
    return Response(body, status=status.HTTP_202_ACCEPTED, headers=headers)


def _shown(request: Request, answer: Answer) -> list[Any]:
    shape = answers.AcceptedMessage(context=reading.showing(request))
    return [
        result.problem if isinstance(result, Refused) else shape.to_representation(result) for result in answer.results
    ]


def _explained(request: Request, explanations: list[explaining.Explained]) -> list[Any]:
    shape = answers.ExplanationAnswer(context=reading.showing(request))
    return [shape.to_representation(one) if isinstance(one, explaining.Explanation) else one for one in explanations]
