"""For the tests of the apps above: roles and grants in one call, made by the same functions as everywhere."""

import datetime as dt
from collections.abc import Iterable

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from kit.clock import utcnow
from roles import effective, grants, stamps
from roles.models import Grant, Inheritance, Role, RolePermission
from roles.resources import EVERYWHERE

forget_sets = effective.forget


def make_role(name: str, *permissions: str, inherits: Iterable[str] = ()) -> Role:
    """Make a role that holds these permissions and inherits these roles."""
    with transaction.atomic():
        stamps.lock(now=utcnow())
        stamps.renew_house()
        role = Role.objects.create(name=name)
        RolePermission.objects.bulk_create([RolePermission(role=role, permission=each) for each in permissions])
        Inheritance.objects.bulk_create([Inheritance(role=role, inherits_id=each) for each in inherits])
    return role


def give_role(
    user: AbstractBaseUser,
    role: Role | str,
    *,
    resource: str = EVERYWHERE,
    expires_at: dt.datetime | None = None,
    now: dt.datetime | None = None,
) -> Grant:
    """Give a person a role as the operator does."""
    name = role if isinstance(role, str) else role.name
    given = grants.give(user=user, role=name, resource=resource, expires_at=expires_at, actor=None, now=now or utcnow())
    return given.grant


def allow(user: AbstractBaseUser, *permissions: str, resource: str = EVERYWHERE) -> Grant:
    """Give a person exactly these permissions, by a role made for it."""
    return give_role(user, make_role(f"made-for-{user.pk}-{Role.objects.count()}", *permissions), resource=resource)
