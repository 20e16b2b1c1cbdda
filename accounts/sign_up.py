"""Who may come to have an account: anybody, the invited, or nobody. One answer for every path that leads to one."""

import datetime as dt

from accounts import conf, event_types
from audit import recording
from audit.vocabulary import ActorKind, Outcome
from kit.errors import PermissionRefused
from kit.origin import Origin

OPEN, INVITATION, CLOSED = MODES = ("open", "invitation", "closed")


class SignUpClosed(PermissionRefused):
    """Nobody, or nobody who was not invited, gets an account here."""

    default_detail = "No account can be asked for here. Ask those who run this service."


def require_open(*, path: str, invited: bool = False, now: dt.datetime, origin: Origin) -> None:
    """Return only where somebody may come in now: `invited`, or just so. Raises `SignUpClosed`, which is recorded.

    `path` is the word of the way that was tried, for the log. To be asked before anything else is looked at, so that
    the answer is the same for everybody; and again when a link is used, since the operator may have changed her mind.
    """
    mode = conf.sign_up()
    if mode == OPEN or (invited and mode == INVITATION):
        return
    recording.record(
        event_types.SIGN_UP_REFUSED,
        now=now,
        actor_kind=ActorKind.STRANGER,
        outcome=Outcome.REFUSED,
        origin=origin,
        details={"path": path},
    )
    raise SignUpClosed
