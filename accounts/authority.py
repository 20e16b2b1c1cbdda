"""Who may manage whom: nobody changes the account of somebody who may do more, and somebody who may do all stays.

Accounts knows nothing of roles. ACCOUNTS_MAY_MANAGE and ACCOUNTS_LAST_HOLDER name the functions of an app above that
do; without them only those who may do everything manage others.
"""

import datetime as dt
from contextlib import AbstractContextManager, nullcontext
from typing import cast

from accounts import conf
from accounts.models import User
from kit import seams
from kit.errors import PermissionRefused

EVERYTHING = "*"  # what the permission system calls every permission there is


class BeyondReach(PermissionRefused):
    """The person may do something that the one who would change her account may not."""

    default_detail = "This person may do more than you may: you cannot manage this account."


def may_manage(*, actor: User | None, user: User, now: dt.datetime) -> bool:
    """Say whether `actor` may do all that this person may do, so that managing her gives nobody more than they have.

    None as `actor` is the operator at the command line, who may. Whether she holds the permission for what she wants
    to do is another question, asked of `has_perm`.
    """
    if actor is None:
        return True
    path = conf.may_manage()
    return bool(seams.load(path)(actor=actor, user=user, now=now)) if path else actor.has_perm(EVERYTHING)


def require(*, actor: User | None, user: User, permission: str, now: dt.datetime) -> None:
    """Let pass who holds the permission and may manage this person. Raises `PermissionRefused` or `BeyondReach`."""
    if actor is not None and not actor.has_perm(permission):
        raise PermissionRefused
    if not may_manage(actor=actor, user=user, now=now):
        raise BeyondReach


def last_holder_kept(*, user: User, now: dt.datetime) -> AbstractContextManager[None]:
    """Refuse, by a `Conflict`, the change of an account inside when it leaves nobody who may do everything.

    To be entered in the caller's transaction, before anything of the account is read; two changes at once wait for
    each other.
    """
    path = conf.last_holder()
    return cast("AbstractContextManager[None]", seams.load(path)(user=user, now=now)) if path else nullcontext()
