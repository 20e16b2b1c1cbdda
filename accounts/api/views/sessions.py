"""Where the caller is signed in."""

import uuid

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import sessions
from accounts.api.examples import sessions as examples
from accounts.api.parsing import NOTHING, user_of
from accounts.api.serializers import sessions as shapes
from accounts.models import Session
from kit.clock import utcnow
from kit.openapi import published
from kit.paging import PARAMETERS, NumberedPages
from kit.permissions import SignedIn
from kit.requests import origin_of


class SessionsView(APIView):
    permission_classes = [SignedIn]

    @published(
        "not_found",
        leads_to={"auth_session_end": {"parameters": {"session_id": "$response.body#/results/0/id"}}},
    )
    @extend_schema(
        operation_id="auth_sessions",
        parameters=PARAMETERS,
        responses=shapes.SessionPage,
        examples=examples.SESSIONS,
    )
    def get(self, request: Request) -> Response:
        """List where the caller is signed in, the newest first. `current` marks the session of this request."""
        pages = NumberedPages()
        page = pages.paginate_queryset(sessions.list_live(user=user_of(request), now=utcnow()), request)
        context = {"current": request.auth.pk}
        return pages.get_paginated_response(shapes.SessionItem(page, many=True, context=context).data)

    @extend_schema(operation_id="auth_sessions_end_others", request=None, responses={204: NOTHING})
    def delete(self, request: Request) -> Response:
        """Sign out everywhere else. The session of this request goes on."""
        user = user_of(request)
        sessions.end_all(
            user=user,
            reason=Session.EndReason.REMOVED,
            actor=user.pk,
            now=utcnow(),
            origin=origin_of(request),
            but=[request.auth.pk],
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


class EndedSessionsView(APIView):
    permission_classes = [SignedIn]

    @published("not_found")
    @extend_schema(
        operation_id="auth_sessions_ended",
        parameters=PARAMETERS,
        responses=shapes.EndedSessionPage,
        examples=examples.ENDED_SESSIONS,
    )
    def get(self, request: Request) -> Response:
        """List the caller's sessions that were ended, the last one first: when, why, and by which evidence.

        They are kept for 90 days, unless the service is told otherwise, and the last hundred are listed.
        """
        pages = NumberedPages()
        page = pages.paginate_queryset(sessions.list_ended(user=user_of(request)), request)
        return pages.get_paginated_response(shapes.EndedSessionItem(page, many=True).data)


class SessionView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="auth_session_end", request=None, responses={204: NOTHING})
    def delete(self, request: Request, session_id: uuid.UUID) -> Response:
        """End one session of the caller's own; another person's answers as an unknown one does."""
        sessions.end_own(user=user_of(request), session_id=session_id, now=utcnow(), origin=origin_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
