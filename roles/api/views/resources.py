"""Which resource lies below which, as clients say it."""

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kit.clock import utcnow
from kit.openapi import published
from kit.paging import CURSOR_PARAMETERS, cursor_page
from kit.parsing import NOTHING, asked, caller_of, parsed, told
from kit.permissions import by_method, requires
from kit.requests import origin_of
from roles import permissions, placements
from roles.api.examples import resources as examples
from roles.api.serializers import resources as shapes
from roles.models import Placement


class Placements(APIView):
    """What lies below what, and how that is changed."""

    permission_classes = (
        by_method(
            GET=requires(permissions.VIEW_PLACEMENT),
            POST=requires(permissions.ADD_PLACEMENT),
            DELETE=requires(permissions.DELETE_PLACEMENT),
        ),
    )

    @extend_schema(
        operation_id="placements",
        parameters=[shapes.PlacementsQuestion, *CURSOR_PARAMETERS],
        responses=shapes.PlacementPage,
        examples=examples.PLACEMENTS,
    )
    def get(self, request: Request) -> Response:
        """List what lies directly below what, the newest first."""
        question = asked(shapes.PlacementsQuestion, request)
        page = cursor_page(request, Placement.objects.filter(**question), order=("-id",), short="resource" in question)
        return Response(page.answer(shapes.PlacementItem(page.rows, many=True).data))

    @published("conflict")
    @extend_schema(
        operation_id="placements_create",
        request=shapes.NewPlacement,
        responses={201: shapes.PlacementItem, 200: shapes.PlacementItem},
        examples=examples.PLACED,
    )
    def post(self, request: Request) -> Response:
        """Put a resource below another: what is given or denied on the upper reaches the lower at the next request.

        Whoever would gain by it herself is refused (`permission_denied`). A resource lies below at most 20 others
        directly, below 1,000 in all, and in 50 levels (`conflict`), and never below itself. Once more the same answers
        200.
        """
        given = parsed(shapes.NewPlacement, request)
        placed = placements.place(**given, actor=caller_of(request), now=utcnow(), origin=origin_of(request))
        code = status.HTTP_201_CREATED if placed.created else status.HTTP_200_OK
        return Response(shapes.PlacementItem(placed.placement).data, status=code)

    @published("not_found")
    @extend_schema(
        operation_id="placements_delete",
        parameters=[shapes.NewPlacement],
        request=shapes.NewPlacement,
        responses={204: NOTHING},
        examples=examples.REMOVED,
    )
    def delete(self, request: Request) -> Response:
        """Take a resource from below another: both named in the body, or else in the query.

        Refused (`permission_denied`) to whom a denial would reach no longer.
        """
        given = told(shapes.NewPlacement, shapes.NewPlacement, request)
        placements.remove(**given, actor=caller_of(request), now=utcnow(), origin=origin_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
