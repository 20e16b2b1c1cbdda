"""Letting the owner of an account in that strangers have been guessing at."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import devices, lockouts
from accounts.api.examples import lockouts as examples
from accounts.api.parsing import OpenView, parsed
from accounts.api.serializers import lockouts as shapes
from accounts.api.serializers.registration import LinkToken
from accounts.api.throttles import by_address
from kit.clock import utcnow
from kit.openapi import published
from kit.requests import origin_of


class UnlockView(OpenView):
    throttle_classes = [by_address("unlock")]

    @published(leads_to={"auth_login": {"requestBody": {"device_token": "$response.body#/device_token"}}})
    @extend_schema(
        operation_id="auth_unlock",
        request=LinkToken,
        responses={200: shapes.KnownDevice},
        examples=examples.UNLOCK,
    )
    def post(self, request: Request) -> Response:
        """Let the owner sign in although strangers have used up the tries at her account, with the token of her mail.

        The answer's `device_token` goes into the next sign-in: it has ten tries of its own, and is forgotten after an
        hour without one that succeeds. What strangers have spent stays spent. A token is good once, for 24 hours: one
        that is used, expired or not ours is a `validation_error` on `token`.
        """
        token = parsed(LinkToken, request)["token"]
        device = lockouts.let_in(token=token, now=utcnow(), origin=origin_of(request))
        return Response({"device_token": devices.token_of(device)})
