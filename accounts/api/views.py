"""The account calls of the contract: parse, one domain call, answer."""

import uuid
from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import login, people, refresh, registration, sessions, tokens
from accounts.api import answers, examples, serializers
from accounts.api.authentication import find_caller
from accounts.api.throttles import by_address
from accounts.models import Session
from kit.clock import utcnow
from kit.errors import InvalidToken, NotAuthenticated
from kit.openapi import published
from kit.paging import PARAMETERS, NumberedPages
from kit.permissions import Public, SignedIn
from kit.requests import address_of, origin_of
from limits import addresses

ON_ITS_WAY = "If this address can be used, a mail is on its way to it."
NOTHING = OpenApiResponse(description="Done; there is nothing to say.")


class OpenView(APIView):
    """A call that anybody may make; a credential in the request is not looked at."""

    authentication_classes = []
    permission_classes = [Public]


class RegisterView(OpenView):
    throttle_classes = [by_address("register")]

    @extend_schema(
        operation_id="auth_register",
        request=serializers.Registration,
        responses={202: serializers.Detail},
        examples=examples.REGISTER,
    )
    def post(self, request: Request) -> Response:
        """Ask for an account. The answer is the same whether or not the address is taken; a mail tells its owner which.

        The account comes to be when the link in the mail is opened and confirmed, within 24 hours, with the password
        given here. A `username` that somebody has is a `validation_error` on that field.
        """
        wish = registration.Wish(**_parsed(serializers.Registration, request))
        registration.request(wish=wish, now=utcnow(), origin=origin_of(request))
        return Response({"detail": ON_ITS_WAY}, status=status.HTTP_202_ACCEPTED)


class VerifyEmailView(OpenView):
    throttle_classes = [by_address("verify-email")]

    @extend_schema(
        operation_id="auth_verify_email",
        request=serializers.LinkToken,
        responses={200: serializers.Detail},
        examples=examples.VERIFY_EMAIL,
    )
    def post(self, request: Request) -> Response:
        """Confirm an address with the token of its mail. The account can be used from now on.

        The link itself opens a page of ours whose button does this; a client that shows its own page calls it here.
        A token is good once, for 24 hours: one that is used, expired or not ours is a `validation_error` on `token`.
        """
        token = _parsed(serializers.LinkToken, request)["token"]
        registration.confirm(token=token, now=utcnow(), origin=origin_of(request))
        return Response({"detail": "The address is confirmed. You can sign in now."})


class ResendVerificationView(OpenView):
    throttle_classes = [by_address("resend-verification")]

    @extend_schema(
        operation_id="auth_resend_verification",
        request=serializers.Address,
        responses={202: serializers.Detail},
        examples=examples.RESEND,
    )
    def post(self, request: Request) -> Response:
        """Mail the link of a pending registration again. An address gets at most three mails an hour.

        The answer never says whether there is a registration.
        """
        email = _parsed(serializers.Address, request)["email"]
        registration.resend(email=email, now=utcnow(), origin=origin_of(request))
        return Response({"detail": ON_ITS_WAY}, status=status.HTTP_202_ACCEPTED)


class LoginView(OpenView):
    throttle_classes = [by_address("login")]

    @published(
        "invalid_credentials",
        "mfa_required",
        "account_locked",
        leads_to={
            "auth_refresh": {"requestBody": {"refresh": "$response.body#/refresh"}},
            "auth_logout": {"requestBody": {"refresh": "$response.body#/refresh"}},
            "auth_verify": {"requestBody": {"token": "$response.body#/access"}},
        },
    )
    @extend_schema(
        operation_id="auth_login",
        request=serializers.Login,
        responses=serializers.Tokens,
        examples=examples.LOGIN,
    )
    def post(self, request: Request) -> Response:
        """Sign in with an address or a user name and a password. Every sign-in is a session of its own.

        Keep `device_token` and send it at the next sign-in from here: it marks a device known to this person, which
        others cannot lock out by guessing. Ten wrong tries are free; then each waits, from 30 seconds up to an hour,
        at the same try for a name that exists and for one that does not.
        """
        given = _parsed(serializers.Login, request)
        name = given.pop("email", None) or given.pop("username")
        now = utcnow()
        result = login.begin(
            credentials=login.Credentials(name=name, **given),
            door=Session.Door.API,
            now=now,
            origin=origin_of(request),
        )
        return answers.signed_in(result, now=now)


class RefreshView(OpenView):
    @published(
        "invalid_token",
        "throttled",
        leads_to={"auth_logout": {"requestBody": {"refresh": "$response.body#/refresh"}}},
    )
    @extend_schema(
        operation_id="auth_refresh",
        request=serializers.Refresh,
        responses=serializers.Tokens,
        examples=examples.REFRESHED,
    )
    def post(self, request: Request) -> Response:
        """Spend a refresh token for new tokens. Store the new refresh token before the old one is forgotten.

        A spent token that is sent again within 20 seconds, by a client that raced with itself or lost the answer, is
        answered with the live one. Sent later it ends its session, since somebody else may hold it. Calls with tokens
        that do not hold are limited by network address.
        """
        token = _parsed(serializers.Refresh, request)["refresh"]
        now = utcnow()
        try:
            renewed = refresh.renew(token=token, now=now, origin=origin_of(request))
        except InvalidToken:
            addresses.hit(route="refresh", address=address_of(request), now=now)
            raise
        return answers.token_pair(renewed, now=now)


class LogoutView(OpenView):
    # Public, since either token says who is signing out: an access token that has ended must not keep anybody in.

    @published("not_authenticated", "invalid_token")
    @extend_schema(
        operation_id="auth_logout",
        request=serializers.Logout,
        responses={204: NOTHING},
        auth=[{"bearer": []}, {}],  # type: ignore[list-item]
        examples=examples.LOGOUT,
    )
    def post(self, request: Request) -> Response:
        """Sign out this session, or with `all` every session of this person.

        Either token says whose session: the access token in the header, or `refresh` in the body when the access token
        has ended. All tokens of the session are refused from the next request on.
        """
        given = _parsed(serializers.Logout, request)
        now, origin = utcnow(), origin_of(request)
        session = _session_to_end(request, given.get("refresh"))
        if given["all"]:
            reason = Session.EndReason.LOGOUT_ALL
            sessions.end_all(user=session.user, reason=reason, actor=session.user_id, now=now, origin=origin)
        else:
            reason = Session.EndReason.LOGOUT
            sessions.end(session=session, reason=reason, actor=session.user_id, now=now, origin=origin)
        headers = {"Clear-Site-Data": '"cache", "storage"'}
        return Response(status=status.HTTP_204_NO_CONTENT, headers=headers)


class VerifyView(OpenView):
    throttle_classes = [by_address("verify")]

    @extend_schema(
        operation_id="auth_verify",
        request=serializers.AccessToken,
        responses=serializers.Introspection,
        examples=examples.VERIFY,
    )
    def post(self, request: Request) -> Response:
        """Say whether an access token is good now (RFC 7662), and never why not.

        This sees a sign-out at once. A service that can bear up to 30 minutes of delay verifies tokens by itself, with
        the keys at `/.well-known/jwks.json`.
        """
        now = utcnow()
        try:
            claims = tokens.verify_access(_parsed(serializers.AccessToken, request)["token"], now=now)
        except InvalidToken:
            return Response({"active": False})
        caller = sessions.find_live(session_id=claims.session, door=Session.Door.API, now=now)
        if caller is None or caller.user.pk != claims.subject:
            return Response({"active": False})
        return Response({"active": True, **claims.claims, "token_type": "Bearer"})


class ProfileView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="auth_profile", responses=serializers.Profile, examples=examples.PROFILE)
    def get(self, request: Request) -> Response:
        """Return the caller's own account. The same call answers at `/api/v1/auth/me`."""
        return Response(serializers.Profile(_user(request)).data)

    @extend_schema(
        operation_id="auth_profile_change",
        request=serializers.Profile,
        responses=serializers.Profile,
        examples=examples.PROFILE_CHANGE,
    )
    def patch(self, request: Request) -> Response:
        """Change the caller's own names, user name, phone, locale or time zone. What is not sent stays as it is."""
        changes = _parsed(serializers.Profile, request, partial=True)
        user = people.update_profile(user=_user(request), changes=changes, now=utcnow(), origin=origin_of(request))
        return Response(serializers.Profile(user).data)


class SessionsView(APIView):
    permission_classes = [SignedIn]

    @published(
        "not_found",
        leads_to={"auth_session_end": {"parameters": {"session_id": "$response.body#/results/0/id"}}},
    )
    @extend_schema(
        operation_id="auth_sessions",
        parameters=PARAMETERS,
        responses=serializers.SessionPage,
        examples=examples.SESSIONS,
    )
    def get(self, request: Request) -> Response:
        """List where the caller is signed in, the newest first. `current` marks the session of this request."""
        pages = NumberedPages()
        page = pages.paginate_queryset(sessions.list_live(user=_user(request), now=utcnow()), request)
        context = {"current": request.auth.pk}
        return pages.get_paginated_response(serializers.SessionItem(page, many=True, context=context).data)

    @extend_schema(operation_id="auth_sessions_end_others", request=None, responses={204: NOTHING})
    def delete(self, request: Request) -> Response:
        """Sign out everywhere else. The session of this request goes on."""
        user = _user(request)
        sessions.end_all(
            user=user,
            reason=Session.EndReason.REMOVED,
            actor=user.pk,
            now=utcnow(),
            origin=origin_of(request),
            but=[request.auth.pk],
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


class SessionView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="auth_session_end", request=None, responses={204: NOTHING})
    def delete(self, request: Request, session_id: uuid.UUID) -> Response:
        """End one session of the caller's own; another person's answers as an unknown one does."""
        sessions.end_own(user=_user(request), session_id=session_id, now=utcnow(), origin=origin_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


def _parsed(shape: type[Any], request: Request, **options: Any) -> dict[str, Any]:
    serializer = shape(data=request.data, **options)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _user(request: Request) -> Any:
    return request.user


def _session_to_end(request: Request, token: Any) -> Session:
    """Return the session that either token names; the access token first. Raises a 401 when neither does."""
    try:
        caller = find_caller(request)
    except InvalidToken:
        if not token:
            raise
        caller = None
    if caller is not None:
        return caller.session
    if not token:
        raise NotAuthenticated
    return refresh.find_session(token=token, now=utcnow())
