"""What no change of a grant or an account may do: reach further than its maker, or leave the house without a master.

Both are asked under `stamps.lock`, from the database itself, so that what they find is still true at commit.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Exists, OuterRef, Q, QuerySet

from kit.errors import Conflict, PermissionRefused
from roles import effective, hierarchy, stamps
from roles.models import Grant
from roles.resources import EVERYWHERE
from roles.vocabulary import EVERYTHING


class LastHolder(Conflict):
    """The change would leave nobody who may do everything, for good."""

    default_detail = "This is the last person who may do everything. Give somebody else the role first."


class BeyondReach(PermissionRefused):
    """The role holds more than the person who would give or take it, or for longer."""

    default_detail = "The role holds more than you do here, or for longer: you can neither give nor take it."


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
    if not effective.lasting(actor, until=now).allows(permission, resource):
        raise PermissionRefused
    held = effective.lasting(actor, until=until or effective.FOREVER)
    if not all(held.allows(name, resource) for name in hierarchy.permissions_of(role)):
        raise BeyondReach


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
    concerned = _masters().filter(pk=user.pk).exists()
    yield
    if concerned and not _has_master():
        raise LastHolder


@contextmanager
def master_kept(*, role: str, resource: str) -> Iterator[None]:
    """Raise `LastHolder` when the change of a grant inside takes away the last holder of `*`.

    A change that cannot touch one costs a single statement.
    """
    concerned = resource == EVERYWHERE and EVERYTHING in hierarchy.permissions_of(role)
    there_was_one = concerned and _has_master()
    yield
    if there_was_one and not _has_master():
        raise LastHolder


def _has_master() -> bool:
    return _masters().exists()


def _masters() -> QuerySet[Any]:
    """Return the active people who hold `*` everywhere without an end, by the flag or by a role.

    A grant that ends does not count: the house would be left alone when it does.
    """
    ruling = Grant.objects.endless().filter(
        user=OuterRef("pk"), resource=EVERYWHERE, role__in=hierarchy.roles_holding(EVERYTHING)
    )
    return get_user_model()._base_manager.filter(Q(is_superuser=True) | Exists(ruling), is_active=True)
