"""The roles that an invitation promises (the seam ACCOUNTS_INVITATION_GRANTS).

They are checked when it is sent and given when it is accepted, both times by the guards of any grant of the inviter's.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.dateparse import parse_datetime

from kit.errors import Invalid
from kit.fields import show_moment
from kit.origin import Origin
from roles import builtin, guards, hierarchy, permissions, resources
from roles import grants as grants_
from roles.models import Role

MOST = 20  # roles in one invitation
REASON = "Invitation"
MOST_OFFERED = 200


def choices() -> list[tuple[str, str]]:
    """Return the roles by name, with what each is for, but the one that everybody has, and sensitive ones.

    Whether the inviter may give one is for `check` to say.
    """
    left_out = {builtin.MEMBER, *hierarchy.all_sensitive()}
    rows = Role.objects.exclude(name__in=left_out).order_by("name").values_list("name", "description")[:MOST_OFFERED]
    return [(name, f"{name}: {description}" if description else name) for name, description in rows]


def check(
    *, inviter: AbstractBaseUser | None, grants: Sequence[Mapping[str, Any]], now: dt.datetime
) -> list[dict[str, str | None]]:
    """Return the grants (`role`, `resource?`, `expires_at?`) as they are kept, if the inviter may give each of them.

    None as inviter is the operator, who may. Raises `Invalid` on `roles`, also for a sensitive role, to which a second
    person must agree; `PermissionRefused` or `guards.BeyondReach`.
    """
    if len(grants) > MOST:
        raise Invalid("roles", f"Give at most {MOST} roles.", "max_length")
    return [_checked(inviter, grant, now) for grant in grants]


def give(
    *,
    user: AbstractBaseUser,
    grants: Sequence[Mapping[str, Any]],
    inviter: AbstractBaseUser | None,
    now: dt.datetime,
    origin: Origin,
) -> None:
    """Give the promised roles to the person who has accepted, in the caller's transaction; one that has ended is left.

    Raises what `grants.give` raises: an inviter who may not give one any more has promised nothing.
    """
    for grant in grants:
        end = _moment(grant["expires_at"])
        if end is None or end > now:
            grants_.give(
                holder=user,
                role=grant["role"],
                resource=grant["resource"],
                expires_at=end,
                reason=REASON,
                told=False,
                actor=inviter,
                now=now,
                origin=origin,
            )


def _checked(inviter: AbstractBaseUser | None, grant: Mapping[str, Any], now: dt.datetime) -> dict[str, str | None]:
    role, end = str(grant.get("role", "")), _moment(grant.get("expires_at"))
    grants_.require_role(role, field="roles")
    resource = resources.parse(str(grant.get("resource", "")), field="roles")
    if end is not None and end <= now:
        raise Invalid("roles", "Choose a moment in the future, or none.", "not_in_future")
    if hierarchy.sensitive_in(role):
        raise Invalid("roles", "A second person must agree to this role: give it when they are here.", "sensitive_role")
    guards.require_reach(inviter, permission=permissions.ADD_GRANT, role=role, resource=resource, now=now, until=end)
    return {"role": role, "resource": resource, "expires_at": show_moment(end) if end else None}


def _moment(value: Any) -> dt.datetime | None:
    return value if isinstance(value, dt.datetime) else parse_datetime(value or "")
