"""Roles: what each holds and inherits, for staff who make and change them."""

from typing import cast

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kit.clock import utcnow
from kit.openapi import published
from kit.paging import CURSOR_PARAMETERS, cursor_page
from kit.parsing import NOTHING, caller_of, parsed
from kit.permissions import by_method, requires
from kit.requests import origin_of
from roles import definitions, editing, permissions
from roles.api.examples import roles as examples
from roles.api.serializers import roles as shapes
from roles.definitions import BLANK, Changes
from roles.models import Role as RoleRow

NAME = OpenApiParameter("role", str, "path", description="The name of the role.")


class Roles(APIView):
    """The roles that there are, and the way to another."""

    permission_classes = (by_method(GET=requires(permissions.VIEW_ROLE), POST=requires(permissions.ADD_ROLE)),)

    @extend_schema(
        operation_id="roles", parameters=CURSOR_PARAMETERS, responses=shapes.RolePage, examples=examples.ROLES
    )
    def get(self, request: Request) -> Response:
        """List the roles, by name. Follow `next` and `previous`."""
        rows = RoleRow.objects.prefetch_related("permissions", "parents")
        page = cursor_page(request, rows, order=["name"])
        return Response(page.answer(shapes.RoleItem(page.rows, many=True).data))

    @extend_schema(
        operation_id="roles_create",
        request=shapes.NewRole,
        responses={201: shapes.RoleDetail},
        examples=examples.CREATED,
    )
    def post(self, request: Request) -> Response:
        """Make a role of what the caller holds herself, for good; anything more is `permission_denied`."""
        given = parsed(shapes.NewRole, request)
        made = editing.create(
            name=given.pop("name"),
            definition=definitions.changed(BLANK, cast("Changes", given)),
            actor=caller_of(request),
            now=utcnow(),
            origin=origin_of(request),
        )
        return Response(shapes.RoleDetail(made).data, status=status.HTTP_201_CREATED)


class Role(APIView):
    """One role."""

    permission_classes = (
        by_method(
            GET=requires(permissions.VIEW_ROLE),
            PATCH=requires(permissions.CHANGE_ROLE),
            DELETE=requires(permissions.DELETE_ROLE),
        ),
    )

    @extend_schema(operation_id="roles_read", parameters=[NAME], responses=shapes.RoleDetail, examples=examples.ROLE)
    def get(self, request: Request, role: str) -> Response:
        """Return one role, with all that it comes to by inheritance."""
        return Response(shapes.RoleDetail(editing.find(role)).data)

    @published("conflict")
    @extend_schema(
        operation_id="roles_change",
        parameters=[NAME],
        request=shapes.RoleChange,
        responses=shapes.RoleDetail,
        examples=examples.CHANGED,
    )
    def patch(self, request: Request, role: str) -> Response:
        """Change a role; whoever has it has just what it holds now, at the next request.

        The caller holds all that it held and all that it is to hold, or it is `permission_denied`. A `conflict`: what
        a built-in role holds; the last way to `*`; what must not become sensitive while people or groups have it.
        """
        changes = cast("Changes", parsed(shapes.RoleChange, request))
        changed = editing.change(
            role=role, actor=caller_of(request), now=utcnow(), origin=origin_of(request), **changes
        )
        return Response(shapes.RoleDetail(changed).data)

    @published("conflict")
    @extend_schema(operation_id="roles_delete", parameters=[NAME], responses={204: NOTHING})
    def delete(self, request: Request, role: str) -> Response:
        """Delete a role. A `conflict` while somebody has it, is denied it or asks for it, or a role inherits it."""
        editing.delete(role=role, actor=caller_of(request), now=utcnow(), origin=origin_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
