"""What a role is, as it is written down: in a form, in a call, in a file. Its name is not part of it."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import TypedDict

from roles import builtin
from roles.models import Inheritance, Role, RolePermission


@dataclass(frozen=True, kw_only=True, slots=True)
class Definition:
    """What a role is for, holds and inherits; whether its grants need a second person, and whether people may ask."""

    description: str = ""
    permissions: frozenset[str] = frozenset()
    inherits: frozenset[str] = frozenset()
    sensitive: bool = False
    requestable: bool = False


class Changes(TypedDict, total=False):
    """What is to be different about a role; what is not named stays."""

    description: str
    permissions: Iterable[str]
    inherits: Iterable[str]
    sensitive: bool
    requestable: bool


BLANK = Definition()


def changed(before: Definition, changes: Changes) -> Definition:
    """Return a definition with some of it changed."""
    return replace(
        before,
        description=changes.get("description", before.description),
        permissions=frozenset(changes.get("permissions", before.permissions)),
        inherits=frozenset(changes.get("inherits", before.inherits)),
        sensitive=changes.get("sensitive", before.sensitive),
        requestable=changes.get("requestable", before.requestable),
    )


def built_in(role: str) -> Definition:
    """Return what a built-in role is in the code, before staff decide anything about it. Raises KeyError."""
    code = builtin.ROLES[role]
    return Definition(description=code.description, permissions=code.permissions, inherits=code.inherits)


def of(role: str) -> Definition | None:
    """Return what a role is now; None: there is no such role. Three statements."""
    return read([role]).get(role)


def read(names: Collection[str] | None = None) -> dict[str, Definition]:
    """Return what these roles are now, by name, or what all are; three statements however many there are."""
    roles, permissions, parents = Role.objects.all(), RolePermission.objects.all(), Inheritance.objects.all()
    if names is not None:
        roles = roles.filter(name__in=names)
        permissions, parents = permissions.filter(role__in=names), parents.filter(role__in=names)
    held, inherited = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    for role, permission in permissions.values_list("role_id", "permission"):
        held[role].add(permission)
    for role, parent in parents.values_list("role_id", "inherits_id"):
        inherited[role].add(parent)
    return {
        row.name: Definition(
            description=row.description,
            permissions=frozenset(held[row.name]),
            inherits=frozenset(inherited[row.name]),
            sensitive=row.sensitive,
            requestable=row.requestable,
        )
        for row in roles.order_by("name")
    }
