"""Templates over HTTP: which there are, what they say, and new wordings of them."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kit import tenants
from kit.clock import utcnow
from kit.openapi import published
from kit.parsing import caller_of, parsed
from kit.permissions import by_method, requires
from kit.requests import origin_of
from notifications.api import template_examples as examples
from notifications.api import template_shapes as shapes
from notifications.models import Template
from notifications.permissions import CHANGE_TEMPLATE, SEND_MESSAGE
from notifications.wording import catalogue, versions
from notifications.wording.defaults import Sources

NAME = OpenApiParameter("name", str, "path", description="The name of the template.")
NUMBER = OpenApiParameter("number", int, "path", description="The number of the wording.")


class TemplatesView(APIView):
    permission_classes = (by_method(GET=requires(SEND_MESSAGE), POST=requires(CHANGE_TEMPLATE)),)

    @extend_schema(operation_id="notify_templates", responses=shapes.TemplatesAnswer, examples=examples.TEMPLATES)
    def get(self, request: Request) -> Response:
        """List all templates by name: the channels each can be sent by, and the variables of its context.

        Those with `house` are messages that the service sends itself; callers cannot send them.
        """
        found = catalogue.items(tenants.of(request.user))
        return Response(shapes.TemplatesAnswer({"results": found}).data)

    @published("conflict")
    @extend_schema(
        operation_id="notify_template_make",
        request=shapes.NewTemplate,
        responses={201: shapes.TemplateDetail},
        examples=examples.MADE,
    )
    def post(self, request: Request) -> Response:
        """Make a template: its name, and its variables with a sample of each. Its wordings follow.

        A name that begins like those of the service's own messages (`accounts.`) is refused.
        """
        template = versions.make(**parsed(shapes.NewTemplate, request), **_by(request))
        return Response(_detail(template), status=status.HTTP_201_CREATED)


class TemplateView(APIView):
    permission_classes = (requires(SEND_MESSAGE),)

    @extend_schema(
        operation_id="notify_template", parameters=[NAME], responses=shapes.TemplateDetail, examples=examples.TEMPLATE
    )
    def get(self, request: Request, name: str) -> Response:
        """Show a template: its channels, its variables with their samples, and its newest wordings."""
        return Response(_detail(versions.find(name, tenants.of(request.user))))


class PreviewView(APIView):
    permission_classes = (requires(SEND_MESSAGE),)

    @extend_schema(
        operation_id="notify_template_preview",
        parameters=[NAME],
        request=shapes.PreviewQuestion,
        responses=shapes.PreviewAnswer,
        examples=examples.PREVIEW,
    )
    def post(self, request: Request, name: str) -> Response:
        """Show what a template says, with a context or with its samples. Nothing is sent.

        A variable that is missing is a mistake at `context.<name>`, as it is when the template is sent.
        """
        asked = parsed(shapes.PreviewQuestion, request)
        shown = catalogue.preview(
            name=name,
            channel=asked.get("channel", ""),
            locale=asked.get("locale", ""),
            number=asked.get("version"),
            context=asked.get("context"),
            tenant=tenants.of(request.user),
        )
        return Response(shapes.PreviewAnswer(shown).data)


class VersionsView(APIView):
    permission_classes = (requires(CHANGE_TEMPLATE),)

    @published("conflict")
    @extend_schema(
        operation_id="notify_template_draft",
        parameters=[NAME],
        request=shapes.NewVersion,
        responses={201: shapes.VersionAnswer},
        examples=examples.DRAFTED,
    )
    def post(self, request: Request, name: str) -> Response:
        """Keep a wording as a draft, for one channel and language. Publish it to have it said.

        It is written in a part of Django's template syntax: `{{ name|filter }}`, `if`, `for` and `comment`. It may name
        the template's variables, `public_url` and `brand_name`, and must come out right with the samples; a mistake is
        told at its part, with the line and the word. HTML is put into the layout of all mails, links other than to
        `http`, `https`, `mailto` and `tel` are dropped, and values are escaped.
        """
        given = parsed(shapes.NewVersion, request)
        sources = Sources(**{part: given.pop(part, "") for part in ("subject", "text", "html")})
        version = versions.draft(name=name, sources=sources, **given, **_by(request))
        return Response(shapes.VersionAnswer(version).data, status=status.HTTP_201_CREATED)


class PublishView(APIView):
    permission_classes = (requires(CHANGE_TEMPLATE),)

    @published("conflict")
    @extend_schema(
        operation_id="notify_template_publish",
        parameters=[NAME, NUMBER],
        request=None,
        responses=shapes.VersionAnswer,
        examples=examples.PUBLISHED,
    )
    def post(self, request: Request, name: str, number: int) -> Response:
        """Have a wording said from now on, instead of the one before it for its channel and language.

        Messages that were accepted before keep the wording they were accepted with. One that has been retired is
        published anew under a number of its own: so one goes back.
        """
        version = versions.publish(name=name, number=number, **_by(request))
        return Response(shapes.VersionAnswer(version).data)


class RetireView(APIView):
    permission_classes = (requires(CHANGE_TEMPLATE),)

    @published("conflict")
    @extend_schema(
        operation_id="notify_template_retire",
        parameters=[NAME, NUMBER],
        request=None,
        responses=shapes.VersionAnswer,
        examples=examples.RETIRED,
    )
    def post(self, request: Request, name: str, number: int) -> Response:
        """Take a published wording back with none in its place.

        A message that the service sends itself then says what it said in the beginning.
        """
        version = versions.retire(name=name, number=number, **_by(request))
        return Response(shapes.VersionAnswer(version).data)


def _by(request: Request) -> dict[str, Any]:
    """Return who changes something, for whom, and when."""
    caller = caller_of(request)
    return {"actor": caller.pk, "now": utcnow(), "origin": origin_of(request), "tenant": tenants.of(caller)}


def _detail(template: Template) -> Any:
    item = catalogue.item(template)
    told = {name: getattr(item, name) for name in item.__slots__}
    told.update(samples=item.variables, versions=catalogue.newest(template))
    return shapes.TemplateDetail(told).data
