"""From a request to what `notifications` understands: who calls, under which key, and what is asked."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from kit import problems
from kit.clock import utcnow
from kit.errors import Invalid
from kit.parsing import asked
from kit.requests import origin_of
from notifications import conf, idempotency, permissions
from notifications.accepting import Item
from notifications.api import sending_shapes as shapes
from notifications.channels import Channel
from notifications.drafting import Sender
from notifications.placing import Call
from notifications.requests.base import MessageRequest

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


def caller_id(request: Request) -> UUID:
    """Return the id of who is signed in; the permission classes have seen to it that somebody is."""
    user: Any = request.user
    caller: UUID = user.pk
    return caller


def showing(request: Request) -> dict[str, Any]:
    """Return who is shown something, and whether she may see where people are reached.

    To see messages is not enough: senders see them too, and know people by their ids.
    """
    return {"viewer": caller_id(request), "sees_people": request.user.has_perm(conf.people_permission())}


def call_of(request: Request) -> Call:
    """Return the call that a request is. Raises `Invalid` for a key of a wrong form."""
    sender = Sender(
        caller=caller_id(request),
        origin=origin_of(request),
        may_insist=request.user.has_perm(permissions.SEND_CRITICAL),
    )
    # nosemgrep: payload-past-the-serializer - a digest of all that was sent, and nothing else
    key = idempotency.key_of(request.headers.get(idempotency.HEADER), request.path, request.data)
    return Call(sender=sender, now=utcnow(), key=key, tell=partial(problems.document_of, request))


def is_dry_run(request: Request) -> bool:
    """Tell whether the caller wants to know what would become of a call, and no more."""
    return bool(asked(shapes.Question, request)["dry_run"] == "true")


def email_of(given: Mapping[str, Any]) -> MessageRequest:
    """Return the e-mail that a body describes."""
    return MessageRequest(**{**given, "attachments": tuple(given.get("attachments", ()))})


def sms_of(given: Mapping[str, Any]) -> MessageRequest:
    """Return the short message that a body describes."""
    rest = {name: value for name, value in given.items() if name != "via"}
    return MessageRequest(**{**rest, "channel": given.get("via", Channel.SMS), "to": (given["to"],)})


def push_of(given: Mapping[str, Any]) -> MessageRequest:
    """Return the push message that a body describes."""
    words = {"subject": given.get("title", ""), "text": given.get("body", ""), "payload": given.get("data", {})}
    rest = {name: value for name, value in given.items() if name not in {"title", "body", "data"}}
    return MessageRequest(**{**rest, **words, "channel": Channel.PUSH, "to": (given["to"],)})


READERS = {
    Channel.EMAIL: (shapes.Email, email_of),
    Channel.SMS: (shapes.Sms, sms_of),
    Channel.PUSH: (shapes.Push, push_of),
}


def items_of(messages: list[Any]) -> list[Item]:
    """Return what each of many messages asks for, or what is wrong with its shape."""
    # One serializer reads all of a channel: making one costs more than reading with it.
    made = {channel: (shape(), read) for channel, (shape, read) in READERS.items()}
    return [_item_of(message, made) for message in messages]


def _item_of(message: Mapping[str, Any], made: Mapping[Any, Any]) -> Item:
    channel = message.get("channel")
    if not isinstance(channel, str) or channel not in made:
        return Invalid("channel", f"Name one of these: {', '.join(made)}.", "invalid_choice")
    shape, read = made[channel]
    try:
        item: Item = read(shape.run_validation(message))
    except ValidationError as error:
        return problems.Misshapen(error)
    return item
