"""What an app above accounts brings for the roles of invitations, small enough for tests: one role, `superuser`."""

import datetime as dt
from typing import Any

from accounts.models import User
from kit.errors import Invalid, PermissionRefused
from kit.origin import Origin


def choices() -> list[tuple[str, str]]:
    """Return the one role there is."""
    return [("superuser", "superuser: may do everything")]


def check(*, inviter: User | None, grants: list[dict[str, Any]], now: dt.datetime) -> list[dict[str, Any]]:
    """Return the grants, if each is the one role there is and the inviter has it."""
    if any(grant["role"] != "superuser" for grant in grants):
        raise Invalid("roles", "There is no such role.", "unknown_role")
    if inviter is not None and not inviter.is_superuser:
        raise PermissionRefused
    return [{"role": "superuser", "resource": "", "expires_at": None} for _ in grants]


def give(*, user: User, grants: list[dict[str, Any]], inviter: User | None, now: dt.datetime, origin: Origin) -> None:
    """Give the role, if the inviter still has it."""
    check(inviter=inviter, grants=grants, now=now)
    User.objects.filter(pk=user.pk).update(is_superuser=True)
