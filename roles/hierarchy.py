"""Roles among themselves: what one holds with all that it inherits, and which roles come to hold a permission."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection

_PERMISSIONS_OF = """
WITH RECURSIVE reached(role) AS (
    SELECT CAST(name AS text) FROM roles_role WHERE name IN ({places})
    UNION SELECT CAST(i.inherits_id AS text) FROM reached JOIN roles_inheritance i ON i.role_id = reached.role
)
SELECT DISTINCT p.permission FROM roles_rolepermission p WHERE p.role_id IN (SELECT role FROM reached)
"""

_REACHED_FROM = """
WITH RECURSIVE reached(role) AS (
    SELECT CAST(name AS text) FROM roles_role WHERE name IN ({places})
    UNION SELECT CAST(i.inherits_id AS text) FROM reached JOIN roles_inheritance i ON i.role_id = reached.role
)
SELECT role FROM reached
"""

_SENSITIVE = """
WITH RECURSIVE reached(role) AS (
    SELECT CAST(%s AS text)
    UNION SELECT CAST(i.inherits_id AS text) FROM reached JOIN roles_inheritance i ON i.role_id = reached.role
)
SELECT r.name FROM roles_role r WHERE r.sensitive AND r.name IN (SELECT role FROM reached)
"""

_ROLES_HOLDING = """
WITH RECURSIVE reached(role) AS (
    SELECT CAST(role_id AS text) FROM roles_rolepermission WHERE permission IN ({places})
    UNION SELECT CAST(i.role_id AS text) FROM reached JOIN roles_inheritance i ON i.inherits_id = reached.role
)
SELECT role FROM reached
"""

_ALL_SENSITIVE = """
WITH RECURSIVE reached(role) AS (
    SELECT CAST(name AS text) FROM roles_role WHERE sensitive
    UNION SELECT CAST(i.role_id AS text) FROM reached JOIN roles_inheritance i ON i.inherits_id = reached.role
)
SELECT role FROM reached
"""

_HEIRS = """
WITH RECURSIVE heirs(role) AS (
    SELECT CAST(%s AS text)
    UNION SELECT CAST(i.role_id AS text) FROM heirs JOIN roles_inheritance i ON i.inherits_id = heirs.role
)
SELECT role FROM heirs
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sum:
    """Some roles with all that they inherit, and what all of those hold."""

    roles: frozenset[str] = frozenset()
    permissions: frozenset[str] = frozenset()


class Excerpt:
    """The part of the hierarchy that some roles reach, as it was read: what each role inherits, and what it holds."""

    def __init__(self) -> None:
        self.inherits: dict[str, list[str]] = defaultdict(list)
        self.permissions: dict[str, list[str]] = defaultdict(list)
        self._sums: dict[frozenset[str], Sum] = {}

    def sum_of(self, roles: Iterable[str]) -> Sum:
        """Return what roles come to together; each combination of them is added up once."""
        together = frozenset(roles)
        if together not in self._sums:
            reached = self._reached_from(together)
            held = frozenset[str]().union(*(self.permissions.get(role, ()) for role in reached))
            self._sums[together] = Sum(roles=reached, permissions=held)
        return self._sums[together]

    def _reached_from(self, roles: frozenset[str]) -> frozenset[str]:
        reached, ahead = set(roles), list(roles)
        while ahead:
            new = [role for role in self.inherits.get(ahead.pop(), ()) if role not in reached]
            reached.update(new)
            ahead.extend(new)
        return frozenset(reached)


def permissions_of(*roles: str) -> frozenset[str]:
    """Return what these roles hold, inherited permissions included, wildcards as they are; one statement."""
    return _of_each(_PERMISSIONS_OF, roles)


def sensitive_in(role: str) -> frozenset[str]:
    """Return the sensitive roles among this one and those that it inherits; one statement."""
    return _names(_SENSITIVE, role)


def all_sensitive() -> frozenset[str]:
    """Return every role that is sensitive, or inherits one that is; one statement."""
    return _names(_ALL_SENSITIVE)


def reached_from(*roles: str) -> frozenset[str]:
    """Return these roles and all that they inherit, however far; one statement."""
    return _of_each(_REACHED_FROM, roles)


def heirs_of(role: str) -> frozenset[str]:
    """Return a role and all that inherit it, however far; one statement."""
    return _names(_HEIRS, role)


def roles_holding(*permissions: str) -> frozenset[str]:
    """Return the roles that hold exactly one of these permissions, by themselves or by inheritance; one statement."""
    return _of_each(_ROLES_HOLDING, permissions)


def _of_each(statement: str, names: Sequence[str]) -> frozenset[str]:
    return _names(statement.format(places=", ".join(["%s"] * len(names))), *names) if names else frozenset()


def _names(statement: str, *names: str) -> frozenset[str]:
    with connection.cursor() as cursor:
        cursor.execute(statement, names)
        return frozenset(found for (found,) in cursor.fetchall())
