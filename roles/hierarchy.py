"""Roles among themselves: what one holds with all that it inherits, and which roles come to hold a permission."""

from django.db import connection

_PERMISSIONS_OF = """
WITH RECURSIVE reached(role) AS (
    SELECT CAST(%s AS text)
    UNION SELECT CAST(i.inherits_id AS text) FROM reached JOIN roles_inheritance i ON i.role_id = reached.role
)
SELECT DISTINCT p.permission FROM roles_rolepermission p WHERE p.role_id IN (SELECT role FROM reached)
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
    SELECT CAST(role_id AS text) FROM roles_rolepermission WHERE permission = %s
    UNION SELECT CAST(i.role_id AS text) FROM reached JOIN roles_inheritance i ON i.inherits_id = reached.role
)
SELECT role FROM reached
"""


def permissions_of(role: str) -> frozenset[str]:
    """Return what a role holds, inherited permissions included, wildcards as they are; one statement."""
    return _names(_PERMISSIONS_OF, role)


def sensitive_in(role: str) -> frozenset[str]:
    """Return the sensitive roles among this one and those that it inherits; one statement."""
    return _names(_SENSITIVE, role)


def roles_holding(permission: str) -> frozenset[str]:
    """Return the roles that hold exactly this permission, by themselves or by inheritance; one statement."""
    return _names(_ROLES_HOLDING, permission)


def _names(statement: str, name: str) -> frozenset[str]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [name])
        return frozenset(found for (found,) in cursor.fetchall())
