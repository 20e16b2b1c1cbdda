"""Why somebody may do something, or may not."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kit.clock import utcnow
from kit.openapi import published
from kit.parsing import parsed
from kit.permissions import SignedIn, note_refusal
from roles import enquiries, explaining
from roles.api.examples import explain as examples
from roles.api.serializers.explain import ExplanationSerializer
from roles.api.serializers.own import QuestionSerializer


class Explain(APIView):
    """Why the caller may do something, or may not; with `roles.view_grant`, why another person."""

    permission_classes = (SignedIn,)
    for_impersonators = True

    @published("permission_denied")
    @extend_schema(
        operation_id="roles_explain",
        request=QuestionSerializer,
        responses=ExplanationSerializer,
        examples=examples.EXPLAIN,
    )
    def post(self, request: Request) -> Response:
        """Say why the caller may do something, everywhere or on one resource, or what is missing.

        `because` tells each grant that allows it by its shortest way through groups, roles and resources; otherwise
        the denials, or the grants that have ended; at most 50. `needed` names roles of which one would do: those that
        one may ask for, and with `roles.view_role` all. With `user` it is about another person, which needs
        `roles.view_grant`.
        """
        question = parsed(QuestionSerializer, request)
        try:
            found = explaining.answer(caller=request.user, now=utcnow(), **question)
        except enquiries.NotYours as refusal:
            note_refusal(request, refusal.permission)
            raise
        return Response(ExplanationSerializer(found).data)
