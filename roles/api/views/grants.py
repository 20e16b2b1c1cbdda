"""Who has which role, and where: given, denied, taken back, listed."""

from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kit.clock import utcnow
from kit.errors import Invalid
from kit.openapi import published
from kit.paging import CURSOR_PARAMETERS, cursor_page
from kit.parsing import NOTHING, asked, caller_of, parsed, told
from kit.permissions import SignedIn, require, requires
from kit.requests import origin_of
from roles import access_requests, grants, groups, people, permissions
from roles.api.examples import grants as examples
from roles.api.serializers import grants as shapes
from roles.api.serializers.requests import AccessRequestItem
from roles.models import Grant


class Assign(APIView):
    permission_classes = (SignedIn,)

    @published("permission_denied", "conflict")
    @extend_schema(
        operation_id="roles_assign",
        request=shapes.Assignment,
        responses={201: shapes.GrantItem, 200: shapes.GrantItem, 202: AccessRequestItem},
        examples=examples.ASSIGN,
    )
    def post(self, request: Request) -> Response:
        """Give a person or a group a role, everywhere or on one resource; in force at the next request.

        It needs `roles.add_grant` there, and all that the role holds, for as long as it is given. The same once more
        answers 200 with the grant there is, and another `expires_at` counts from then on. Of a sensitive role 202
        answers with a request that a second person approves. To deny something to a person, the caller may do all that
        she may; to a group, everything.
        """
        given = parsed(shapes.Assignment, request)
        holder = _holder(request, given, permissions.ADD_GRANT)
        act = {**given, "actor": caller_of(request), "now": utcnow(), "origin": origin_of(request)}
        try:
            made = grants.give(holder=holder, **act)
        except grants.ApprovalNeeded:
            del act["denies"]
            proposed = access_requests.propose(user=cast("Any", holder), **act)  # of no group, ever
            return Response(AccessRequestItem(proposed.request).data, status=status.HTTP_202_ACCEPTED)
        code = status.HTTP_201_CREATED if made.created else status.HTTP_200_OK
        return Response(shapes.GrantItem(made.grant).data, status=code)


class Revoke(APIView):
    permission_classes = (SignedIn,)

    @published("permission_denied", "not_found", "conflict")
    @extend_schema(
        operation_id="roles_revoke",
        parameters=[shapes.RevocationQuery],
        request=shapes.Revocation,
        responses={204: NOTHING},
        examples=examples.REVOKE,
    )
    def delete(self, request: Request) -> Response:
        """Take a role, or a denial, back from a person or a group: named in the body, or else in the query.

        It needs `roles.delete_grant` there, and all that the role holds. A `conflict` for the last who may do
        everything. To lift a denial, the caller may do all that the person may; of a group's, everything.
        """
        given = told(shapes.Revocation, shapes.RevocationQuery, request)
        holder = _holder(request, given, permissions.DELETE_GRANT)
        grants.take(holder=holder, **given, actor=caller_of(request), now=utcnow(), origin=origin_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class Grants(APIView):
    permission_classes = (requires(permissions.VIEW_GRANT),)

    @extend_schema(
        operation_id="roles_grants",
        parameters=[shapes.GrantsQuestion, *CURSOR_PARAMETERS],
        responses=shapes.GrantPage,
        examples=examples.GRANTS,
    )
    def get(self, request: Request) -> Response:
        """List who has, or is denied, which role, where, until when, and by whom; the newest first.

        Grants that have ended are not among them.
        """
        question = asked(shapes.GrantsQuestion, request)
        rows = Grant.objects.live(utcnow()).filter(**question)
        page = cursor_page(request, rows, order=("-id",), short=not {"user", "group"}.isdisjoint(question))
        return Response(page.answer(shapes.GrantItem(page.rows, many=True).data))


def _holder(request: Request, given: dict[str, Any], permission: str) -> grants.Holder:
    """Take whom a grant is of out of what was sent, and return them.

    The permission is asked first: without it nobody learns by this who there is.
    """
    require(request, permission, given["resource"] or None)
    if "user" in given:
        return people.find(given.pop("user"))
    try:
        return groups.find(given.pop("group"))
    except groups.GroupNotFound as refusal:
        raise Invalid("group", refusal.detail, "unknown_group") from None
