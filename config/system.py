"""What the service says about itself to anybody: its name, and the keys that verify its tokens."""

import hashlib
import json
from typing import Any

from django.http import HttpResponseBase
from django.utils.cache import get_conditional_response
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from config import __version__
from kit.permissions import Public
from vault import signing_keys

UNCHANGED = OpenApiResponse(description="The set that `If-None-Match` names is the one that is published.")


class Links(serializers.Serializer[Any]):
    """Paths from the root."""

    docs = serializers.CharField()
    schema = serializers.CharField()
    health = serializers.CharField()
    keys = serializers.CharField()


class Service(serializers.Serializer[Any]):
    """What answers here."""

    service = serializers.CharField()
    version = serializers.CharField()
    links = Links()


class Key(serializers.Serializer[Any]):
    """A public key of an elliptic curve. ES256 has `x` and `y`, EdDSA has `x` alone (RFC 7518, RFC 8037)."""

    kid = serializers.CharField(help_text="What the header of a token names.")
    kty = serializers.CharField()
    crv = serializers.CharField()
    x = serializers.CharField()
    y = serializers.CharField(required=False)
    use = serializers.CharField()
    alg = serializers.CharField(help_text="The only algorithm to verify with; never the one that the token names.")


class KeySet(serializers.Serializer[Any]):
    """A JWK Set (RFC 7517, section 5)."""

    keys = Key(many=True)


LINKS = {
    "docs": "/api/v1/docs",
    "schema": "/api/v1/schema",
    "health": "/health",
    "keys": "/.well-known/jwks.json",
}
SERVICE_EXAMPLE = OpenApiExample("service", {"service": "Gatehouse", "version": __version__, "links": LINKS})
KEYS_EXAMPLE = OpenApiExample(
    "one key",
    {
        "keys": [
            {
                "kid": "4_fZq0b1m8HcVw2kYt6uXjR3sLd5nPe7gAo9iBvCxQ5",
                "kty": "EC",
                "crv": "P-256",
                "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
                "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
                "use": "sig",
                "alg": "ES256",
            }
        ]
    },
)


class Index(APIView):
    """The service's name, version and links."""

    authentication_classes: list[Any] = []
    permission_classes = [Public]

    @extend_schema(operation_id="index", responses=Service, examples=[SERVICE_EXAMPLE])
    def get(self, request: Any) -> Response:
        """Return name, version and where to go on."""
        return Response({"service": "Gatehouse", "version": __version__, "links": LINKS})


class Jwks(APIView):
    """The public keys that sign access tokens (RFC 7517)."""

    authentication_classes: list[Any] = []
    permission_classes = [Public]

    @extend_schema(operation_id="jwks", responses={200: KeySet, 304: UNCHANGED}, examples=[KEYS_EXAMPLE])
    def get(self, request: Any) -> HttpResponseBase:
        """Return the public keys that verify access tokens (RFC 7517).

        A service that verifies tokens by itself may keep the set for five minutes. It reads it again for a `kid` that
        it does not know, and not more often than once a second. It checks `iss`, `aud`, `exp` and the header's
        `typ: at+jwt` (RFC 9068), and takes the algorithm from the key.
        """
        keys = signing_keys.jwks()
        etag = f'"{hashlib.sha256(json.dumps(keys, sort_keys=True).encode()).hexdigest()[:32]}"'
        headers = {"Cache-Control": f"public, max-age={signing_keys.CACHEABLE_SECONDS}", "ETag": etag}
        answer = Response(keys, headers=headers)
        return get_conditional_response(request, etag=etag, response=answer) or answer
