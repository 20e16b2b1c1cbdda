"""What the service says about itself to anybody: its name, and the keys that verify its tokens."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from config import __version__
from kit.permissions import Public
from vault import signing_keys

JWKS_SECONDS = 300


class Index(APIView):
    """The service's name, version and links."""

    authentication_classes: list[Any] = []
    permission_classes = [Public]

    @extend_schema(operation_id="index", tags=["system"], responses=OpenApiTypes.OBJECT)
    def get(self, request: Any) -> Response:
        """Name, version and where to go on."""
        links = {
            "docs": "/api/v1/docs",
            "schema": "/api/v1/schema",
            "health": "/health",
            "keys": "/.well-known/jwks.json",
        }
        return Response({"service": "Gatehouse", "version": __version__, "links": links})


class Jwks(APIView):
    """The public keys that sign access tokens (RFC 7517)."""

    authentication_classes: list[Any] = []
    permission_classes = [Public]

    @extend_schema(operation_id="jwks", tags=["system"], responses=OpenApiTypes.OBJECT)
    def get(self, request: Any) -> Response:
        """The key set; a client may keep it for five minutes, and reads it again for a `kid` it does not know."""
        headers = {"Cache-Control": f"public, max-age={JWKS_SECONDS}"}
        return Response(signing_keys.jwks(), headers=headers)
