"""Staff take a person's second factors away, for who has lost them all (the seam ACCOUNTS_FACTOR_RESET).

That is all that staff can do to another's factors: none is added, and none is shown but by name. Who may do it, the
entry in the log and the end of her sessions are `accounts.stewardship`'s.
"""

import datetime as dt

from accounts import reversals
from accounts.models import User
from kit.errors import Conflict
from kit.origin import NOWHERE
from mfa import removal
from mfa.message_kinds.resets import FACTORS_RESET


class NothingToReset(Conflict):
    """The person has no second factor."""

    default_detail = "This person has no second factors."


def reset(*, user: User, reason: str, now: dt.datetime, **_who: object) -> None:
    """Take away a person's second factors and what rests on them, and tell her by mail, with the reason.

    In the caller's transaction; who did it and from where is in the caller's entry alone. The mail carries the link by
    which she says that she never asked for it. Raises `NothingToReset`.
    """
    before = reversals.state_of(user)
    if not removal.take_away(user=user, now=now):
        raise NothingToReset
    reversals.notify(
        user=user,
        change="factors_reset",
        before=before,
        to=user.email,
        now=now,
        origin=NOWHERE,  # where staff sit is not hers to know
        data={"reason": reason},
        kind=FACTORS_RESET,
    )
