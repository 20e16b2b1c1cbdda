"""The published schema (OpenAPI 3.1) and Swagger's pages over it, with no asset from another host or inline script."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.views import APIView

from config import openapi  # noqa: F401 - registers how callers authenticate
from kit.conf import CONTENT_POLICY
from kit.permissions import Public

# Swagger's own style sheet holds its icons as data: images. React sets styles from script, which 'self' allows.
DOCS_POLICY = f"{CONTENT_POLICY}; img-src 'self' data:"


@extend_schema(exclude=True)
class Schema(SpectacularAPIView):
    """The schema as JSON."""

    authentication_classes: list[Any] = []
    permission_classes = [Public]
    default_response_headers: dict[str, str] = {}  # closed, it differs in nothing from an unknown path
    renderer_classes = [OpenApiJsonRenderer]

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Answer the schema, or as an unknown path does where the operator keeps it closed."""
        if not settings.DOCS_OPEN:
            raise Http404
        return super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call]


@extend_schema(exclude=True)
class Docs(APIView):
    """Pages to read and try the API."""

    authentication_classes: list[Any] = []
    permission_classes = [Public]
    default_response_headers: dict[str, str] = {}  # closed, it differs in nothing from an unknown path

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Answer Swagger's page."""
        if not settings.DOCS_OPEN:
            raise Http404
        page: HttpResponse = render(request, "docs.html")
        page.headers["Content-Security-Policy"] = DOCS_POLICY
        return page
