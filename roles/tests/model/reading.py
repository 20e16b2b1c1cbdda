"""The naive house as the tables have it."""

from collections import defaultdict
from collections.abc import Iterable

from roles.models import Grant, Inheritance, Membership, Placement, Role, RolePermission
from roles.tests.model.naive import Given, House
from roles.tests.people.models import Person


def house() -> House:
    """Return everything that an answer depends on; people are named by their address."""
    names = dict(Person.objects.values_list("pk", "email"))
    found = House(superusers=set(Person.objects.filter(is_superuser=True).values_list("email", flat=True)))
    found.permissions = {name: set() for name in Role.objects.values_list("name", flat=True)}
    for role, permission in RolePermission.objects.values_list("role_id", "permission"):
        found.permissions[role].add(permission)
    found.inherits = _sets(Inheritance.objects.values_list("role_id", "inherits_id"))
    found.parents = _sets(Placement.objects.values_list("resource", "parent"))
    found.members = _sets((group, names[user]) for group, user in Membership.objects.values_list("group_id", "user_id"))
    for grant in Grant.objects.all():
        holder = names[grant.user_id] if grant.user_id else str(grant.group_id)
        key = (holder, grant.role_id, grant.resource, grant.denies)
        found.grants[key] = Given(*key, end=grant.expires_at)
    return found


def _sets(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    found = defaultdict[str, set[str]](set)
    for one, other in pairs:
        found[one].add(other)
    return found
