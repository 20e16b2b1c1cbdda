"""Who may do something: the question of `effective.allows` turned round, answered for everybody by one query."""

import datetime as dt
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import QuerySet

from roles import hierarchy, lineage
from roles.builtin import MEMBER
from roles.models import Grant, GrantQuerySet, Membership, RolePermission
from roles.resources import EVERYWHERE
from roles.vocabulary import satisfying, touches


def of(*, permission: str, resource: str = EVERYWHERE, now: dt.datetime) -> QuerySet[Any]:
    """Return the people who may do something at `now`, on a resource or everywhere, in the order of their keys.

    A query that is evaluated later and may be narrowed, counted and cut into pages; to build it costs five statements
    at most, whatever the number of people, roles and grants.
    """
    places = {EVERYWHERE, resource, *lineage.above_all({resource} - {EVERYWHERE}).get(resource, ())}
    grants = Grant.objects.live(now).filter(resource__in=places).order_by()
    giving = hierarchy.roles_holding(*satisfying(permission))
    people = get_user_model()._base_manager.filter(is_active=True).order_by("pk")
    if MEMBER not in giving:
        own, by_group = _holders(grants.filter(denies=False, role__in=giving))
        flagged = get_user_model()._base_manager.filter(is_superuser=True).order_by().values("pk")
        people = people.filter(pk__in=own.union(by_group, flagged))
    denials = grants.filter(denies=True)
    if denials.exists():
        own, by_group = _holders(denials.filter(role__in=hierarchy.roles_holding(*_touching(permission))))
        people = people.exclude(pk__in=own.union(by_group))
    return people


def _holders(grants: GrantQuerySet) -> tuple[QuerySet[Any, Any], QuerySet[Any, Any]]:
    """Return whom grants were made to: themselves, and by their groups."""
    groups = grants.filter(group__isnull=False).values("group")
    members = Membership.objects.filter(group__in=groups).order_by()
    return grants.filter(user__isnull=False).values("user"), members.values("user")


def _touching(permission: str) -> list[str]:
    """Return the names of which one, denied, denies the permission."""
    held = RolePermission.objects.order_by().values_list("permission", flat=True).distinct()
    return [name for name in held if touches(name, permission)]
