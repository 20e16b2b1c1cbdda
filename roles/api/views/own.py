"""A caller's own permissions, and the question whether a person may do something."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kit.clock import utcnow
from kit.openapi import published
from kit.parsing import parsed
from kit.permissions import SignedIn, note_refusal
from roles import effective, enquiries
from roles.api.examples import own as examples
from roles.api.serializers.own import AnswerSerializer, OwnPermissionsSerializer, QuestionSerializer


class OwnPermissions(APIView):
    """What the caller may do everywhere, and by which roles."""

    permission_classes = (SignedIn,)

    @extend_schema(operation_id="own_permissions", responses=OwnPermissionsSerializer, examples=examples.OWN)
    def get(self, request: Request) -> Response:
        """Return what the caller may do everywhere, and by which roles.

        `permissions` holds every name that the vocabulary declares and the caller's roles give, wildcards spelled out.
        What a role gives on one resource alone is not in it; ask `/permissions/check`.
        """
        now = utcnow()
        held = effective.of(request.user, now=now)
        return Response({"permissions": sorted(effective.names(request.user, now=now)), "roles": sorted(held.roles)})


class PermissionCheck(APIView):
    """Whether the caller may do something; with `roles.view_grant`, whether another person may."""

    permission_classes = (SignedIn,)
    for_impersonators = True

    @published("permission_denied")
    @extend_schema(
        operation_id="permission_check",
        request=QuestionSerializer,
        responses=AnswerSerializer,
        examples=examples.CHECK,
    )
    def post(self, request: Request) -> Response:
        """Say whether the caller may do something, everywhere or on one resource.

        With `user` it is about another person, which needs `roles.view_grant`. A change of roles is in force on the
        very next request. A permission that nobody declares is a `validation_error`, so that a typing error does not
        look like a no.
        """
        question = parsed(QuestionSerializer, request)
        try:
            allowed = enquiries.answer(caller=request.user, now=utcnow(), **question)
        except enquiries.NotYours as refusal:
            note_refusal(request, refusal.permission)
            raise
        return Response({"allowed": allowed})
