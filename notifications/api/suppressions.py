"""Addresses that nothing is sent to: listed, held back by staff, and let go again."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kit import fields
from kit.clock import utcnow
from kit.examples import answer, body
from kit.openapi import published
from kit.paging import CURSOR_PARAMETERS, cursor_page
from kit.parsing import NOTHING, asked, caller_of, parsed
from kit.permissions import by_method, requires
from kit.requests import origin_of
from notifications import categories, suppressions
from notifications.api.sending_shapes import Category
from notifications.channels import Channel
from notifications.models import Suppression
from notifications.suppressions import MAX_ADDRESS, MAX_DETAIL, Place

_ROW = {
    "id": "0193a5d0-4b7e-7f10-b3c2-9a8b7c6d5e4f",
    "channel": "email",
    "address": "berta@example.com",
    "category": "",
    "reason": "staff",
    "detail": "She asked by telephone.",
    "message": None,
    "created_by": "0193a5ca-3c2f-7e4d-9f6b-5a7c8d9eafb0",
    "created_at": "2026-11-21T10:00:00Z",
    "expires_at": None,
}
_GIVEN = {"channel": "email", "address": "berta@example.com", "detail": "She asked by telephone."}
PAGE = [answer({"next": None, "previous": None, "results": [_ROW]})]
ADDED = [body(_GIVEN), answer(_ROW, status=201)]


class SuppressionsQuestion(serializers.Serializer[Any]):
    """Which addresses to list."""

    address = fields.Text(required=False, max_length=MAX_ADDRESS, help_text="The whole address.")
    channel = fields.Choice(choices=Channel.choices, required=False)
    reason = fields.Choice(choices=Suppression.Reason.choices, required=False)


class SuppressionItem(serializers.ModelSerializer[Suppression]):
    """An address that nothing is sent to on a channel."""

    class Meta:
        model = Suppression
        fields = (
            *("id", "channel", "address", "category", "reason", "detail", "message"),
            *("created_by", "created_at", "expires_at"),
        )
        read_only_fields = fields


class SuppressionPage(serializers.Serializer[Any]):
    """A page of addresses, the newest first."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = SuppressionItem(many=True)


class NewSuppression(serializers.Serializer[Any]):
    """An address to send nothing more to, and why."""

    channel = serializers.ChoiceField(choices=Channel.choices)
    address = fields.Text(max_length=MAX_ADDRESS, help_text="In the form of its channel.")
    category = Category(
        max_length=categories.MAX_NAME,
        required=False,
        help_text="Only this one; all that need not arrive unless given.",
    )
    detail = fields.Text(max_length=MAX_DETAIL, help_text="Why, in one line.")


class Lifting(serializers.Serializer[Any]):
    """Why an address is written to again."""

    reason = fields.Text(max_length=MAX_DETAIL, help_text="Why, in one line, for the audit log.")


class SuppressionsView(APIView):
    permission_classes = (
        by_method(GET=requires("notifications.view_suppression"), POST=requires("notifications.add_suppression")),
    )

    @extend_schema(
        operation_id="notify_suppressions",
        parameters=[SuppressionsQuestion, *CURSOR_PARAMETERS],
        responses=SuppressionPage,
        examples=PAGE,
    )
    def get(self, request: Request) -> Response:
        """List the addresses that nothing is sent to, the newest first.

        They bounced, complained, answered STOP or unsubscribed, or staff had them held back. Of somebody erased, a
        digest stands in the place of the address: searching for the address itself finds it.
        """
        page = cursor_page(request, suppressions.find(**asked(SuppressionsQuestion, request)), order=("-id",))
        return Response(page.answer(SuppressionItem(page.rows, many=True).data))

    @published("conflict")
    @extend_schema(
        operation_id="notify_suppressions_add",
        request=NewSuppression,
        responses={201: SuppressionItem},
        examples=ADDED,
    )
    def post(self, request: Request) -> Response:
        """Have nothing more sent to an address, but what must arrive. What waits for it ends `suppressed`.

        A `conflict` where it is held back already, by staff or for what weighs more.
        """
        given = parsed(NewSuppression, request)
        detail = given.pop("detail")
        row = suppressions.add(
            place=Place(**given),
            detail=detail,
            actor=caller_of(request).pk,
            now=utcnow(),
            origin=origin_of(request),
        )
        return Response(SuppressionItem(row).data, status=status.HTTP_201_CREATED)


class SuppressionView(APIView):
    permission_classes = (by_method(DELETE=requires("notifications.delete_suppression")),)

    @extend_schema(operation_id="notify_suppressions_lift", parameters=[Lifting], responses={204: NOTHING})
    def delete(self, request: Request, suppression_id: UUID) -> Response:
        """Let an address be written to again. The `reason`, in the query, goes into the audit log."""
        suppressions.require(suppression_id)
        suppressions.lift(
            suppression=suppression_id,
            why=asked(Lifting, request)["reason"],
            actor=caller_of(request).pk,
            now=utcnow(),
            origin=origin_of(request),
        )
        return Response(status=status.HTTP_204_NO_CONTENT)
