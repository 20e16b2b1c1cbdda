"""Encrypting and decrypting texts for callers that keep them: parse, one domain call, answer."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kit import tenants
from kit.clock import utcnow
from kit.openapi import published
from kit.permissions import requires
from kit.requests import origin_of
from vault import ciphertexts, permissions
from vault.api import examples
from vault.api.serializers import CiphertextSerializer, DecryptSerializer, EncryptSerializer, PlaintextSerializer
from vault.api.throttles import by_caller
from vault.uses import Caller


class Encrypt(APIView):
    """Encrypts a text that the caller keeps."""

    permission_classes = (requires(permissions.ENCRYPT),)
    throttle_classes = (by_caller("encrypt"),)

    @published(leads_to={"decrypt": {"requestBody": {"ciphertext": "$response.body#/ciphertext"}}})
    @extend_schema(
        operation_id="encrypt",
        tags=["encryption"],
        request=EncryptSerializer,
        responses=CiphertextSerializer,
        examples=examples.ENCRYPT,
    )
    def post(self, request: Request) -> Response:
        """Encrypt a text, bound to the caller's tenant and to `context`. Nothing of it is stored.

        The answer is for the caller to keep; AES-256-GCM, and never the same twice for one text. It opens for as long
        as its root key is kept, also after another has become active: decrypt and encrypt again to bring it under that.
        """
        given = EncryptSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        sealed = ciphertexts.encrypt(**given.validated_data, caller=_caller(request), now=utcnow())
        return Response(CiphertextSerializer(sealed).data)


class Decrypt(APIView):
    """Decrypts what `Encrypt` answered."""

    permission_classes = (requires(permissions.DECRYPT),)
    throttle_classes = (by_caller("decrypt"),)

    @extend_schema(
        operation_id="decrypt",
        tags=["encryption"],
        request=DecryptSerializer,
        responses=PlaintextSerializer,
        examples=examples.DECRYPT,
    )
    def post(self, request: Request) -> Response:
        """Decrypt what `/api/v1/encrypt` answered to a caller of the same tenant with the same `context`.

        Whatever does not open is answered with one and the same `validation_error`: changed, cut, of another tenant,
        with another context, or under a key that is gone. Each use is recorded, without the text.
        """
        given = DecryptSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        plaintext = ciphertexts.decrypt(**given.validated_data, caller=_caller(request), now=utcnow())
        return Response({"plaintext": plaintext})


def _caller(request: Request) -> Caller:
    user: Any = request.user
    return Caller(id=user.pk, tenant=tenants.of(user), origin=origin_of(request))
