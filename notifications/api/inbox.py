"""A person's inbox in the product itself. Another's item is not found, whoever asks."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from django.utils.http import parse_etags
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kit.clock import utcnow
from kit.errors import NotFound
from kit.openapi import published
from kit.paging import CURSOR_PARAMETERS, cursor_page
from kit.parsing import asked, caller_of
from kit.permissions import SignedIn
from notifications import inbox
from notifications.api import inbox_shapes as shapes
from notifications.models import Inbox, InboxItem
from notifications.streams import conf

IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    {"type": "string"},
    OpenApiParameter.HEADER,
    description="The `ETag` of an earlier answer. Where nothing has changed since, 304 says so.",
)
ETAG = OpenApiParameter(
    "ETag",
    {"type": "string"},
    OpenApiParameter.HEADER,
    description="Changes with every change to this inbox.",
    response=[200, 304],
)
CONDITIONAL = [IF_NONE_MATCH, ETAG]
UNCHANGED = OpenApiResponse(description="Nothing has changed since the answer with this `ETag`.")
LAST_EVENT_ID = OpenApiParameter(
    "Last-Event-ID",
    {"type": "integer", "minimum": 0},
    OpenApiParameter.HEADER,
    description="The number up to which everything is known: the stream goes on behind it.",
)
EVENTS = OpenApiExample(
    "events",
    "retry: 2000\n\n"
    'id: 42\nevent: item\ndata: {"id": "0193a5d0-4b7e-7f10-b3c2-9a8b7c6d5e4f", "seq": 42, "title": "…", …}\n\n'
    'id: 42\nevent: state\ndata: {"seq": 42, "unread": 3}\n\n'
    ": still here\n\n",
    response_only=True,
    status_codes=["200"],
    media_type="text/event-stream",
)


class StreamElsewhere(NotFound):
    """The stream is served by a process of its own, which is not this one."""

    default_detail = "The stream of the inbox is served elsewhere: at `stream_url`."


class NoStream(NotFound):
    """No process serves streams here."""

    default_detail = "No stream of the inbox is served here. Ask `GET /api/v1/inbox/unread-count` with `If-None-Match`."


class InboxView(APIView):
    permission_classes = (SignedIn,)

    @extend_schema(
        operation_id="inbox",
        parameters=[shapes.InboxQuestion, *CURSOR_PARAMETERS, *CONDITIONAL],
        responses={200: shapes.ItemPage, 304: UNCHANGED},
        examples=shapes.ITEMS,
    )
    def get(self, request: Request) -> Response:
        """List the messages in the caller's inbox, the newest first; of thousands the newest.

        Ask again with the `ETag` in `If-None-Match`: that costs next to nothing while nothing has changed.
        """
        question = {name: value == shapes.YES for name, value in asked(shapes.InboxQuestion, request).items()}

        def page() -> Any:
            found = cursor_page(request, inbox.items_of(_person(request), **question), order=("-id",))
            return found.answer(shapes.Item(found.rows, many=True).data)

        return _unless_known(request, lambda _: page())


class UnreadCount(APIView):
    permission_classes = (SignedIn,)

    @extend_schema(
        operation_id="inbox_unread_count",
        parameters=CONDITIONAL,
        responses={200: shapes.UnreadCount, 304: UNCHANGED},
        examples=shapes.COUNT,
    )
    def get(self, request: Request) -> Response:
        """Say how many messages in the caller's inbox are new."""
        return _unless_known(request, lambda state: {"unread": state.unread})


class ReadAll(APIView):
    permission_classes = (SignedIn,)

    @extend_schema(operation_id="inbox_read_all", request=None, responses=shapes.ReadAll, examples=shapes.ALL_READ)
    def post(self, request: Request) -> Response:
        """Note that the caller has read everything in her inbox."""
        return Response({"read": inbox.read_all(person=_person(request), now=utcnow())})


class _Change(Protocol):
    def __call__(self, *, person: UUID, item: UUID, now: datetime) -> InboxItem: ...


class Read(APIView):
    permission_classes = (SignedIn,)

    @extend_schema(operation_id="inbox_read", request=None, responses=shapes.Item, examples=shapes.READ)
    def post(self, request: Request, item_id: UUID) -> Response:
        """Note that the caller has read a message. Once more changes nothing."""
        return _change(inbox.read, request, item_id)


class Unread(APIView):
    permission_classes = (SignedIn,)

    @extend_schema(operation_id="inbox_unread", request=None, responses=shapes.Item, examples=shapes.UNREAD)
    def post(self, request: Request, item_id: UUID) -> Response:
        """Let a message count as new again."""
        return _change(inbox.mark_unread, request, item_id)


class Archive(APIView):
    permission_classes = (SignedIn,)

    @extend_schema(operation_id="inbox_archive", request=None, responses=shapes.Item, examples=shapes.ARCHIVED)
    def post(self, request: Request, item_id: UUID) -> Response:
        """Put a message away: it is kept, and neither listed nor counted with the others."""
        return _change(inbox.archive, request, item_id)


class Unarchive(APIView):
    permission_classes = (SignedIn,)

    @extend_schema(operation_id="inbox_unarchive", request=None, responses=shapes.Item, examples=shapes.UNREAD)
    def post(self, request: Request, item_id: UUID) -> Response:
        """Take a message back into the inbox."""
        return _change(inbox.unarchive, request, item_id)


class Stream(APIView):
    permission_classes = (SignedIn,)

    @published("not_found", "throttled")
    @extend_schema(
        operation_id="inbox_stream",
        parameters=[LAST_EVENT_ID],
        responses={(200, "text/event-stream"): OpenApiTypes.STR},
        examples=[EVENTS],
    )
    def get(self, request: Request) -> Response:
        """Tell live what changes in the caller's inbox, as server-sent events; by a process of its own.

        `item` carries a message that came or changed, `state` how many are new, each with the `seq` up to which all is
        told as its `id`: send the last one as `Last-Event-ID` after a cut, and nothing is missed or told twice. `end`
        says why the stream ends: `token_expired` and `session_ended` want a new token, `restart` and `slow` another
        try. Where this process does not serve it, 404 names the place in `stream_url`.
        """
        url = conf.url()
        if url:
            raise StreamElsewhere(stream_url=url)
        raise NoStream


def _change(change: _Change, request: Request, item_id: UUID) -> Response:
    row = change(person=_person(request), item=item_id, now=utcnow())
    return Response(shapes.Item(row).data)


def _unless_known(request: Request, answer: Callable[[Inbox], Any]) -> Response:
    """Return what is to be answered, or 304 where the caller knows it: by one row, read before anything else.

    What changes between the two readings is in the answer already, and moves the ETag: it is fetched once more.
    """
    state = inbox.state(_person(request))
    # With her id: a browser that another person has signed in to since asks with what it was told before.
    etag = f'W/"{state.person.hex}.{state.seq}"'
    known = parse_etags(request.headers.get("If-None-Match", ""))
    headers = {"ETag": etag}
    if "*" in known or {one.removeprefix("W/") for one in known} & {etag.removeprefix("W/")}:
        return Response(status=status.HTTP_304_NOT_MODIFIED, headers=headers)
    return Response(answer(state), headers=headers)


def _person(request: Request) -> UUID:
    person: UUID = caller_of(request).pk
    return person
