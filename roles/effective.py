"""What a person may do, all told: the set of permissions that her grants, their roles and what those inherit add up to.

It is loaded by one statement and kept in the process under the stamp that the request brought along: any change makes
another stamp, so a kept set is never asked whether it is still true. The earliest end among the grants bounds its life.
"""

import datetime as dt
import sys
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import connection

from roles import conf, stamps
from roles.builtin import MEMBER
from roles.resources import EVERYWHERE
from roles.vocabulary import EVERYTHING, satisfying

FOREVER = dt.datetime(9999, 12, 31, tzinfo=dt.UTC)

# UNION, not UNION ALL, in the recursion: a role reached twice is followed once, so even a cycle would end.
# Roles by resource and permissions by role come as separate rows: their number is the sum of the two, not the product.
_LOAD = """
WITH RECURSIVE held(role, resource) AS (
    SELECT CAST(role_id AS text), CAST(resource AS text) FROM roles_grant
    WHERE user_id = %s AND (expires_at IS NULL OR expires_at > %s)
    UNION SELECT CAST(%s AS text), CAST('' AS text)
    UNION SELECT CAST(i.inherits_id AS text), held.resource
    FROM held JOIN roles_inheritance i ON i.role_id = held.role
)
SELECT 'held', role, resource, CAST(NULL AS timestamp with time zone) FROM held
UNION ALL
SELECT 'permission', p.role_id, p.permission, NULL FROM roles_rolepermission p
WHERE p.role_id IN (SELECT role FROM held)
UNION ALL
SELECT 'end', '', '', MIN(expires_at) FROM roles_grant WHERE user_id = %s AND expires_at > %s
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class EffectiveSet:
    """What a person may do, and by which roles: everywhere, and beyond that on single resources.

    Names may be wildcards; `roles_anywhere` are those held on single resources too. `until` is when the set stops being
    true by itself; None is never.
    """

    roles: frozenset[str] = frozenset()
    roles_anywhere: frozenset[str] = frozenset()
    everywhere: frozenset[str] = frozenset()
    on_resource: Mapping[str, frozenset[str]] = field(default_factory=dict)
    until: dt.datetime | None = None

    def allows(self, permission: str, resource: str = EVERYWHERE) -> bool:
        """Tell whether this set holds the permission (a name, or a wildcard itself) on the resource."""
        wanted = satisfying(permission)
        if not self.everywhere.isdisjoint(wanted):
            return True
        return resource != EVERYWHERE and not self.on_resource.get(resource, _NO_NAMES).isdisjoint(wanted)

    def covers(self, other: "EffectiveSet") -> bool:
        """Tell whether this set holds all that the other does, wherever it does."""
        elsewhere = ((name, resource) for resource, names in other.on_resource.items() for name in names)
        return all(self.allows(name) for name in other.everywhere) and all(self.allows(*pair) for pair in elsewhere)

    def allows_any_in(self, namespace: str) -> bool:
        """Tell whether this set holds anything at all in a namespace, everywhere."""
        prefix = f"{namespace}."
        return any(name == EVERYTHING or name.startswith(prefix) for name in self.everywhere)


_NO_NAMES: frozenset[str] = frozenset()
NOTHING = EffectiveSet()


def of(user: AbstractBaseUser | AnonymousUser, *, now: dt.datetime) -> EffectiveSet:
    """Return what a person may do at `now`; nothing for one who is inactive or not signed in.

    A person who came with a request carries `permission_stamp`: a known set then costs no statement and an unknown
    one costs one. For any other person the stamp is read first, with one statement more.
    """
    if not user.is_active or user.pk is None:
        return NOTHING
    stamp = getattr(user, "permission_stamp", None) or stamps.read(user.pk)
    if stamp is None:
        return NOTHING
    is_superuser = bool(getattr(user, "is_superuser", False))
    key = (stamp, is_superuser)
    found = _kept.find(user.pk, key, now)
    if found is None:
        found = load(user.pk, is_superuser=is_superuser, now=now)
        _kept.keep(user.pk, key, found)
    return found


def lasting(user: AbstractBaseUser, *, until: dt.datetime) -> EffectiveSet:
    """Return what a person may do and will still be allowed at `until` if nobody takes it back.

    Read from the database, flags included and nothing kept: for guards, under `stamps.lock`.
    """
    return _granted(user, until, also_inactive=False)


def granted(user: AbstractBaseUser, *, now: dt.datetime) -> EffectiveSet:
    """Return what a person was given, whether or not her account may act: all of it is hers again once it may.

    Read from the database as `lasting` is, and for guards alike.
    """
    return _granted(user, now, also_inactive=True)


def _granted(user: AbstractBaseUser, moment: dt.datetime, *, also_inactive: bool) -> EffectiveSet:
    row = get_user_model()._base_manager.filter(pk=user.pk).first()
    if row is None or not (row.is_active or also_inactive):
        return NOTHING
    return load(row.pk, is_superuser=bool(getattr(row, "is_superuser", False)), now=moment)


def load(user_id: Any, *, is_superuser: bool, now: dt.datetime) -> EffectiveSet:
    """Return a person's set from the database, in one statement whatever the number of grants, roles and levels.

    The superuser flag counts as a grant of `*` that has no end.
    """
    key = get_user_model()._meta.pk.get_db_prep_value(user_id, connection)
    moment = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(_LOAD, [key, moment, MEMBER, key, moment])
        rows = cursor.fetchall()
    return _assemble(rows, is_superuser=is_superuser)


def forget() -> None:
    """Drop every kept set of this process."""
    _kept.clear()


def _assemble(rows: Iterable[tuple[str, str, str, Any]], *, is_superuser: bool) -> EffectiveSet:
    roles: dict[str, set[str]] = defaultdict(set)
    permissions: dict[str, set[str]] = defaultdict(set)
    until = None
    for kind, name, value, end in rows:
        if kind == "held":
            roles[value].add(name)
        elif kind == "permission":
            permissions[name].add(sys.intern(value))
        else:
            until = _moment(end)
    by_resource = {
        resource: _shared(frozenset().union(*(permissions[role] for role in held))) for resource, held in roles.items()
    }
    everywhere = by_resource.pop(EVERYWHERE)
    return EffectiveSet(
        roles=_shared(frozenset(roles[EVERYWHERE])),
        roles_anywhere=_shared(frozenset().union(*roles.values())),
        everywhere=everywhere | {EVERYTHING} if is_superuser else everywhere,
        on_resource=by_resource,
        until=until,
    )


@lru_cache(maxsize=1024)
def _shared(names: frozenset[str]) -> frozenset[str]:
    """Return one object for all equal sets: most people of a house hold one of a few."""
    return names


def _moment(value: dt.datetime | str | None) -> dt.datetime | None:
    """Return a moment as the driver gave it; SQLite gives text, which Django writes in UTC."""
    return dt.datetime.fromisoformat(value).replace(tzinfo=dt.UTC) if isinstance(value, str) else value


class _Kept:
    """The sets of the people seen last, one for each, with the key under which each is true."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._sets: OrderedDict[Any, tuple[tuple[str, bool], EffectiveSet]] = OrderedDict()

    def find(self, user_id: Any, key: tuple[str, bool], now: dt.datetime) -> EffectiveSet | None:
        with self._lock:
            known, found = self._sets.get(user_id, (None, NOTHING))
            if known != key or (found.until is not None and found.until <= now):
                return None
            self._sets.move_to_end(user_id)
            return found

    def keep(self, user_id: Any, key: tuple[str, bool], found: EffectiveSet) -> None:
        with self._lock:
            self._sets[user_id] = (key, found)
            self._sets.move_to_end(user_id)
            while len(self._sets) > conf.cached_sets():
                self._sets.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._sets.clear()


_kept = _Kept()
