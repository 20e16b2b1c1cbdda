"""Who a request is from: `Authorization: Bearer <access token>`, and the one row of its session.

The header has exactly one spelling (RFC 6750, section 2.1); a token anywhere else in the request is not looked at.
"""

import re
from typing import Any

from rest_framework.authentication import BaseAuthentication

from accounts import sessions, tokens
from accounts.api import throttles
from accounts.models import Session, User
from kit.clock import utcnow
from kit.errors import InvalidToken

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
    whose token holds is not counted.
    """
    header = request.META.get("HTTP_AUTHORIZATION", "")
    if not header:
        return None
    try:
        return _caller_with(header)
    except InvalidToken:
        throttles.count_failure(request, "bearer")
        raise


def _caller_with(header: str) -> sessions.Caller:
    match = _BEARER.match(header)
    if match is None:
        raise InvalidToken
    now = utcnow()
    claims = tokens.verify_access(match.group(1), now=now)
    caller = sessions.find_live(session_id=claims.session, door=Session.Door.API, now=now)
    if caller is None or caller.user.pk != claims.subject:
        raise InvalidToken
    sessions.touch(session=caller.session, now=now)
    return caller
