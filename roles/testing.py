"""For the tests of the apps above: roles and grants in one call, made by the same functions as everywhere."""

import datetime as dt
from collections.abc import Iterable

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from kit.clock import utcnow
from kit.ids import uuid7
from roles import effective, grants, stamps
from roles.models import Grant, Group, Inheritance, Membership, Placement, Role, RolePermission
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
    holder: grants.Holder,
    role: Role | str,
    *,
    resource: str = EVERYWHERE,
    denies: bool = False,
    expires_at: dt.datetime | None = None,
    now: dt.datetime | None = None,
) -> Grant:
    """Give a person or a group a role, or deny it, as the operator does."""
    name = role if isinstance(role, str) else role.name
    given = grants.give(
        holder=holder,
        role=name,
        resource=resource,
        denies=denies,
        expires_at=expires_at,
        actor=None,
        now=now or utcnow(),
    )
    return given.grant


def allow(holder: grants.Holder, *permissions: str, resource: str = EVERYWHERE) -> Grant:
    """Give a person or a group exactly these permissions, by a role made for it."""
    return give_role(holder, _role_of(*permissions), resource=resource)


def deny(holder: grants.Holder, *permissions: str, resource: str = EVERYWHERE) -> Grant:
    """Deny a person or a group exactly these permissions, by a role made for it."""
    return give_role(holder, _role_of(*permissions), resource=resource, denies=True)


def make_group(name: str, *members: AbstractBaseUser) -> Group:
    """Make a group of these people."""
    now = utcnow()
    with transaction.atomic():
        stamps.lock(now=now)
        group = Group.objects.create(name=name, created_at=now)
        for member in members:
            stamps.renew_person(member.pk)
        Membership.objects.bulk_create([Membership(user_id=each.pk, group=group, created_at=now) for each in members])
    return group


def place(resource: str, parent: str) -> None:
    """Put a resource below another."""
    now = utcnow()
    with transaction.atomic():
        stamps.lock(now=now)
        stamps.renew_tree()
        Placement.objects.create(resource=resource, parent=parent, created_at=now)


def _role_of(*permissions: str) -> Role:
    return make_role(f"made-{uuid7().hex}", *permissions)
