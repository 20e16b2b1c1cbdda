"""What no change of a grant, role, group or account may do: reach further than its maker, or leave no master.

A master is an active person who holds `*` everywhere, without an end, and to whom nothing is denied. All is asked
under `stamps.lock`, from the database itself, so that what is found is still true at commit.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Q, QuerySet

from kit.errors import Conflict, PermissionRefused
from roles import effective, hierarchy, lineage, stamps
from roles.models import Grant, Membership
from roles.resources import EVERYWHERE
from roles.vocabulary import EVERYTHING


class LastHolder(Conflict):
    """The change would leave nobody who may do everything, for good."""

    default_detail = "This is the last person who may do everything. Give somebody else the role first."


class BeyondReach(PermissionRefused):
    """The role holds more than the person who would give or take it, or for longer."""

    default_detail = "That holds more than you do here, or for longer: you can neither give, change nor take it."


def require_reach(
    actor: AbstractBaseUser | None,
    *,
    permission: str,
    role: str,
    resource: str,
    now: dt.datetime,
    until: dt.datetime | None,
) -> None:
    """Let pass who holds `permission` on the resource at `now`, and all that the role holds for as long as `until`.

    None as `until` is for good: whoever holds a role for an hour cannot make it last. None as `actor` is the
    operator at the command line, who may. Raises `PermissionRefused` or `BeyondReach`.
    """
    if actor is None:
        return
    require_permission(actor, permission=permission, resource=resource, now=now)
    require_holding(actor, names=hierarchy.permissions_of(role), resource=resource, now=now, until=until)


def require_permission(
    actor: AbstractBaseUser | None, *, permission: str, resource: str = EVERYWHERE, now: dt.datetime
) -> None:
    """Let pass who holds `permission` on the resource at `now`; None is the operator. Raises `PermissionRefused`."""
    if actor is not None and not _holds(actor, {permission}, resource, now):
        raise PermissionRefused


def require_holding(
    actor: AbstractBaseUser | None,
    *,
    names: Iterable[str],
    resource: str = EVERYWHERE,
    now: dt.datetime,
    until: dt.datetime | None = None,
) -> None:
    """Let pass who holds all these names on the resource, now and as long as `until` (None: for good), undenied.

    None as `actor` is the operator. Raises `BeyondReach`.
    """
    if actor is None:
        return
    wanted = frozenset(names)
    # Grants run out and denials too: who holds a thing at both ends of the time holds it throughout.
    if not all(_holds(actor, wanted, resource, moment) for moment in {now, until or effective.FOREVER}):
        raise BeyondReach


def require_covering(
    actor: AbstractBaseUser | None,
    other: effective.EffectiveSet,
    *,
    now: dt.datetime,
    until: dt.datetime | None = None,
) -> None:
    """Let pass who holds all that a set holds, wherever it does, now and as long as `until` (None: for good).

    None as `actor` is the operator. Raises `BeyondReach`.
    """
    if actor is None:
        return
    if not all(effective.lasting(actor, until=at).covers(other) for at in {now, until or effective.FOREVER}):
        raise BeyondReach


def require_master(actor: AbstractBaseUser | None, *, now: dt.datetime) -> None:
    """Let pass who holds everything, for good; None is the operator. Raises `BeyondReach`."""
    require_holding(actor, names=[EVERYTHING], now=now)


def require_command(actor: AbstractBaseUser | None, *, user: AbstractBaseUser, now: dt.datetime) -> None:
    """Let pass who may manage a person; None is the operator. Raises `BeyondReach`."""
    if actor is not None and not may_manage(actor=actor, user=user, now=now):
        raise BeyondReach


def _holds(actor: AbstractBaseUser, names: Iterable[str], resource: str, moment: dt.datetime) -> bool:
    held = effective.lasting(actor, until=moment)
    above = lineage.above_all([resource]).get(resource, ()) if held.needs_line(resource) else ()
    return all(held.allows_whole(name, resource, above) for name in names)


def may_manage(*, actor: AbstractBaseUser, user: AbstractBaseUser, now: dt.datetime) -> bool:
    """Tell whether one person holds at `now` all that another does, everywhere and on each resource.

    Whoever manages an account can become its owner; so what it was given counts, even while it is stopped. The answer
    to ACCOUNTS_MAY_MANAGE.
    """
    if actor.pk == user.pk:
        return True
    return effective.lasting(actor, until=now).covers(effective.granted(user, now=now))


@contextmanager
def last_holder_kept(*, user: AbstractBaseUser, now: dt.datetime) -> Iterator[None]:
    """Raise `LastHolder` when the change of an account inside leaves nobody who holds `*`; in a transaction.

    The answer to ACCOUNTS_LAST_HOLDER.
    """
    stamps.lock(now=now)
    concerned = _masters(now).filter(pk=user.pk).exists()
    yield
    if concerned and not has_master(now):
        raise LastHolder


@contextmanager
def master_kept(*, now: dt.datetime, concerned: bool = True) -> Iterator[None]:
    """Raise `LastHolder` when the change inside takes away the last holder of `*`; under the lock.

    A change that is not `concerned` (see `rules`) costs nothing.
    """
    there_was_one = concerned and has_master(now)
    yield
    if there_was_one and not has_master(now):
        raise LastHolder


def rules(*, role: str, resource: str, denies: bool) -> bool:
    """Tell whether a grant of this role there can make somebody a master, or take it from her."""
    return denies or (resource == EVERYWHERE and EVERYTHING in hierarchy.permissions_of(role))


def has_master(now: dt.datetime) -> bool:
    """Tell whether anybody may do everything, for good. Each way is asked by itself, so that an index answers it."""
    able = _able(now)
    return any(able.filter(way).exists() for way in _ways())


def _masters(now: dt.datetime) -> QuerySet[Any]:
    own, by_group, flagged = _ways()
    return _able(now).filter(own | by_group | flagged)


def _ways() -> tuple[Q, Q, Q]:
    """Return the ways to hold `*`. A grant that ends is none: the house would be left alone when it does."""
    ruling = Grant.objects.endless().filter(
        resource=EVERYWHERE, denies=False, role__in=hierarchy.roles_holding(EVERYTHING)
    )
    members = Membership.objects.filter(group__in=ruling.filter(group__isnull=False).values("group"))
    return (
        Q(pk__in=ruling.filter(user__isnull=False).values("user")),
        Q(pk__in=members.values("user")),
        Q(is_superuser=True),
    )


def _able(now: dt.datetime) -> QuerySet[Any]:
    """Return the active people to whom nothing is denied."""
    denials = Grant.objects.live(now).filter(denies=True)
    groups = denials.filter(group__isnull=False).values("group")
    return (
        get_user_model()
        ._base_manager.filter(is_active=True)
        .exclude(pk__in=denials.filter(user__isnull=False).values("user"))
        .exclude(pk__in=Membership.objects.filter(group__in=groups).values("user"))
    )
