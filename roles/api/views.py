"""A caller's own permissions, and the question whether a person may do something."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kit.clock import utcnow
from kit.permissions import SignedIn, note_refusal
from roles import effective, enquiries, vocabulary
from roles.api.serializers import AnswerSerializer, OwnPermissionsSerializer, QuestionSerializer


class OwnPermissions(APIView):
    """What the caller may do everywhere, and by which roles."""

    permission_classes = (SignedIn,)

    @extend_schema(operation_id="own_permissions", responses=OwnPermissionsSerializer)
    def get(self, request: Request) -> Response:
        held = effective.of(request.user, now=utcnow())
        return Response({"permissions": sorted(vocabulary.expand(held.everywhere)), "roles": sorted(held.roles)})


class PermissionCheck(APIView):
    """Whether the caller may do something; with `roles.view_grant`, whether another person may."""

    permission_classes = (SignedIn,)

    @extend_schema(operation_id="permission_check", request=QuestionSerializer, responses=AnswerSerializer)
    def post(self, request: Request) -> Response:
        question = _asked(request)
        try:
            allowed = enquiries.answer(caller=request.user, now=utcnow(), **question)
        except enquiries.NotYours as refusal:
            note_refusal(request, refusal.permission)
            raise
        return Response({"allowed": allowed})


def _asked(request: Request) -> dict[str, Any]:
    serializer = QuestionSerializer(data=request.data)
    serializer.is_valid(raise_exception=True)
    asked: dict[str, Any] = serializer.validated_data
    return asked
