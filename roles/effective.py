"""What a person may do, all told: what her grants and her groups' add up to, less what is denied to her.

It is loaded by one statement and kept in the process under the stamp that the request brought along: any change makes
another stamp, so a kept set is never asked whether it is still true. The earliest end among the grants bounds its life.
"""

import datetime as dt
import sys
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import connection

from roles import conf, declarations, lineage, stamps
from roles.builtin import MEMBER
from roles.hierarchy import Excerpt, Sum
from roles.resources import EVERYWHERE
from roles.vocabulary import EVERYTHING, Vocabulary, satisfying, touched

PLACES_KEPT = 20  # single resources of a kept set, on the average
FOREVER = dt.datetime(9999, 12, 31, tzinfo=dt.UTC)

# UNION, not UNION ALL, in the recursion: a role reached twice is followed once, so even a cycle would end.
# Grants, inheritance and permissions come as separate rows: their number is the sum of the three, not the product.
_LOAD = """
WITH RECURSIVE given(person, role, resource, denies, expires_at) AS (
    SELECT user_id, role_id, resource, denies, expires_at FROM roles_grant WHERE user_id IN ({people})
    UNION ALL
    SELECT m.user_id, g.role_id, g.resource, g.denies, g.expires_at
    FROM roles_membership m JOIN roles_grant g ON g.group_id = m.group_id WHERE m.user_id IN ({people})
), reached(role) AS (
    SELECT CAST(role AS text) FROM given WHERE expires_at IS NULL OR expires_at > %s
    UNION SELECT CAST(%s AS text)
    UNION SELECT CAST(i.inherits_id AS text) FROM reached JOIN roles_inheritance i ON i.role_id = reached.role
)
SELECT CASE WHEN denies THEN 'denied' ELSE 'held' END, person, role, resource, CAST(NULL AS timestamp with time zone)
FROM given WHERE expires_at IS NULL OR expires_at > %s
UNION ALL
SELECT 'inherits', NULL, i.role_id, i.inherits_id, NULL FROM roles_inheritance i
WHERE i.role_id IN (SELECT role FROM reached)
UNION ALL
SELECT 'permission', NULL, p.role_id, p.permission, NULL FROM roles_rolepermission p
WHERE p.role_id IN (SELECT role FROM reached)
UNION ALL
SELECT 'end', person, '', '', MIN(expires_at) FROM given WHERE expires_at > %s GROUP BY person
"""

Names = frozenset[str]
_NO_NAMES: Names = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class EffectiveSet:
    """What a person was given and denied: everywhere, and beyond that on single resources and what lies below them.

    Names may be wildcards; what is denied wins over what is given. `roles_anywhere` are those held on single resources
    too. `until` is when the set stops being true by itself; None is never.
    """

    roles: Names = frozenset()
    roles_anywhere: Names = frozenset()
    everywhere: Names = frozenset()
    on_resource: Mapping[str, Names] = field(default_factory=dict)
    denied_everywhere: Names = frozenset()
    denied_on: Mapping[str, Names] = field(default_factory=dict)
    until: dt.datetime | None = None

    @property
    def places(self) -> int:
        """On how many single resources something is given, or denied."""
        return len(self.on_resource) + len(self.denied_on)

    def allows(self, permission: str, resource: str = EVERYWHERE, above: Iterable[str] = ()) -> bool:
        """Tell whether this set holds the permission (a name, or a wildcard itself) on the resource.

        `above` are the resources over it (`lineage.above`): what is given or denied on one of those reaches it.
        """
        places = () if resource == EVERYWHERE else (resource, *above)
        if self._is_denied(permission, places):
            return False
        wanted = satisfying(permission)
        if not self.everywhere.isdisjoint(wanted):
            return True
        return any(not self.on_resource.get(place, _NO_NAMES).isdisjoint(wanted) for place in places)

    def allows_whole(self, permission: str, resource: str = EVERYWHERE, above: Iterable[str] = ()) -> bool:
        """Tell whether this set holds the permission on the resource and on whatever may lie below it.

        For guards: who is denied it anywhere at all cannot hand it on.
        """
        if any(touched(names, permission) for names in self.denied_on.values()):
            return False
        return self.allows(permission, resource, above)

    def needs_line(self, resource: str) -> bool:
        """Tell whether what lies above a resource could matter to an answer about it."""
        return resource != EVERYWHERE and bool(self.on_resource or self.denied_on)

    def names_on(self, resource: str = EVERYWHERE, above: Iterable[str] = (), *, known: Vocabulary) -> Names:
        """Return every known permission that this set holds on a resource, and the wildcards that it holds whole."""
        line = tuple(above)
        places = () if resource == EVERYWHERE else (resource, *line)
        given = self.everywhere.union(*(self.on_resource.get(place, _NO_NAMES) for place in places))
        names = known.expand(given)
        if not (self.denied_everywhere or self.denied_on):
            return names
        return frozenset(name for name in names if self.allows(name, resource, line))

    def covers(self, other: "EffectiveSet") -> bool:
        """Tell whether this set holds all that the other was given, wherever it was, whatever is denied to the other.

        Where either knows single resources, one statement looks up what lies above those.
        """
        if not all(self.allows_whole(name) for name in other.everywhere):
            return False
        lines = lineage.above_all(other.on_resource) if self.on_resource and other.on_resource else {}
        return all(
            self.allows_whole(name, resource, lines.get(resource, ()))
            for resource, names in other.on_resource.items()
            for name in names
        )

    def _is_denied(self, permission: str, places: Iterable[str]) -> bool:
        if touched(self.denied_everywhere, permission):
            return True
        return any(touched(self.denied_on[place], permission) for place in places if place in self.denied_on)


NOTHING = EffectiveSet()


def allows(
    user: AbstractBaseUser | AnonymousUser, permission: str, *, resource: str = EVERYWHERE, now: dt.datetime
) -> bool:
    """Tell whether a person may do something at `now`, on a resource or everywhere.

    For a person who came with a request and a set that is known, it costs no statement; where grants on resources
    matter and what lies above this one is not known yet, one.
    """
    held = of(user, now=now)
    return held.allows(permission, resource, _above(user, held, resource))


def answers(asked: Sequence[tuple[AbstractBaseUser | AnonymousUser, str, str]], *, now: dt.datetime) -> list[bool]:
    """Tell for each person, permission and resource what `allows` would, in order.

    Sets that are not known yet cost one statement together, and so do the resources above all that are asked about.
    """
    held = of_all({user.pk: user for user, _, _ in asked}.values(), now=now)
    wanted: dict[str, set[str]] = defaultdict(set)
    for user, _, resource in asked:
        if held[user.pk].needs_line(resource) and (stamp := stamps.find(user)):
            wanted[stamp.tree].add(resource)
    lines: dict[str, tuple[str, ...]] = {}
    for tree, places in wanted.items():
        lines |= lineage.above_each(places, stamp=tree)
    return [held[user.pk].allows(name, resource, lines.get(resource, ())) for user, name, resource in asked]


def names(user: AbstractBaseUser | AnonymousUser, *, resource: str = EVERYWHERE, now: dt.datetime) -> Names:
    """Return every known permission that a person holds at `now` on a resource or everywhere, wildcards too."""
    held = of(user, now=now)
    stamp = None if held is NOTHING else stamps.find(user)
    if stamp is None:
        return _NO_NAMES
    return held.names_on(resource, _above(user, held, resource), known=declarations.known(stamp=stamp.house))


def allows_any_in(user: AbstractBaseUser | AnonymousUser, namespace: str, *, now: dt.datetime) -> bool:
    """Tell whether a person holds anything at all in a namespace at `now`, everywhere."""
    held, prefix = of(user, now=now), f"{namespace}."
    if held.denied_everywhere:
        return any(name.startswith(prefix) for name in names(user, now=now))
    return any(name == EVERYTHING or name.startswith(prefix) for name in held.everywhere)


def _above(user: AbstractBaseUser | AnonymousUser, held: EffectiveSet, resource: str) -> tuple[str, ...]:
    stamp = stamps.find(user) if held.needs_line(resource) else None
    return lineage.above(resource, stamp=stamp.tree) if stamp else ()


def of(user: AbstractBaseUser | AnonymousUser, *, now: dt.datetime) -> EffectiveSet:
    """Return what a person may do at `now`; nothing for one who is inactive or not signed in.

    A person who came with a request carries `permission_stamp`: a known set then costs no statement and an unknown
    one costs one. For any other person the stamp is read first, with one statement more.
    """
    key = _key_of(user)
    if key is None:
        return NOTHING
    found = _kept.find(user.pk, key, now)
    if found is None:
        found = load(user.pk, is_superuser=key[1], now=now)
        _kept.keep(user.pk, key, found)
    return found


def of_all(users: Iterable[AbstractBaseUser | AnonymousUser], *, now: dt.datetime) -> Mapping[Any, EffectiveSet]:
    """Return what each of several people may do at `now`, by id; all sets that are not known yet in one statement.

    As with `of`, each person had better carry `permission_stamp`.
    """
    found: dict[Any, EffectiveSet] = {}
    missing: dict[Any, _Key] = {}
    for user in users:
        key = _key_of(user)
        if key is None:
            found[user.pk] = NOTHING
        elif (kept := _kept.find(user.pk, key, now)) is not None:
            found[user.pk] = kept
        else:
            missing[user.pk] = key
    loaded = load_all({each: key[1] for each, key in missing.items()}, now=now) if missing else {}
    for each, fresh in loaded.items():
        _kept.keep(each, missing[each], fresh)
    return found | loaded


def _key_of(user: AbstractBaseUser | AnonymousUser) -> "_Key | None":
    """Return under what a person's set is kept; None for one who may do nothing."""
    if not user.is_active or user.pk is None:
        return None
    stamp = stamps.find(user)
    return None if stamp is None else (stamp.grants, bool(getattr(user, "is_superuser", False)))


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
    return load_all({user_id: is_superuser}, now=now)[user_id]


def load_all(people: Mapping[Any, bool], *, now: dt.datetime) -> dict[Any, EffectiveSet]:
    """Return the sets of several people, given by id with their superuser flags, in one statement for all of them."""
    field = get_user_model()._meta.pk
    keys = [field.get_db_prep_value(each, connection) for each in people]
    moment = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        statement = _LOAD.format(people=", ".join(["%s"] * len(keys)))
        cursor.execute(statement, [*keys, *keys, moment, MEMBER, moment, moment])
        rows = cursor.fetchall()
    own: dict[Any, list[_Row]] = {each: [] for each in people}
    excerpt = Excerpt()
    for kind, person, name, value, end in rows:
        if kind == "inherits":
            excerpt.inherits[name].append(value)
        elif kind == "permission":
            excerpt.permissions[name].append(sys.intern(value))
        else:
            own[field.to_python(person)].append((kind, name, value, end))
    return {each: _assemble(own[each], excerpt, is_superuser=flag) for each, flag in people.items()}


def forget() -> None:
    """Drop every set of this process, and all that is kept beside them."""
    _kept.clear()
    lineage.forget()
    declarations.forget()


_Row = tuple[str, str, str, Any]


def _assemble(rows: Iterable[_Row], excerpt: Excerpt, *, is_superuser: bool) -> EffectiveSet:
    roles: dict[str, dict[str, set[str]]] = {"held": defaultdict(set), "denied": defaultdict(set)}
    roles["held"][EVERYWHERE].add(MEMBER)
    until = None
    for kind, name, value, end in rows:
        if kind == "end":
            until = _moment(end)
        else:
            roles[kind][value].add(name)
    held, denied = ({place: excerpt.sum_of(names) for place, names in each.items()} for each in roles.values())
    all_roles = _NO_NAMES.union(*(there.roles for there in held.values()))
    own, refused = held.pop(EVERYWHERE), denied.pop(EVERYWHERE, Sum())
    return EffectiveSet(
        roles=_shared(own.roles - refused.roles),
        roles_anywhere=_shared(all_roles - refused.roles),
        everywhere=_shared(own.permissions | {EVERYTHING} if is_superuser else own.permissions),
        on_resource={place: _shared(there.permissions) for place, there in held.items()},
        denied_everywhere=_shared(refused.permissions),
        denied_on={place: _shared(there.permissions) for place, there in denied.items()},
        until=until,
    )


@lru_cache(maxsize=1024)
def _shared(names: frozenset[str]) -> frozenset[str]:
    """Return one object for all equal sets: most people of a house hold one of a few."""
    return names


def _moment(value: dt.datetime | str | None) -> dt.datetime | None:
    """Return a moment as the driver gave it; SQLite gives text, which Django writes in UTC."""
    return dt.datetime.fromisoformat(value).replace(tzinfo=dt.UTC) if isinstance(value, str) else value


_Key = tuple[str, bool]  # the stamp of her grants, the superuser flag


class _Kept:
    """The sets of the people seen last, each with the key under which it is true; fewer where they are large."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._sets: OrderedDict[Any, tuple[_Key, EffectiveSet]] = OrderedDict()
        self._places = 0

    def find(self, user_id: Any, key: _Key, now: dt.datetime) -> EffectiveSet | None:
        with self._lock:
            known, found = self._sets.get(user_id, (None, NOTHING))
            if known != key or (found.until is not None and found.until <= now):
                return None
            self._sets.move_to_end(user_id)
            return found

    def keep(self, user_id: Any, key: _Key, found: EffectiveSet) -> None:
        with self._lock:
            _, former = self._sets.pop(user_id, (key, NOTHING))
            self._sets[user_id] = (key, found)
            self._places += found.places - former.places
            most = conf.cached_sets()
            while len(self._sets) > most or self._places > PLACES_KEPT * most:
                _, dropped = self._sets.popitem(last=False)[1]
                self._places -= dropped.places

    def clear(self) -> None:
        with self._lock:
            self._sets.clear()
            self._places = 0


_kept = _Kept()
