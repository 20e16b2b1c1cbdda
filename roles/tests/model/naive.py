"""Who may do what, worked out from plain collections with nothing kept, joined or cut short."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Given:
    """A grant, as it would stand on paper."""

    holder: str
    role: str
    resource: str
    denies: bool
    end: dt.datetime | None

    def reaches(self, holders: set[str], places: set[str], *, denies: bool) -> bool:
        """Tell whether it gives, or denies, something to one of these holders in one of these places."""
        return self.holder in holders and self.resource in places and self.denies == denies

    def lives(self, now: dt.datetime) -> bool:
        """Tell whether its end has not come."""
        return self.end is None or self.end > now


@dataclass
class House:
    """All that an answer depends on."""

    permissions: dict[str, set[str]] = field(default_factory=dict)
    inherits: dict[str, set[str]] = field(default_factory=dict)
    members: dict[str, set[str]] = field(default_factory=dict)
    parents: dict[str, set[str]] = field(default_factory=dict)
    superusers: set[str] = field(default_factory=set)
    grants: dict[tuple[str, str, str, bool], Given] = field(default_factory=dict)

    def allows(self, person: str, permission: str, resource: str, now: dt.datetime) -> bool:
        """Tell whether a person may do something on a resource, or everywhere (an empty text)."""
        given, denied = (
            self._names(person, resource, now, denies=False),
            self._names(person, resource, now, denies=True),
        )
        given |= {name for role in reached("member", self.inherits) for name in self.permissions[role]}
        given |= {"*"} if person in self.superusers else set()
        return any(covers(name, permission) for name in given) and not any(
            covers(name, permission) or covers(permission, name) for name in denied
        )

    def _names(self, person: str, resource: str, now: dt.datetime, *, denies: bool) -> set[str]:
        holders = {person} | self._groups_of(person)
        places = {""} | (reached(resource, self.parents) if resource else set())
        hers = [each for each in self.grants.values() if each.reaches(holders, places, denies=denies)]
        roles = {role for grant in hers if grant.lives(now) for role in reached(grant.role, self.inherits)}
        return {name for role in roles for name in self.permissions[role]}

    def _groups_of(self, person: str) -> set[str]:
        return {group for group, members in self.members.items() if person in members}


def covers(name: str, asked: str) -> bool:
    """Tell whether having one name is having the other."""
    return name in {asked, "*"} or (name.endswith(".*") and asked.startswith(name[:-1]))


def reached(start: str, steps: Mapping[str, Iterable[str]]) -> set[str]:
    """Return where one gets to from here, here included."""
    found, waiting = set[str](), [start]
    while waiting:
        here = waiting.pop()
        waiting.extend(set(steps.get(here, ())) - found - {here})
        found.add(here)
    return found
