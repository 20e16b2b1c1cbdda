"""Staff take a person's second factors away, for who has lost them all (the seam ACCOUNTS_FACTOR_RESET).

That is all that staff can do to another's factors: none is added, and none is shown but by name. Who may do it, the
entry in the log and the end of her sessions are `accounts.stewardship`'s.
"""

import datetime as dt

from accounts import codes, reversals
from accounts.models import SentCode, User
from kit.errors import Conflict
from kit.origin import NOWHERE
from mfa import trust
from mfa.message_kinds.resets import FACTORS_RESET
from mfa.models import Ceremony, MessageFactor, Passkey, RecoveryCode, Totp

FACTORS = (Totp, MessageFactor, Passkey)


class NothingToReset(Conflict):
    """The person has no second factor."""

    default_detail = "This person has no second factors."


def reset(*, user: User, reason: str, now: dt.datetime, **_who: object) -> None:
    """Take away a person's second factors and what rests on them, and tell her by mail, with the reason.

    In the caller's transaction; who did it and from where is in the caller's entry alone. The mail carries the link by
    which she says that she never asked for it. Raises `NothingToReset`.
    """
    before = reversals.state_of(user)
    taken = sum(model.objects.filter(user=user).delete()[0] for model in FACTORS)
    if not taken:
        raise NothingToReset
    RecoveryCode.objects.filter(user=user).delete()
    trust.end(user=user)
    Ceremony.objects.filter(user=user).delete()
    for purpose in (SentCode.Purpose.FACTOR, SentCode.Purpose.ENROL):
        codes.void(user=user, purpose=purpose, now=now)
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
