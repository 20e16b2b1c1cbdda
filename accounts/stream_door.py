"""Who may listen to the stream of an inbox (`NOTIFICATIONS_STREAM_DOOR`): whoever any other call would let in.

A stream outlives the request that began it, so its session is looked at again for as long as it is open. Somebody of
the staff who acts for a person looks at her inbox and changes nothing, which this door lets her do.
"""

import datetime as dt
import uuid
from collections.abc import Collection

from accounts import callers, fences, people, sessions, tokens
from accounts.api.authentication import bearer_of
from accounts.models import Session
from accounts.tokens import AccessClaims
from kit.errors import InvalidToken, NotAuthenticated
from kit.origin import Origin
from notifications.streams.door import Listener

TOGETHER = 500  # sessions looked at by one statement


class Door:
    """The door of access tokens."""

    def admit(self, *, authorization: str, origin: Origin, now: dt.datetime) -> Listener:
        """Return whose token it is. Raises `NotAuthenticated`, `InvalidToken`, or `TooMany` as a call of the API."""
        if not authorization:
            raise NotAuthenticated
        try:
            claims = _enter(authorization, now)
        except InvalidToken:
            fences.hit(route="bearer", origin=origin, now=now, with_others=False)
            raise
        ends_at = dt.datetime.fromtimestamp(claims.claims["exp"], tz=dt.UTC)
        return Listener(person=claims.subject, ends_at=ends_at, proof=claims)

    def find_gone(self, listeners: Collection[Listener], now: dt.datetime) -> Collection[Listener]:
        """Return those whose session or account has ended since: all by one statement, acting staff each by her own."""
        live = _live({one.proof.session for one in listeners if one.proof.actor is None}, now)
        return [one for one in listeners if not _goes_on(one.proof, live, now)]


def _enter(authorization: str, now: dt.datetime) -> AccessClaims:
    claims = tokens.verify_access(bearer_of(authorization), now=now)
    caller = callers.find(claims=claims, now=now)
    if caller is None:
        raise InvalidToken
    sessions.touch(session=caller.session, now=now)
    return claims


def _goes_on(claims: AccessClaims, live: set[uuid.UUID], now: dt.datetime) -> bool:
    if claims.actor is None:
        return claims.session in live
    return callers.find(claims=claims, now=now) is not None


def _live(wanted: Collection[uuid.UUID], now: dt.datetime) -> set[uuid.UUID]:
    """Return which of these sessions live, of people who may act; by one statement for five hundred."""
    asked, found = list(wanted), set()
    for start in range(0, len(asked), TOGETHER):
        rows = Session.objects.live(now).filter(pk__in=asked[start : start + TOGETHER], door=Session.Door.API)
        rows = rows.select_related("user").only("user__is_active", "user__frozen_at", "user__erase_at")
        found |= {row.pk for row in rows if people.may_act(row.user)}
    return found
