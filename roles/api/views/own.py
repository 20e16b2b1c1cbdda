"""A caller's own permissions, and the question whether a person may do something."""

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kit.clock import utcnow
from kit.openapi import published
from kit.parsing import parsed, sent
from kit.permissions import SignedIn, note_refusal
from roles import effective, enquiries
from roles.api.examples import own as examples
from roles.api.serializers import own as shapes


def _either(name: str, *shapes_: type[Any]) -> PolymorphicProxySerializer:
    """Return the schema of a body that has one of several shapes."""
    return PolymorphicProxySerializer(component_name=name, serializers=list(shapes_), resource_type_field_name=None)


class OwnPermissions(APIView):
    """What the caller may do everywhere, and by which roles."""

    permission_classes = (SignedIn,)

    @extend_schema(operation_id="own_permissions", responses=shapes.OwnPermissionsSerializer, examples=examples.OWN)
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
        request=_either("PermissionQuestions", shapes.QuestionSerializer, shapes.QuestionsSerializer),
        responses=_either("PermissionAnswers", shapes.AnswerSerializer, shapes.AnswersSerializer),
        examples=examples.CHECK,
    )
    def post(self, request: Request) -> Response:
        """Say whether the caller may do something, everywhere or on one resource.

        With `user` it is about another person, which needs `roles.view_grant`. A change of roles is in force on the
        very next request. A permission that nobody declares is a `validation_error`, so that a typing error does not
        look like a no. Up to 100 questions go into one call as `checks`, and are answered in order as `results`; one
        that is refused refuses the call.
        """
        ask = _answers if "checks" in sent(request) else _answer
        try:
            return Response(ask(request))
        except enquiries.NotYours as refusal:
            note_refusal(request, refusal.permission)
            raise


def _answer(request: Request) -> dict[str, Any]:
    question = parsed(shapes.QuestionSerializer, request)
    return {"allowed": enquiries.answer(caller=request.user, now=utcnow(), **question)}


def _answers(request: Request) -> dict[str, Any]:
    questions = [enquiries.Question(**each) for each in parsed(shapes.QuestionsSerializer, request)["checks"]]
    allowed = enquiries.answers(caller=request.user, questions=questions, now=utcnow())
    return {"results": [{"allowed": each} for each in allowed]}
