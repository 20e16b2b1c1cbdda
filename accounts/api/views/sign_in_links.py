"""Signing in by mail, where the operator allows it."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import sign_in_links
from accounts.api import answers, cookies
from accounts.api.examples import sign_in_links as examples
from accounts.api.parsing import OpenView, parsed
from accounts.api.serializers import Detail
from accounts.api.serializers import login as login_shapes
from accounts.api.serializers import sign_in_links as shapes
from accounts.api.serializers.password_changes import LinkRequest
from accounts.api.throttles import by_address
from accounts.api.views.registration import ON_ITS_WAY
from kit.clock import utcnow
from kit.openapi import published
from kit.requests import origin_of


class ByMailView(OpenView):
    """A call that is not there unless the operator has set `ACCOUNTS_SIGN_IN_BY_MAIL`."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Look at the setting before anything else."""
        sign_in_links.require_on()
        super().initial(request, *args, **kwargs)


class RequestView(ByMailView):
    throttle_classes = [by_address("sign-in-link-request")]

    @published("not_found")
    @extend_schema(
        operation_id="auth_sign_in_link_request",
        request=LinkRequest,
        responses={202: Detail},
        examples=examples.REQUEST,
    )
    def post(self, request: Request) -> Response:
        """Mail a code of six digits that signs in once, within ten minutes; with `link_url` a link too.

        The answer is the same whether or not somebody has this address; at most three such mails an hour go to one.
        Without `ACCOUNTS_SIGN_IN_BY_MAIL` this call is not there.
        """
        given = parsed(LinkRequest, request)
        sign_in_links.request(now=utcnow(), origin=origin_of(request), **given)
        return Response({"detail": ON_ITS_WAY}, status=status.HTTP_202_ACCEPTED)


class ByLinkView(ByMailView):
    throttle_classes = [by_address("sign-in-link")]

    @published("not_found", "invalid_credentials", "mfa_required", "mfa_enrolment_required")
    @extend_schema(
        operation_id="auth_sign_in_link",
        parameters=[cookies.DELIVERY],
        request=shapes.SignInLink,
        responses=login_shapes.Tokens,
        examples=examples.BY_LINK,
    )
    def post(self, request: Request) -> Response:
        """Sign in with the token of the mail. A second factor is asked for as after a password.

        A token that is used, expired, not the newest or not ours is a `validation_error` on `token`.
        """
        given = parsed(shapes.SignInLink, request)
        now = utcnow()
        token = given.pop("token")
        client = sign_in_links.Client(**given)
        result = sign_in_links.by_link(token=token, client=client, now=now, origin=origin_of(request))
        return answers.signed_in(result, request=request, now=now)


class ByCodeView(ByMailView):
    throttle_classes = [by_address("sign-in-code")]

    @published("not_found", "invalid_credentials", "mfa_required", "mfa_enrolment_required", "account_locked")
    @extend_schema(
        operation_id="auth_sign_in_code",
        parameters=[cookies.DELIVERY],
        request=shapes.SignInCode,
        responses=login_shapes.Tokens,
        examples=examples.BY_CODE,
    )
    def post(self, request: Request) -> Response:
        """Sign in with the code of the mail. A second factor is asked for as after a password.

        Five tries in ten minutes, whichever the code, at the same try for an address that is nobody's; a wrong one
        counts as a wrong password does.
        """
        given = parsed(shapes.SignInCode, request)
        now = utcnow()
        email, code = given.pop("email"), given.pop("code")
        client = sign_in_links.Client(**given)
        result = sign_in_links.by_code(email=email, code=code, client=client, now=now, origin=origin_of(request))
        return answers.signed_in(result, request=request, now=now)
