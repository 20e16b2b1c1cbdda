"""The tokens of a session: renewed, judged, and given up."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import callers, refresh, sessions, tokens
from accounts.api import answers, cookies
from accounts.api.authentication import find_caller
from accounts.api.examples import login as examples
from accounts.api.parsing import NOTHING, OpenView, parsed
from accounts.api.serializers import login as shapes
from accounts.api.throttles import by_address, count_failure
from accounts.models import Session
from kit.clock import utcnow
from kit.errors import InvalidToken, NotAuthenticated, Throttled
from kit.openapi import published
from kit.requests import origin_of


class RefreshView(OpenView):
    @published(
        "invalid_token",
        "permission_denied",
        "throttled",
        "not_authenticated",
        leads_to={"auth_logout": {"requestBody": {"refresh": "$response.body#/refresh"}}},
    )
    @extend_schema(
        operation_id="auth_refresh",
        parameters=[cookies.DELIVERY],
        request=shapes.Refresh,
        responses=shapes.Tokens,
        examples=examples.REFRESHED,
    )
    def post(self, request: Request) -> Response:
        """Spend a refresh token for new tokens. Store the new refresh token before the old one is forgotten.

        A spent token that is sent again within 20 seconds, by a client that raced with itself or lost the answer, is
        answered with the live one. Sent later it ends its session, since somebody else may hold it. Calls with tokens
        that do not hold are limited by network address. With `X-Token-Delivery: cookie` the body is not looked at.
        """
        token = _refresh_token(request)
        now = utcnow()
        try:
            renewed = refresh.renew(token=token, now=now, origin=origin_of(request))
        except InvalidToken:
            count_failure(request, "refresh")
            raise
        return answers.token_pair(renewed, request=request, now=now)


class LogoutView(OpenView):
    # Public, since either token says who is signing out: an access token that has ended must not keep anybody in.
    for_impersonators = True

    @published("not_authenticated", "invalid_token", "permission_denied", "throttled")
    @extend_schema(
        operation_id="auth_logout",
        parameters=[cookies.DELIVERY],
        request=shapes.Logout,
        responses={204: NOTHING},
        auth=[{"bearer": []}, {}],  # type: ignore[list-item]
        examples=examples.LOGOUT,
    )
    def post(self, request: Request) -> Response:
        """Sign out this session, or with `all` every session of this person.

        Either token says whose session: the access token in the header, or `refresh` in the body when the access token
        has ended; with `X-Token-Delivery: cookie`, the cookie. All tokens of the session are refused from the next
        request on. Whoever acts for another person ends that alone.
        """
        given = parsed(shapes.Logout, request)
        in_cookie = cookies.are_wanted(request)
        session = _session_to_end(request, cookies.token_in(request) if in_cookie else given.get("refresh"))
        now, origin = utcnow(), origin_of(request)
        if given["all"] and session.impersonator_id is None:
            reason = Session.EndReason.LOGOUT_ALL
            sessions.end_all(user=session.user, reason=reason, actor=session.user_id, now=now, origin=origin)
        else:
            reason = Session.EndReason.LOGOUT
            sessions.end(session=session, reason=reason, actor=session.user_id, now=now, origin=origin)
        response = Response(status=status.HTTP_204_NO_CONTENT, headers={"Clear-Site-Data": '"cache", "storage"'})
        if in_cookie:
            cookies.forget(response)
        return response


class VerifyView(OpenView):
    throttle_classes = [by_address("verify")]

    @extend_schema(
        operation_id="auth_verify",
        request=shapes.AccessToken,
        responses=shapes.Introspection,
        examples=examples.VERIFY,
    )
    def post(self, request: Request) -> Response:
        """Say whether an access token is good now (RFC 7662), and never why not.

        This sees a sign-out at once. A service that can bear up to 30 minutes of delay (an hour where `act` says that
        staff act for the person) verifies tokens by itself, with the keys at `/.well-known/jwks.json`.
        """
        now = utcnow()
        try:
            claims = tokens.verify_access(parsed(shapes.AccessToken, request)["token"], now=now)
        except InvalidToken:
            return Response({"active": False})
        if callers.find(claims=claims, now=now) is None:
            return Response({"active": False})
        return Response({"active": True, **claims.claims, "token_type": "Bearer"})


def _refresh_token(request: Request) -> Any:
    """Return the refresh token that a client shows, in its cookie or in the body. Raises for none."""
    if not cookies.are_wanted(request):
        return parsed(shapes.Refresh, request)["refresh"]
    token = cookies.token_in(request)
    if not token:
        raise NotAuthenticated
    return token


def _session_to_end(request: Request, token: Any) -> Session:
    """Return the session that either token names; the access token first. Raises a 401 or 429 when neither does."""
    try:
        caller = find_caller(request)
    except (InvalidToken, Throttled):
        if not token:
            raise
        caller = None
    if caller is not None:
        return caller.session
    if not token:
        raise NotAuthenticated
    try:
        return refresh.find_session(token=token, now=utcnow())
    except InvalidToken:
        count_failure(request, "refresh")
        raise
