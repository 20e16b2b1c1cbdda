"""Who an access token is of: a person in a session of her own, or somebody of the staff who acts for her.

The token says which of the two, and each kind of session is found by its own kind of token alone.
"""

import datetime as dt

from accounts import impersonation, sessions
from accounts.models import Session
from accounts.tokens import AccessClaims


def find(*, claims: AccessClaims, now: dt.datetime) -> sessions.Caller | None:
    """Return who a token is of that says so, by one statement for a session of her own; None where none lives."""
    if claims.actor is None:
        caller = sessions.find_live(session_id=claims.session, door=Session.Door.API, now=now)
    else:
        caller = impersonation.find_live(session_id=claims.session, actor=claims.actor, now=now)
    return caller if caller is not None and caller.user.pk == claims.subject else None
