"""Telling the owner of each change of her factors, with the link by which she says that it was not her.

What that link takes back is here too: a factor that was added goes again; one that was removed does not come back, but
as with every change of which she says so, the account is frozen until she sets a new password.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from accounts import reversals
from accounts.models import User
from audit import recording
from kit.origin import Origin
from mfa import event_types
from mfa.message_kinds import notices as kinds
from mfa.models import MessageFactor, Passkey, RecoveryCode, Totp

_KINDS = {
    "factor_added": kinds.FACTOR_ADDED,
    "factor_removed": kinds.FACTOR_REMOVED,
    "factors_removed": kinds.FACTORS_REMOVED,
    "recovery_codes_made": kinds.RECOVERY_CODES_MADE,
}


def tell(*, user: User, change: str, now: dt.datetime, origin: Origin, data: Mapping[str, Any] | None = None) -> None:
    """Mail the notice of a change to its owner, in the transaction of the change.

    `change` is `factor_added`, `factor_removed`, `factors_removed` or `recovery_codes_made`; `data` has `method`, and
    of a factor that was added `factor` (its id) and `is_first`.
    """
    reversals.notify(
        user=user,
        change=change,
        before=reversals.state_of(user),
        to=user.email,
        now=now,
        origin=origin,
        data=data,
        kind=_KINDS[change],
    )


def take_back(*, user: User, data: Mapping[str, Any], now: dt.datetime, origin: Origin) -> None:
    """Remove a factor that its owner did not add: ACCOUNTS_REVERSALS, `factor_added`.

    Recovery codes that came with it were shown to whoever added it, so they go too.
    """
    if data["is_first"]:
        RecoveryCode.objects.filter(user=user).delete()
    for model in (Totp, MessageFactor, Passkey):
        if model.objects.filter(pk=data["factor"], user=user).delete()[0]:
            recording.record(
                event_types.FACTOR_TAKEN_BACK,
                now=now,
                actor=user.pk,
                target_kind="user",
                target=user.pk,
                origin=origin,
                details={"method": data["method"], "factor": data["factor"]},
            )


def take_codes_back(*, user: User, data: Mapping[str, Any], now: dt.datetime, origin: Origin) -> None:  # noqa: ARG001 - the seam's signature
    """Let recovery codes that were made by somebody else be good no more: ACCOUNTS_REVERSALS, `recovery_codes_made`."""
    RecoveryCode.objects.filter(user=user).delete()
