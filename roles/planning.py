"""Who would gain or lose what if roles were other than they are: exactly, for everybody, before anything is saved.

Nothing is written and no lock is held: the proposed roles travel with the statements that ask. A person is told the
points at which something changes for her: everywhere, each resource on which something was given or denied to her or
to her groups, and those below several at once where their grants and denials meet. What changes on a resource changes
on whatever lies below it, as far as nothing there says otherwise.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any

from django.contrib.auth import get_user_model

from kit.errors import Conflict
from roles import declarations, definitions, deltas, gains
from roles.builtin import MEMBER
from roles.definitions import Definition
from roles.gains import Gain
from roles.models import Grant, HouseStamp, Membership
from roles.resources import EVERYWHERE
from roles.vocabulary import EVERYTHING, satisfying

AT_ONCE = 5_000  # people in one statement
TRIES = 3

Names = frozenset[str]
Proposed = Mapping[str, Definition | None]
Progress = Callable[[int, int], None]


class Unsettled(Conflict):
    """Roles were changed again and again while this was computed."""

    default_detail = "Roles are being changed right now. Try again in a moment."


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What a person gains and loses on one resource, or everywhere; `name` is what she signs in with."""

    user: Any
    name: str
    resource: str
    gained: Names
    lost: Names


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """Whom it concerns: how many people, how many gain and lose each name anywhere, and the changes of each of them.

    `changes` are in the order of people, and those of the first people alone where a plan was asked for no more.
    """

    people: int
    gained: Mapping[str, int]
    lost: Mapping[str, int]
    changes: tuple[Change, ...]
    universe: Names

    def short(self, names: Names) -> list[str]:
        """Return names in order, without those that a wildcard among them covers where it covers only such."""
        covered = set[str]()
        for wild in names:
            if wild == EVERYTHING or wild.endswith(".*"):
                below = {name for name in self.universe if wild in satisfying(name) and name != wild}
                covered |= below if below <= names else set()
        return sorted(names - covered)


def of(proposed: Proposed, *, now: dt.datetime, most: int | None = None, progress: Progress | None = None) -> Plan:
    """Return what would change for whom if these roles were so at `now`; None as a definition is a role that goes.

    Roles that are not named stay as they are. `most` is of how many people the changes are kept; all are counted.
    `progress` hears how many people of how many have been looked at. Call it outside a transaction, so that nobody
    waits for it. Raises `Unsettled` when roles do not stay the same for so long.
    """
    for _ in range(TRIES):
        stamp = _stamp()
        plan = _of(proposed, now=now, most=most, progress=progress)
        if stamp == _stamp():
            return plan
    raise Unsettled


def _of(proposed: Proposed, *, now: dt.datetime, most: int | None, progress: Progress | None) -> Plan:
    before, known = definitions.read(), declarations.read()
    after = {name: role for name, role in {**before, **proposed}.items() if role is not None}
    delta = deltas.between(before, after, known=known)
    found = _Found(delta.classes, most)
    people = _concerned(delta.roles, now)
    for start in range(0, len(people), AT_ONCE):
        some = people[start : start + AT_ONCE]
        for user, rows in groupby(gains.find(some, delta.rows, now=now), key=lambda row: row.user):
            found.add(user, list(rows))
        if progress:
            progress(start + len(some), len(people))
    return found.plan(deltas.universe(before, after, known=known))


class _Found:
    """What has been found so far."""

    def __init__(self, classes: Sequence[Names], most: int | None) -> None:
        self._classes = classes
        self._most = most
        self._people = 0
        self._counts: Counter[tuple[int, bool]] = Counter()
        self._changes: list[Change] = []
        self._spelled = cache(self._spell)

    def add(self, user: Any, rows: Sequence[Gain]) -> None:
        """Take note of all that one person gains and loses."""
        self._people += 1
        self._counts.update({(row.names, row.gained) for row in rows})
        if self._most is None or self._people <= self._most:
            self._changes.extend(self._changes_of(user, rows))

    def plan(self, universe: Names) -> Plan:
        """Return the whole."""
        gained, lost = (
            {name: count for (each, way), count in self._counts.items() if way is gains for name in self._classes[each]}
            for gains in (True, False)
        )
        return Plan(people=self._people, gained=gained, lost=lost, changes=tuple(self._changes), universe=universe)

    def _changes_of(self, user: Any, rows: Sequence[Gain]) -> Iterable[Change]:
        """Yield the changes of one person by resource; what changes everywhere is not told again for each."""
        everywhere = {(row.names, row.gained) for row in rows if row.resource == EVERYWHERE}
        new = [row for row in rows if row.resource == EVERYWHERE or (row.names, row.gained) not in everywhere]
        for resource, there in groupby(new, key=lambda row: row.resource):
            yield self._change_of(user, resource, list(there))

    def _change_of(self, user: Any, resource: str, rows: Sequence[Gain]) -> Change:
        gained = self._spelled(tuple(row.names for row in rows if row.gained))
        lost = self._spelled(tuple(row.names for row in rows if not row.gained))
        return Change(user=user, name=rows[0].name, resource=resource, gained=gained, lost=lost)

    def _spell(self, classes: tuple[int, ...]) -> Names:
        return frozenset[str]().union(*(self._classes[each] for each in classes))


def _stamp() -> str | None:
    return HouseStamp.objects.values_list("value", flat=True).first()


def _concerned(roles: Names, now: dt.datetime) -> Sequence[Any]:
    """Return the keys of the active people who have one of these roles or are denied it, in order."""
    people = get_user_model()._base_manager.filter(is_active=True).order_by("pk").values_list("pk", flat=True)
    if not roles:
        return ()
    if MEMBER not in roles:
        grants = Grant.objects.live(now).filter(role__in=roles).order_by()
        groups = grants.filter(group__isnull=False).values("group")
        members = Membership.objects.filter(group__in=groups).order_by()
        people = people.filter(pk__in=grants.filter(user__isnull=False).values("user").union(members.values("user")))
    return list(people)
