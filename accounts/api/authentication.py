"""Who a request is from: `Authorization: Bearer <access token>`, and the one row of its session.

The header has exactly one spelling (RFC 6750, section 2.1); a token anywhere else in the request is not looked at.
Whoever acts for another person is held here to what may be called so: no view gets a caller in any other way.
"""

import re
from typing import Any
from uuid import UUID

from rest_framework.authentication import BaseAuthentication

from accounts import callers, impersonation, sessions, tokens
from accounts.api import throttles
from accounts.models import Session, User
from kit.clock import utcnow
from kit.errors import InvalidToken
from kit.permissions import NotForAnother, require_harmless
from kit.requests import note_impersonator, origin_of

_BEARER = re.compile(r"bearer ([^\s,]+)\Z", re.IGNORECASE)


class BearerAuthentication(BaseAuthentication):
    """An access token of a live session. `request.user` is the person, `request.auth` her `Session`."""

    def authenticate(self, request: Any) -> tuple[User, Session] | None:
        """Return person and session; None without a credential. Raises `InvalidToken` for one that does not hold."""
        caller = find_caller(request)
        return None if caller is None else (caller.user, caller.session)

    def authenticate_header(self, request: Any) -> str:
        return 'Bearer realm="gatehouse"'


def find_caller(request: Any) -> sessions.Caller | None:
    """Return who shows an access token of a live session, or None without one.

    Raises `InvalidToken`, or `Throttled` where one address shows tokens that do not hold again and again. A request
    whose token holds is not counted. Raises `NotForAnother` for a call that nobody may make for another person.
    """
    header = request.META.get("HTTP_AUTHORIZATION", "")
    if not header:
        return None
    try:
        caller = _caller_with(header)
    except InvalidToken:
        throttles.count_failure(request, "bearer")
        raise
    if caller.session.impersonator_id is not None:
        _hold_to_looking(request, caller.session, caller.session.impersonator_id)
    return caller


def _hold_to_looking(request: Any, session: Session, impersonator: UUID) -> None:
    note_impersonator(request, impersonator)
    try:
        require_harmless(request)
    except NotForAnother:
        call = request.resolver_match.route
        impersonation.record_refusal(
            session=session, method=request.method, call=call, now=utcnow(), origin=origin_of(request)
        )
        raise


def bearer_of(header: str) -> str:
    """Return the access token in an Authorization header. Raises `InvalidToken` for any other spelling of it."""
    match = _BEARER.match(header)
    if match is None:
        raise InvalidToken
    return match.group(1)


def _caller_with(header: str) -> sessions.Caller:
    now = utcnow()
    claims = tokens.verify_access(bearer_of(header), now=now)
    caller = callers.find(claims=claims, now=now)
    if caller is None:
        raise InvalidToken
    sessions.touch(session=caller.session, now=now)
    return caller
