"""Proof of a second factor by somebody signed in, before what would weaken her factors: a password is not enough."""

import datetime as dt

from accounts import conf, guessing, sessions
from accounts.models import Session, User
from accounts.reauthentication import ReauthenticationRequired
from kit.errors import Invalid, InvalidToken
from kit.origin import Origin
from mfa import factors

DOOR = "second_factor"
_ASK = "Give a code of a second factor, or prove one again at /api/v1/auth/reauthenticate."


def require_factor(*, session: Session, answer: factors.Answer, now: dt.datetime, origin: Origin) -> None:
    """Return only if the person of this session proves a factor now, or proved one in it lately.

    An answer that is given must be right, however fresh the session is. Raises `ReauthenticationRequired`, `Invalid`,
    `limits.guesses.Locked` or `Throttled`. Not to be called in a transaction: a wrong one must be remembered.
    """
    if not (answer.code or answer.credential):
        if not is_recent(session, now=now):
            raise ReauthenticationRequired(_ASK, max_age=conf.recent(), methods=factors.methods_of(session.user))
        return
    knock = guessing.Knock(door=DOOR, name=session.user.email, device=session.device, now=now, origin=origin)
    if not factors.prove(user=session.user, answer=answer, knock=knock, now=now):
        raise Invalid("credential" if answer.credential else "code", "This does not prove a second factor.", "wrong")


def is_recent(session: Session, *, now: dt.datetime) -> bool:
    """Say whether a factor was proved in this session less than `ACCOUNTS_RECENT` seconds ago."""
    proved = session.factor_at
    return proved is not None and now - proved < dt.timedelta(seconds=conf.recent())


def hold(user: User) -> None:
    """Keep others from changing her factors until the transaction ends. Raises `InvalidToken` for a stopped account."""
    try:
        sessions.hold(user)
    except sessions.AccountMayNotAct as error:
        raise InvalidToken from error
