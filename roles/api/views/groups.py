"""Groups of people, and who is in them."""

from uuid import UUID

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
from roles import groups, people, permissions
from roles.api.examples import groups as examples
from roles.api.serializers import groups as shapes
from roles.models import Group as GroupRow
from roles.models import Membership

NAME = OpenApiParameter("group", str, "path", description="The name of the group.")


class Groups(APIView):
    """The groups that there are, and the way to another."""

    permission_classes = (by_method(GET=requires(permissions.VIEW_GROUP), POST=requires(permissions.ADD_GROUP)),)

    @extend_schema(
        operation_id="groups", parameters=CURSOR_PARAMETERS, responses=shapes.GroupPage, examples=examples.GROUPS
    )
    def get(self, request: Request) -> Response:
        """List the groups, by name. What one was given, `GET /roles/grants` lists."""
        page = cursor_page(request, GroupRow.objects.all(), order=("name",))
        return Response(page.answer(shapes.GroupItem(page.rows, many=True).data))

    @extend_schema(
        operation_id="groups_create",
        request=shapes.NewGroup,
        responses={201: shapes.GroupItem},
        examples=examples.CREATED,
    )
    def post(self, request: Request) -> Response:
        """Make a group that nobody is in, and that was given nothing."""
        given = parsed(shapes.NewGroup, request)
        made = groups.create(**given, actor=caller_of(request), now=utcnow(), origin=origin_of(request))
        return Response(shapes.GroupItem(made).data, status=status.HTTP_201_CREATED)


class Group(APIView):
    """One group."""

    permission_classes = (
        by_method(
            GET=requires(permissions.VIEW_GROUP),
            PATCH=requires(permissions.CHANGE_GROUP),
            DELETE=requires(permissions.DELETE_GROUP),
        ),
    )

    @extend_schema(operation_id="groups_read", parameters=[NAME], responses=shapes.GroupItem, examples=examples.GROUP)
    def get(self, request: Request, group: str) -> Response:
        """Return one group."""
        return Response(shapes.GroupItem(groups.find(group)).data)

    @extend_schema(
        operation_id="groups_change",
        parameters=[NAME],
        request=shapes.GroupChange,
        responses=shapes.GroupItem,
        examples=examples.CHANGED,
    )
    def patch(self, request: Request, group: str) -> Response:
        """Say anew what a group is for."""
        given = parsed(shapes.GroupChange, request)
        row = groups.describe(name=group, **given, actor=caller_of(request), now=utcnow(), origin=origin_of(request))
        return Response(shapes.GroupItem(row).data)

    @published("conflict")
    @extend_schema(operation_id="groups_delete", parameters=[NAME], responses={204: NOTHING})
    def delete(self, request: Request, group: str) -> Response:
        """Delete a group with all that it was given: its members have none of that at the next request.

        The caller holds all of it, or it is `permission_denied`; where something is denied to the group, everything. A
        `conflict` for the last way to `*`.
        """
        groups.delete(name=group, actor=caller_of(request), now=utcnow(), origin=origin_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class Members(APIView):
    """Who is in a group, and the way into it."""

    permission_classes = (
        by_method(GET=requires(permissions.VIEW_MEMBERSHIP), POST=requires(permissions.ADD_MEMBERSHIP)),
    )

    @extend_schema(
        operation_id="groups_members",
        parameters=[NAME, *CURSOR_PARAMETERS],
        responses=shapes.MemberPage,
        examples=examples.MEMBERS,
    )
    def get(self, request: Request, group: str) -> Response:
        """List who is in a group, the newest first."""
        rows = Membership.objects.filter(group=groups.find(group))
        page = cursor_page(request, rows, order=("-id",))
        return Response(page.answer(shapes.MemberItem(page.rows, many=True).data))

    @published("conflict")
    @extend_schema(
        operation_id="groups_join",
        parameters=[NAME],
        request=shapes.NewMember,
        responses={201: shapes.MemberItem, 200: shapes.MemberItem},
        examples=examples.JOINED,
    )
    def post(self, request: Request, group: str) -> Response:
        """Put a person into a group: what it has is hers at the next request.

        The caller holds all of it for good, or it is `permission_denied`. Once more the same answers 200.
        """
        given = parsed(shapes.NewMember, request)
        name = groups.find(group).name
        user = people.find(given["user"])
        joined = groups.join(name=name, user=user, actor=caller_of(request), now=utcnow(), origin=origin_of(request))
        code = status.HTTP_201_CREATED if joined.created else status.HTTP_200_OK
        return Response(shapes.MemberItem(joined.membership).data, status=code)


class Member(APIView):
    """One who is in a group."""

    permission_classes = (requires(permissions.DELETE_MEMBERSHIP),)

    @published("conflict")
    @extend_schema(operation_id="groups_leave", parameters=[NAME], responses={204: NOTHING})
    def delete(self, request: Request, group: str, user_id: UUID) -> Response:
        """Take a person out of a group: what it has is hers no longer at the next request.

        The caller holds all of it, or it is `permission_denied`. A `conflict` for the last who may do everything.
        """
        user = people.find_all([user_id]).get(user_id)
        if user is None:
            raise groups.NotAMember
        groups.leave(name=group, user=user, actor=caller_of(request), now=utcnow(), origin=origin_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
