"""Asking for a role for a while, and deciding about it. Who may see or decide what is for the domain to say."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kit.clock import utcnow
from kit.openapi import published
from kit.paging import CURSOR_PARAMETERS, cursor_page
from kit.parsing import asked, caller_of, parsed
from kit.permissions import SignedIn
from kit.requests import origin_of
from roles import access_requests
from roles.api.examples import requests as examples
from roles.api.serializers import requests as shapes
from roles.models import AccessRequest


class AccessRequests(APIView):
    permission_classes = (SignedIn,)

    @extend_schema(
        operation_id="access_requests",
        parameters=[shapes.AccessRequestsQuestion, *CURSOR_PARAMETERS],
        responses=shapes.AccessRequestPage,
        examples=examples.REQUESTS,
    )
    def get(self, request: Request) -> Response:
        """List the requests for a role that the caller may see, the newest first.

        Her own and those that she made for others; those that wait where she may give roles (`roles.add_grant`); with
        `roles.view_accessrequest` all.
        """
        question = asked(shapes.AccessRequestsQuestion, request)
        lists = [rows.filter(**question) for rows in access_requests.visible(request.user, now=utcnow())]
        page = cursor_page(request, *lists, order=("-id",))
        return Response(page.answer(shapes.AccessRequestItem(page.rows, many=True).data))

    @published("conflict", "throttled")
    @extend_schema(
        operation_id="access_requests_ask",
        request=shapes.Wish,
        responses={201: shapes.AccessRequestItem, 200: shapes.AccessRequestItem},
        examples=examples.ASK,
    )
    def post(self, request: Request) -> Response:
        """Ask for a role for a while. Somebody who may give it decides; the while begins when they agree.

        The same once more, while it waits, answers 200 with the request there is; in other words it is a conflict.
        """
        wish = parsed(shapes.Wish, request)
        found = access_requests.ask(user=caller_of(request), **wish, now=utcnow(), origin=origin_of(request))
        code = status.HTTP_201_CREATED if found.created else status.HTTP_200_OK
        return Response(shapes.AccessRequestItem(found.request).data, status=code)


class RequestableRoles(APIView):
    permission_classes = (SignedIn,)

    @extend_schema(
        operation_id="access_requests_roles",
        parameters=CURSOR_PARAMETERS,
        responses=shapes.RequestableRolePage,
        examples=examples.ROLES,
    )
    def get(self, request: Request) -> Response:
        """List the roles that anybody may ask for, by name."""
        page = cursor_page(request, access_requests.requestable(), order=("name",))
        return Response(page.answer(shapes.RequestableRole(page.rows, many=True).data))


class AccessRequestView(APIView):
    permission_classes = (SignedIn,)

    @extend_schema(operation_id="access_requests_read", responses=shapes.AccessRequestItem, examples=examples.REQUEST)
    def get(self, request: Request, request_id: UUID) -> Response:
        """Return one request that the caller may see."""
        row = access_requests.find(request_id, viewer=request.user, now=utcnow())
        return Response(shapes.AccessRequestItem(row).data)


class Approve(APIView):
    permission_classes = (SignedIn,)

    @published("permission_denied", "conflict")
    @extend_schema(
        operation_id="access_requests_approve",
        request=shapes.Decision,
        responses=shapes.AccessRequestItem,
        examples=examples.APPROVE,
    )
    def post(self, request: Request, request_id: UUID) -> Response:
        """Agree: the role is given at once, for as long as was asked for.

        For who could give it herself until then, and neither gets it nor asked for it.
        """
        return _decide(access_requests.approve, request, request_id, **parsed(shapes.Decision, request))


class Refuse(APIView):
    permission_classes = (SignedIn,)

    @published("permission_denied", "conflict")
    @extend_schema(
        operation_id="access_requests_refuse",
        request=shapes.Decision,
        responses=shapes.AccessRequestItem,
        examples=examples.REFUSE,
    )
    def post(self, request: Request, request_id: UUID) -> Response:
        """Do not agree: nothing is given, and who asked is told the `answer`."""
        return _decide(access_requests.refuse, request, request_id, **parsed(shapes.Decision, request))


class Withdraw(APIView):
    permission_classes = (SignedIn,)

    @published("permission_denied", "conflict")
    @extend_schema(
        operation_id="access_requests_withdraw",
        request=None,
        responses=shapes.AccessRequestItem,
        examples=examples.WITHDRAW,
    )
    def post(self, request: Request, request_id: UUID) -> Response:
        """Take a request back, as who asked for the role or as who would get it."""
        return _decide(access_requests.withdraw, request, request_id)


def _decide(decide: Callable[..., AccessRequest], request: Request, request_id: UUID, **more: Any) -> Response:
    row = decide(request_id=request_id, actor=caller_of(request), **more, now=utcnow(), origin=origin_of(request))
    return Response(shapes.AccessRequestItem(row).data)
