"""The vocabulary: every permission there is, and those that client applications add."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kit.clock import utcnow
from kit.openapi import published
from kit.paging import PARAMETERS, NumberedPages
from kit.parsing import NOTHING, asked, caller_of, parsed
from kit.permissions import by_method, requires
from kit.requests import origin_of
from roles import client_permissions, declarations, permissions
from roles.api.examples import permissions as examples
from roles.api.serializers import permissions as shapes

NAME = OpenApiParameter("permission", str, "path", description="The name of the permission.")


class Permissions(APIView):
    """Every permission that a role may hold, and the way of a client to add its own."""

    permission_classes = (
        by_method(GET=requires(permissions.VIEW_PERMISSION), POST=requires(permissions.ADD_PERMISSION)),
    )

    @published("not_found")
    @extend_schema(
        operation_id="permissions",
        parameters=[shapes.PermissionQuestion, *PARAMETERS],
        responses=shapes.PermissionPage,
        examples=examples.PERMISSIONS,
    )
    def get(self, request: Request) -> Response:
        """List every permission that there is, by name: those of the service's own apps and those of clients."""
        namespace = asked(shapes.PermissionQuestion, request)["namespace"]
        pages = NumberedPages()
        page = pages.paginate_queryset(declarations.listed(user=request.user, namespace=namespace), request)
        return pages.get_paginated_response(shapes.PermissionItem(page, many=True).data)

    @published("conflict")
    @extend_schema(
        operation_id="permissions_declare",
        request=shapes.PermissionOffer,
        responses={201: shapes.PermissionItem, 200: shapes.PermissionItem},
        examples=examples.DECLARED,
    )
    def post(self, request: Request) -> Response:
        """Declare a permission of a client application, so that roles may hold it and everybody may ask for it.

        Once more the same is answered with 200, and a new description is kept. A client may declare all of its
        permissions each time it starts. A `conflict` where there are too many.
        """
        given = parsed(shapes.PermissionOffer, request)
        made = client_permissions.declare(**given, actor=caller_of(request), now=utcnow(), origin=origin_of(request))
        answer: dict[str, Any] = {**given, "built_in": False}
        return Response(answer, status=status.HTTP_201_CREATED if made.created else status.HTTP_200_OK)


class Permission(APIView):
    """A permission that a client declared."""

    permission_classes = (by_method(DELETE=requires(permissions.DELETE_PERMISSION)),)

    @published("conflict")
    @extend_schema(operation_id="permissions_withdraw", parameters=[NAME], responses={204: NOTHING})
    def delete(self, request: Request, permission: str) -> Response:
        """Withdraw a permission that a client declared. A `conflict` while a role holds it.

        So is the last of a namespace while a role holds the wildcard of that.
        """
        client_permissions.withdraw(name=permission, actor=caller_of(request), now=utcnow(), origin=origin_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
