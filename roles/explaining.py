"""Why a person may do something, or may not: the grants, roles and resources that decide it, and what would change it.

It reads the rows that `roles.effective` adds up and asks them by the same rules (`vocabulary.satisfying`, `touches`),
so that what is explained is what is in force. Every grant is told by its shortest way.
"""

import datetime as dt
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connection

from roles import effective, enquiries, hierarchy, permissions
from roles.builtin import MEMBER
from roles.models import Grant, Membership, Role
from roles.resources import EVERYWHERE
from roles.vocabulary import EVERYTHING, satisfying, touches

MOST = 50  # reasons, and roles that would do, in one answer

_LINE = """
WITH RECURSIVE line(resource, parent) AS (
    SELECT CAST(resource AS text), CAST(parent AS text) FROM roles_placement WHERE resource = %s
    UNION SELECT CAST(p.resource AS text), CAST(p.parent AS text)
    FROM line JOIN roles_placement p ON p.resource = line.parent
)
SELECT resource, parent FROM line
"""

_REACHED = """
WITH RECURSIVE reached(role) AS (
    SELECT CAST(name AS text) FROM roles_role WHERE name IN ({places})
    UNION SELECT CAST(i.inherits_id AS text) FROM reached JOIN roles_inheritance i ON i.role_id = reached.role
)
SELECT 'inherits', i.role_id, i.inherits_id FROM roles_inheritance i WHERE i.role_id IN (SELECT role FROM reached)
UNION ALL
SELECT 'permission', p.role_id, p.permission FROM roles_rolepermission p WHERE p.role_id IN (SELECT role FROM reached)
"""


class Kind(StrEnum):
    """What sort of reason it is."""

    GRANT = "grant"
    EVERYONE = "everyone"
    SUPERUSER = "superuser"
    DENIAL = "denial"
    ENDED = "ended"
    INACTIVE = "inactive"
    NOTHING = "nothing"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """One thing that decides the answer.

    `roles` leads from the role that was given (or denied) to the one that holds `permission`, which may be a wildcard;
    `line` from the resource in question up to the one that the grant is on, both included.
    """

    kind: Kind
    roles: tuple[str, ...] = ()
    permission: str = ""
    resource: str = EVERYWHERE
    line: tuple[str, ...] = ()
    grant: UUID | None = None
    group: str = ""
    expires_at: dt.datetime | None = None
    given_by: UUID | None = None
    reason: str = ""

    @property
    def detail(self) -> str:
        """The reason in a sentence or two."""
        return _WORDS[self.kind](self)


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """Whether it is allowed, what decides that, and, where something is missing, the roles of which one would do."""

    allowed: bool
    because: tuple[Reason, ...]
    needed: tuple[Role, ...] = ()


def answer(
    *, caller: Any, permission: str, resource: str = EVERYWHERE, user: UUID | None = None, now: dt.datetime
) -> Explanation:
    """Explain to a caller what she, or the person with the id `user`, may do; whom she may ask about, see `enquiries`.

    Which colleague gave what is for holders of `roles.view_grant`, and of the roles that would do, those that one
    cannot ask for are for holders of `roles.view_role`.
    """
    found = explain(
        enquiries.about(caller=caller, user=user, now=now), permission=permission, resource=resource, now=now
    )
    if not effective.allows(caller, permissions.VIEW_GRANT, now=now):
        found = replace(found, because=tuple(replace(each, given_by=None) for each in found.because))
    if not effective.allows(caller, permissions.VIEW_ROLE, now=now):
        found = replace(found, needed=tuple(role for role in found.needed if role.requestable))
    return found


def explain(user: AbstractBaseUser, *, permission: str, resource: str = EVERYWHERE, now: dt.datetime) -> Explanation:
    """Explain `effective.allows` of a person at `now`, from the database; five statements at most.

    At most 50 reasons are told, those without an end and with the shortest way first, and as many roles.
    """
    if not user.is_active:
        return Explanation(allowed=False, because=(Reason(kind=Kind.INACTIVE),))
    below = _climbed(resource)
    grants = _grants(user, places=[EVERYWHERE, *below])
    reached = _Reached([MEMBER, *(grant.role_id for grant in grants)])
    gives = reached.ways(lambda name: name in satisfying(permission))
    denies = reached.ways(lambda name: touches(name, permission))
    told = _told(grants, gives, denies, below, now)
    ways = _general(user, gives) + told[Kind.GRANT]
    if ways and not told[Kind.DENIAL]:
        return Explanation(allowed=True, because=_first(ways))
    because = told[Kind.DENIAL] or told[Kind.ENDED] or [Reason(kind=Kind.NOTHING, permission=permission)]
    needed = () if told[Kind.DENIAL] else _needed(permission)
    return Explanation(allowed=False, because=_first(because), needed=needed)


def _told(
    grants: Iterable[Grant],
    gives: "_Ways",
    denies: "_Ways",
    below: Mapping[str, str],
    now: dt.datetime,
) -> dict[Kind, list[Reason]]:
    """Return the grants that hold the permission, or deny it, as reasons by their kind. An ended denial is none."""
    found: dict[Kind, list[Reason]] = defaultdict(list)
    for grant in grants:
        ended = grant.expires_at is not None and grant.expires_at <= now
        way = (denies if grant.denies else gives).of(grant.role_id)
        if way is None or (ended and grant.denies):
            continue
        kind = Kind.DENIAL if grant.denies else Kind.ENDED if ended else Kind.GRANT
        found[kind].append(_reason(kind, grant, way, _line(below, grant.resource)))
    return found


def _reason(kind: Kind, grant: Grant, way: "_Way", line: tuple[str, ...]) -> Reason:
    return Reason(
        kind=kind,
        roles=way[0],
        permission=way[1],
        resource=grant.resource,
        line=line,
        grant=grant.pk,
        group=grant.group_id or "",
        expires_at=grant.expires_at,
        given_by=grant.given_by,
        reason=grant.reason,
    )


def _general(user: AbstractBaseUser, gives: "_Ways") -> list[Reason]:
    """Return what holds the permission without a grant: the superuser flag, and the role that everyone has."""
    found = [Reason(kind=Kind.SUPERUSER, permission=EVERYTHING)] if getattr(user, "is_superuser", False) else []
    if way := gives.of(MEMBER):
        found.append(Reason(kind=Kind.EVERYONE, roles=way[0], permission=way[1]))
    return found


def _first(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    def lasting(each: Reason) -> tuple[Any, ...]:
        end = each.expires_at
        return end is not None, -(end.timestamp() if end else 0), len(each.roles), each.roles, each.resource, each.group

    return tuple(sorted(reasons, key=lasting)[:MOST])


def _grants(user: AbstractBaseUser, *, places: list[str]) -> list[Grant]:
    """Return what was given and denied to a person there, herself and by her groups, whether or not it has ended."""
    there = Grant.objects.filter(resource__in=places).order_by()
    groups = Membership.objects.filter(user_id=user.pk).values("group")
    return list(there.filter(user_id=user.pk).union(there.filter(group__in=groups), all=True))


def _needed(permission: str) -> tuple[Role, ...]:
    """Return the roles that hold the permission, first those that anybody may ask for."""
    names = hierarchy.roles_holding(*satisfying(permission))
    return tuple(Role.objects.filter(name__in=names).order_by("-requestable", "sensitive", "name")[:MOST])


def _climbed(resource: str) -> Mapping[str, str]:
    """Return a resource and those above it, each with the one below by which a shortest line leads there.

    Below the resource itself is nothing; for everywhere there is nothing at all.
    """
    if resource == EVERYWHERE:
        return {}
    parents: dict[str, list[str]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_LINE, [resource])
        for lower, upper in sorted(cursor.fetchall()):
            parents[lower].append(upper)
    below = {resource: ""}
    queue = deque([resource])
    while queue:
        place = queue.popleft()
        for parent in parents[place]:
            if parent not in below:
                below[parent] = place
                queue.append(parent)
    return below


def _line(below: Mapping[str, str], place: str) -> tuple[str, ...]:
    """Return the line that leads up to a place, if it was climbed to."""
    line = deque[str]()
    while place in below:
        line.appendleft(place)
        place = below[place]
    return tuple(line)


_Way = tuple[tuple[str, ...], str]  # from a role down to the one that holds the name; the name


class _Ways:
    """For each role that holds a wanted name, by itself or by inheritance, a shortest way to one that does."""

    def __init__(self, holding: Mapping[str, str], heirs: Mapping[str, list[str]]) -> None:
        self._holding = holding
        self._next = {role: role for role in holding}
        queue = deque(sorted(holding))
        while queue:
            inherited = queue.popleft()
            for role in heirs.get(inherited, ()):
                if role not in self._next:
                    self._next[role] = inherited
                    queue.append(role)

    def of(self, role: str) -> _Way | None:
        """Return the way from one role; None where there is none."""
        if role not in self._next:
            return None
        roles = [role]
        while roles[-1] not in self._holding:
            roles.append(self._next[roles[-1]])
        return tuple(roles), self._holding[roles[-1]]


class _Reached:
    """Some roles and all that they inherit."""

    def __init__(self, roles: Iterable[str]) -> None:
        names = sorted(set(roles))
        self._heirs: dict[str, list[str]] = defaultdict(list)
        self._names: dict[str, list[str]] = defaultdict(list)
        with connection.cursor() as cursor:
            cursor.execute(_REACHED.format(places=", ".join(["%s"] * len(names))), names)
            for kind, role, value in sorted(cursor.fetchall()):
                if kind == "inherits":
                    self._heirs[value].append(role)
                else:
                    self._names[role].append(value)

    def ways(self, wanted: Callable[[str], bool]) -> _Ways:
        """Return the ways to the names that are wanted."""
        held = {role: [name for name in names if wanted(name)] for role, names in self._names.items()}
        # The longest is the most telling: `letters.send_letter` before `letters.*` before `*`.
        return _Ways({role: max(names, key=len) for role, names in held.items() if names}, self._heirs)


def _grant_told(each: Reason) -> str:
    ends = f", until {_moment(each.expires_at)}" if each.expires_at else ""
    return f"The role {each.roles[0]} was given{_by_group(each)}{_where(each)}{ends}. {_holds(each)}"


def _ended_told(each: Reason) -> str:
    ended = _moment(each.expires_at)
    return f"The role {each.roles[0]} was given{_by_group(each)}{_where(each)}, and that ended {ended}. {_holds(each)}"


def _denial_told(each: Reason) -> str:
    ends = f", until {_moment(each.expires_at)}" if each.expires_at else ""
    told = f"The role {each.roles[0]} is denied{_by_group(each)}{_where(each)}{ends}. {_holds(each)}"
    return f"{told} A denial wins over every grant."


def _everyone_told(each: Reason) -> str:
    return f"Everyone has the role {each.roles[0]}. {_holds(each)}"


def _superuser_told(_each: Reason) -> str:
    return "A superuser holds everything."


def _inactive_told(_each: Reason) -> str:
    return "The account is not active, and so may do nothing."


def _nothing_told(each: Reason) -> str:
    return f"No role that was given holds {each.permission} there."


_WORDS: Mapping[Kind, Callable[[Reason], str]] = {
    Kind.GRANT: _grant_told,
    Kind.EVERYONE: _everyone_told,
    Kind.SUPERUSER: _superuser_told,
    Kind.DENIAL: _denial_told,
    Kind.ENDED: _ended_told,
    Kind.INACTIVE: _inactive_told,
    Kind.NOTHING: _nothing_told,
}


def _by_group(each: Reason) -> str:
    return f" to the group {each.group}" if each.group else ""


def _where(each: Reason) -> str:
    if each.resource == EVERYWHERE:
        return " everywhere"
    line = f" ({each.line[0]} lies below {' below '.join(each.line[1:])})" if len(each.line) > 1 else ""
    return f" on {each.resource}{line}"


def _holds(each: Reason) -> str:
    inherited = "".join(f" inherits {role}, which" for role in each.roles[1:])
    return f"It{inherited} holds {each.permission}."


def _moment(at: dt.datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else ""
